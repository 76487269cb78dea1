#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "agent/pipeline/spec.hpp"

namespace haltere::agent {

/// The resolved pipeline: streams with rates and channels, windows, models with their sizes, and
/// where they go.
[[nodiscard]] nlohmann::json describe_pipeline(const PipelineSpec& spec);

/// The same as lines for a person.
[[nodiscard]] std::string pipeline_text(const nlohmann::json& description);

}  // namespace haltere::agent
