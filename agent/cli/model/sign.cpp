#include "agent/cli/model/sign.hpp"

#include <iostream>
#include <memory>
#include <string>

#include "agent/cli/commands.hpp"
#include "agent/cli/model/file.hpp"
#include "agent/deploy/registry.hpp"
#include "agent/deploy/signature.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/state_folder.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  std::string file;
  std::string key;
  ModelSource source;
};

int keygen(const Arguments& arguments) {
  const Status stored = SigningKey::random().store(arguments.file);
  if (!stored) return fail(stored.error());
  std::cout << "made " << arguments.file << ", which signs: keep it to yourself; and "
            << arguments.file << ".pub, which others `haltere model trust`\n";
  return exit_done;
}

int sign(const Arguments& arguments) {
  const auto key = SigningKey::load(arguments.key);
  if (!key) return fail(key.error());
  const auto bundle = read_whole_file(arguments.file, max_bundle_bytes);
  if (!bundle) return fail(bundle.error());
  const std::string text = key->sign(*bundle);
  const auto place = signature_path(arguments.file);
  const Status written = write_file_atomically(
      place, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  if (!written) return fail(written.error());
  std::cout << "made " << place.string() << '\n';
  return exit_done;
}

int verify_model(const Arguments& arguments) {
  const auto key = load_public_key(arguments.key);
  if (!key) return fail(key.error());
  const auto bundle = read_whole_file(arguments.file, max_bundle_bytes);
  if (!bundle) return fail(bundle.error());
  const auto place = signature_path(arguments.file);
  const auto text = read_whole_file(place, 4096);
  if (!text) return fail(text.error());
  const Status good = verify(*bundle, std::string(text->begin(), text->end()), {&*key, 1});
  if (!good) return fail({good.error().kind, "'" + place.string() + "' " + good.error().message});
  std::cout << arguments.file << " is signed by " << arguments.key << '\n';
  return exit_done;
}

int trust(const Arguments& arguments) {
  const auto place = TrustedKeys(state_folder(arguments.source.state)).add(arguments.file);
  if (!place) return fail(place.error());
  std::cout << "trusted as " << place->string()
            << "; from now on `haltere mcu push` takes files only if a trusted key signed them\n";
  return exit_done;
}

}  // namespace

void add_model_sign(Command model, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command generator = model.add_subcommand("keygen", "Make a key pair that signs models (Ed25519)");
  generator.add_option("file", arguments->file, "Where the secret key goes; the other to FILE.pub")
      .required();
  generator.callback([arguments, &exit_code] { exit_code = keygen(*arguments); });

  Command signer = model.add_subcommand("sign", "Sign a .hb file: writes FILE.sig beside it");
  signer.add_option("file", arguments->file, "The bundle").required();
  signer.add_option("--key", arguments->key, "The secret key, of `haltere model keygen`")
      .required();
  signer.callback([arguments, &exit_code] { exit_code = sign(*arguments); });

  Command verifier = model.add_subcommand("verify", "Check the signature FILE.sig of a .hb file");
  verifier.add_option("file", arguments->file, "The bundle").required();
  verifier.add_option("--key", arguments->key, "The signer's .pub file").required();
  verifier.callback([arguments, &exit_code] { exit_code = verify_model(*arguments); });

  Command truster = model.add_subcommand(
      "trust",
      "Hand over files to microcontrollers only if this key, or another so trusted, signed");
  truster.add_option("file", arguments->file, "A signer's .pub file").required();
  add_model_state(truster, arguments->source);
  truster.callback([arguments, &exit_code] { exit_code = trust(*arguments); });
}

}  // namespace haltere::agent
