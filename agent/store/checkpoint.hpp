#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "agent/pipeline/model_node.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// `<state>/models/<id>/checkpoint`.
[[nodiscard]] std::filesystem::path checkpoint_path(const std::filesystem::path& state,
                                                    std::string_view model_id);

/// `<state>/models/<id>/<version>.hb`, as the registry knows it.
[[nodiscard]] std::filesystem::path bundle_path(const std::filesystem::path& state,
                                                std::string_view model_id, std::uint32_t version);

/// Lets `model` go on where its checkpoint in `state` ends. False when there is none. Errors:
/// corrupt or invalid (of other settings); the checkpoint is then kept aside as `checkpoint.bad`,
/// the model starts fresh, and the message says both.
[[nodiscard]] Result<bool> resume_model(const std::filesystem::path& state, ModelNode& model);

/// Writes the checkpoint of `model`, whole or not at all. Errors: as write_file_atomically.
[[nodiscard]] Status save_model(const std::filesystem::path& state, const ModelNode& model);

}  // namespace haltere::agent
