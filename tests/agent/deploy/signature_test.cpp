// Models signed elsewhere: what is taken, and what is not.
#include "agent/deploy/signature.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agent/store/atomic_file.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

class Signed : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(key.store(folder.path() / "maker"));
    const auto loaded = load_public_key(folder.path() / "maker.pub");
    ASSERT_TRUE(loaded) << loaded.error().message;
    maker = {*loaded};
  }

  void write(const std::filesystem::path& name, const std::string& text) const {
    ASSERT_TRUE(write_file_atomically(folder.path() / name, bytes_of(text)));
  }

  ScratchFolder folder;
  SigningKey key = SigningKey::random();
  std::vector<PublicKey> maker;
  const Bytes bundle = Bytes(300, 7);
};

TEST_F(Signed, IsTakenAndNoOtherModelIs) {
  const std::string signature = key.sign(bundle);
  EXPECT_TRUE(verify(bundle, signature, maker));
  for (std::size_t bit = 0; bit < 8 * bundle.size(); ++bit) {
    Bytes changed = bundle;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(verify(changed, signature, maker)) << bit;
  }
  EXPECT_FALSE(verify(Bytes(bundle.size() + 1, 7), signature, maker));
  EXPECT_FALSE(verify(std::span(bundle).first(299), signature, maker));
}

TEST_F(Signed, NoOtherSignatureIsTaken) {
  const std::string signature = key.sign(bundle);
  for (std::size_t at = 0; at < signature.size(); ++at) {
    std::string changed = signature;
    changed[at] = changed[at] == '0' ? '1' : '0';
    EXPECT_FALSE(verify(bundle, changed, maker)) << at;
  }
  for (std::size_t size = 0; size + 1 < signature.size(); ++size)
    EXPECT_FALSE(verify(bundle, signature.substr(0, size), maker)) << size;
  const Status other = verify(bundle, SigningKey::random().sign(bundle), maker);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::refused);
  EXPECT_FALSE(verify(bundle, signature, {}));
}

TEST_F(Signed, TheSecretIsItsOwnersAloneAndNeverOverwritten) {
  const auto mode = std::filesystem::status(folder.path() / "maker").permissions();
  EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
  EXPECT_FALSE(SigningKey::random().store(folder.path() / "maker"));
  const auto same = SigningKey::load(folder.path() / "maker");
  ASSERT_TRUE(same);
  EXPECT_EQ(same->sign(bundle), key.sign(bundle));
  EXPECT_EQ(SigningKey::load(folder.path() / "maker.pub").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(load_public_key(folder.path() / "maker").error().kind, ErrorKind::corrupt);
}

// RFC 8032, section 7.1, TEST 1: the key of this seed.
TEST_F(Signed, KeysAreThoseOfTheStandard) {
  write("seed",
        "haltere-ed25519-secret "
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n");
  const auto standard = SigningKey::load(folder.path() / "seed");
  ASSERT_TRUE(standard);
  EXPECT_TRUE(standard->sign(bundle).starts_with(
      "haltere-ed25519-signature "
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a "));
}

TEST_F(Signed, FilesAreAskedForTheirSignatureOnceAKeyIsTrusted) {
  const TrustedKeys trusted(folder.path() / "state");
  const auto file = folder.path() / "x.hb";
  EXPECT_TRUE(trusted.check(bundle, file)) << "no key is trusted";
  ASSERT_TRUE(trusted.add(folder.path() / "maker.pub"));
  const Status without = trusted.check(bundle, file);
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().message.find("x.hb.sig"), std::string::npos);
  write("x.hb.sig", key.sign(bundle));
  EXPECT_TRUE(trusted.check(bundle, file));
  write("x.hb.sig", SigningKey::random().sign(bundle));
  EXPECT_EQ(trusted.check(bundle, file).error().kind, ErrorKind::refused);
  write("x.hb.sig", "nonsense");
  EXPECT_EQ(trusted.check(bundle, file).error().kind, ErrorKind::corrupt);
  write("state/trusted-keys/broken.pub", "nonsense");
  write("x.hb.sig", key.sign(bundle));
  EXPECT_FALSE(trusted.check(bundle, file)) << "a damaged key is not passed over";
}

}  // namespace
}  // namespace haltere::agent
