#include "agent/store/checkpoint.hpp"

#include <string>
#include <system_error>

#include "agent/store/atomic_file.hpp"

namespace haltere::agent {
namespace {

constexpr std::size_t max_checkpoint_bytes = std::size_t{512} * 1024 * 1024;

}  // namespace

std::filesystem::path checkpoint_path(const std::filesystem::path& state,
                                      std::string_view model_id) {
  return state / "models" / model_id / "checkpoint";
}

std::filesystem::path bundle_path(const std::filesystem::path& state, std::string_view model_id,
                                  std::uint32_t version) {
  return state / "models" / model_id / (std::to_string(version) + ".hb");
}

Result<bool> resume_model(const std::filesystem::path& state, ModelNode& model) {
  const std::filesystem::path path = checkpoint_path(state, model.spec().id);
  const auto bytes = read_whole_file(path, max_checkpoint_bytes);
  if (!bytes && bytes.error().kind == ErrorKind::not_found) return false;
  if (!bytes) {
    return Error{bytes.error().kind,
                 "model '" + model.spec().id + "' starts fresh: " + bytes.error().message};
  }
  const Status restored = model.restore(*bytes);
  if (restored) return true;
  std::filesystem::path aside = path;
  aside += ".bad";
  std::error_code ignored;
  std::filesystem::rename(path, aside, ignored);
  return Error{restored.error().kind,
               "model '" + model.spec().id + "' starts fresh: its checkpoint cannot be used (" +
                   restored.error().message + "); it is kept as " + aside.string()};
}

Status save_model(const std::filesystem::path& state, const ModelNode& model) {
  return write_file_atomically(checkpoint_path(state, model.spec().id), model.save());
}

}  // namespace haltere::agent
