#include "mcu/link/ascon.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/environment.hpp"

namespace haltere::link {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// One published vector; the ciphertext ends in the tag.
struct Vector {
  std::string key = "000102030405060708090A0B0C0D0E0F";
  std::string nonce = "101112131415161718191A1B1C1D1E1F";
  std::string plain;
  std::string data;
  std::string sealed;
};

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

Bytes seal(const Vector& vector) {
  const Bytes key = from_hex(vector.key);
  const Bytes data = from_hex(vector.data);
  Bytes out = from_hex(vector.plain);
  Ascon ascon;
  ascon.begin(key.data(), from_hex(vector.nonce).data());
  ascon.absorb(data.data(), data.size());
  ascon.end_data();
  ascon.encrypt(out.data(), out.size());
  out.resize(out.size() + ascon_tag_bytes);
  ascon.tag(key.data(), out.data() + out.size() - ascon_tag_bytes);
  return out;
}

/// Whether the tag fits; `plain` is what the ciphertext stands for.
bool unseal(const Vector& vector, Bytes sealed, Bytes& plain) {
  const Bytes key = from_hex(vector.key);
  const Bytes data = from_hex(vector.data);
  std::array<std::uint8_t, ascon_tag_bytes> tag{};
  const std::size_t count = sealed.size() - ascon_tag_bytes;
  Ascon ascon;
  ascon.begin(key.data(), from_hex(vector.nonce).data());
  // In pieces: what comes together does not matter.
  ascon.absorb(data.data(), data.size() / 2);
  ascon.absorb(data.data() + data.size() / 2, data.size() - data.size() / 2);
  ascon.end_data();
  ascon.decrypt(sealed.data(), count / 3);
  ascon.decrypt(sealed.data() + count / 3, count - count / 3);
  ascon.tag(key.data(), tag.data());
  plain.assign(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(count));
  return equal_in_constant_time(tag.data(), sealed.data() + count, tag.size());
}

void expect_both_ways(const Vector& vector, bool flip_bits) {
  const Bytes sealed = from_hex(vector.sealed);
  ASSERT_EQ(seal(vector), sealed);
  Bytes plain;
  ASSERT_TRUE(unseal(vector, sealed, plain));
  ASSERT_EQ(plain, from_hex(vector.plain));
  for (std::size_t bit = 0; flip_bits && bit < 8 * sealed.size(); ++bit) {
    Bytes forged = sealed;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_FALSE(unseal(vector, forged, plain)) << "bit " << bit;
  }
}

/// Those of NIST SP 800-232 that ascon-c publishes as LWC_AEAD_KAT_128_128.txt.
std::vector<Vector> published() {
  std::ifstream file(recordings_folder() / "../facts/ascon/LWC_AEAD_KAT_128_128.txt");
  std::vector<Vector> vectors;
  Vector next;
  for (std::string line; std::getline(file, line);) {
    const auto sign = line.find('=');
    if (sign == std::string::npos) continue;
    const std::string name = line.substr(0, line.find(' '));
    const std::string value = sign + 2 < line.size() ? line.substr(sign + 2) : "";
    if (name == "Key") next.key = value;
    if (name == "Nonce") next.nonce = value;
    if (name == "PT") next.plain = value;
    if (name == "AD") next.data = value;
    if (name != "CT") continue;
    next.sealed = value;
    vectors.push_back(next);
  }
  return vectors;
}

TEST(Ascon, GivesKnownAnswersAndRefusesEveryFlippedBit) {
  const std::vector<Vector> some{
      {.plain = "", .data = "", .sealed = "4F9C278211BEC9316BF68F46EE8B2EC6"},
      {.plain = "", .data = "30", .sealed = "CCCB674FE18A09A285D6AB11B35675C0"},
      {.plain = "",
       .data = "303132333435363738393A3B3C3D3E3F",
       .sealed = "E4230CDB8330EE9DC0CFD7C7B346E6DC"},
      {.plain = "",
       .data = "303132333435363738393A3B3C3D3E3F40",
       .sealed = "BD8851CD3AF9847844839A791DD70E8C"},
      {.plain = "202122232425262728292A2B2C2D2E2F",
       .data = "",
       .sealed = "E8C3DEEE246CC5EAE3E872313897A2BB9EAA915C9DD3245D77048F24D46D27A7"},
      {.plain = "202122232425262728292A2B2C2D2E2F",
       .data = "303132333435363738393A3B3C3D3E3F",
       .sealed = "6373EBB28BE97C9BAC090CF399C13EF13ABFC0D209E8F4844C90814D13F32C59"},
      {.plain = "202122232425262728292A2B2C2D2E2F",
       .data = "303132333435363738393A3B3C3D3E3F40",
       .sealed = "BF77C71B3DE9F1C5B372EF273A08E89B6A67A7A5995C860CE8F00BC0FC2EBAD6"},
      {.plain = "202122232425262728292A2B2C2D2E2F30",
       .data = "3031323334",
       .sealed = "3076658CBA8BF3BB6DCCAA2F1255EE2E7D609638CD44C6CD4D5FBF32ED95EFCC14"},
      {.plain = "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F",
       .data = "303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F",
       .sealed = "CB34D04660A66DBFBE9C856601F5B8AA51A499B55AC8F7FBEFBC331A613EE9CDFD191750"
                 "A47F211C0A15ED28173D7CAA"},
  };
  for (const Vector& vector : some) expect_both_ways(vector, true);
}

TEST(Ascon, GivesAllPublishedAnswers) {
  const auto vectors = published();
  if (vectors.empty())
    GTEST_SKIP()
        << "no ../facts/ascon/LWC_AEAD_KAT_128_128.txt beside the recordings; set HALTERE_DATA";
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    ASSERT_NO_FATAL_FAILURE(expect_both_ways(vectors[i], i % 100 == 0)) << "vector " << i + 1;
  }
  std::printf("known answers: %zu of %zu\n", vectors.size(), vectors.size());
  EXPECT_EQ(vectors.size(), 1089U);
}

TEST(Ascon, DerivesTheTagOfAssociatedDataAlone) {
  const Vector empty{.plain = "", .data = "30", .sealed = "CCCB674FE18A09A285D6AB11B35675C0"};
  const std::uint8_t data = 0x30;
  Bytes derived(16);
  ascon_derive(from_hex(empty.key).data(), from_hex(empty.nonce).data(), &data, 1, derived.data());
  EXPECT_EQ(derived, from_hex(empty.sealed));
}

}  // namespace
}  // namespace haltere::link
