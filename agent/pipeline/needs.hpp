#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "agent/pipeline/spec.hpp"
#include "config/node.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// What a model costs, known before it has seen anything: sizes do not depend on weights.
struct ModelNeeds {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<std::size_t> parameters;   ///< per layer, biases included
  std::size_t multiply_accumulates = 0;  ///< of one inference
  std::size_t bundle_bytes = 0;          ///< flash: the int8 bundle
  std::size_t ram_bytes = 0;             ///< working memory of one inference
};

/// Needs of the model `spec`, whose window has `recipe`. Errors: invalid, as quantizer and format
/// refuse it.
[[nodiscard]] Result<ModelNeeds> needs_of(const ModelSpec& spec,
                                          std::span<const std::uint8_t> recipe);

/// The recipe of the window that feeds `model`.
[[nodiscard]] std::vector<std::uint8_t> recipe_of(const PipelineSpec& spec, const ModelSpec& model);

/// Complains about models that do not fit the memory declared for their microcontroller.
void check_needs(const PipelineSpec& spec, std::vector<config::Diagnostic>& diagnostics);

}  // namespace haltere::agent
