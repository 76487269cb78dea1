#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/deploy/mcu_link.hpp"
#include "agent/deploy/registry.hpp"
#include "config/json.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// A model as the microcontroller calls it, and the stored one that it comes from.
struct ModelThere {
  std::uint64_t hash = 0;
  std::optional<RecognisedModel> source;
};

/// Finds where `hash`, a model on the microcontroller of `info`, comes from.
[[nodiscard]] ModelThere model_there(std::uint64_t hash, const McuInfo& info,
                                     const Registry& registry);

/// "HASH", "HASH, gesture version 5" or "HASH, packed from gesture version 5, IDENTITY".
[[nodiscard]] std::string to_text(const ModelThere& model);

/// {"id", "version", "identity"} of it, or null.
[[nodiscard]] nlohmann::ordered_json source_json(const ModelThere& model);

/// Prints what the microcontroller is, runs and counted; `registry` says which of its models those
/// are. Errors: of McuLink::status.
Status show_mcu_status(McuLink& link, const Registry& registry, bool json);

}  // namespace haltere::agent
