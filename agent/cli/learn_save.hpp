#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "agent/deploy/registry.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// Version of the next model `id` in `state`: one above the newest.
[[nodiscard]] std::uint32_t next_version(const std::filesystem::path& state, std::string_view id);

/// Stores a model's bundle among those of its id in `state`. Errors: those of Registry; invalid
/// when the newest one there has other inputs, labels or another task: it is not this one's
/// predecessor but another model of the same name.
[[nodiscard]] Result<StoredModel> keep_learned(const std::filesystem::path& state,
                                               std::span<const std::uint8_t> bundle);

}  // namespace haltere::agent
