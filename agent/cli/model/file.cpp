#include "agent/cli/model/file.hpp"

#include <iostream>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/deploy/registry.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/state_folder.hpp"

namespace haltere::agent {
namespace {

bool names_a_file(const std::string& model) {
  return model.ends_with(".hb") || model.find('/') != std::string::npos;
}

}  // namespace

void add_model_source(Command command, ModelSource& source) {
  command.add_option("model", source.model, "Its id, or a .hb file").required();
  command.add_option("--version", source.version, "Which version; the newest if absent").positive();
  add_model_state(command, source);
}

void add_model_state(Command command, ModelSource& source) {
  command.add_option("--state", source.state,
                     "The agent's state folder; default as for `haltere run`");
}

Result<std::vector<std::uint8_t>> read_model(const ModelSource& source) {
  if (names_a_file(source.model)) return read_whole_file(source.model, max_bundle_bytes);
  const Registry registry(state_folder(source.state));
  if (source.version != 0) return registry.load(source.model, source.version);
  const auto newest = registry.newest(source.model);
  if (!newest)
    return Error{ErrorKind::not_found,
                 newest.error().message + "; see `haltere model list`, or give a .hb file"};
  return registry.load(newest->id, newest->version);
}

int write_output(const std::string& output, std::span<const std::uint8_t> bytes) {
  if (output.empty() || output == "-") {
    for (const std::uint8_t byte : bytes) std::cout.put(static_cast<char>(byte));
    return exit_done;
  }
  const Status written = write_file_atomically(output, bytes);
  return written ? exit_done : fail(written.error());
}

int fail(const Error& error) {
  print_error(error.message);
  return exit_failed;
}

}  // namespace haltere::agent
