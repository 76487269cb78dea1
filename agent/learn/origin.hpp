#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/table/rows.hpp"
#include "config/result.hpp"
#include "learner/beginning.hpp"
#include "learner/model_settings.hpp"
#include "learner/online_model.hpp"

namespace haltere::agent {

/// A model to learn on from, as its bundle left it.
struct LearnOrigin {
  learner::Beginning beginning;
  std::string name;            ///< id and version, for messages
  std::uint64_t identity = 0;  ///< of the bundle
  std::vector<std::uint8_t> recipe;
};

/// Errors: those of a bundle that is none; invalid for packed weights.
[[nodiscard]] Result<LearnOrigin> read_origin(std::span<const std::uint8_t> bundle_bytes);

/// Makes hidden layers and activation the origin's. Errors: invalid for layers that a model does
/// not learn: of unlike activations, or linear ones.
[[nodiscard]] Status adopt_layers(const LearnOrigin& origin, learner::ModelSettings& model);

/// Makes windows and columns the origin's where nothing else was asked for: columns of the table
/// `path` alone that made its inputs. Errors: those of opening the table.
[[nodiscard]] Status adopt_inputs(const LearnOrigin& origin, const std::string& path,
                                  TableSettings& reading, std::optional<Windowing>& windowing);

/// Whether rows of `names` that come about by `recipe` are what the origin learned from. Errors:
/// invalid, naming what is missing.
[[nodiscard]] Status check_inputs(const LearnOrigin& origin, const std::vector<std::string>& names,
                                  std::span<const std::uint8_t> recipe);

/// Adds the classes that the origin knows and the table does not show.
void add_labels(const LearnOrigin& origin, TablePlan& plan);

/// What `model`, which began from the origin, took over of it: one sentence for the user.
[[nodiscard]] std::string what_goes_on(const LearnOrigin& origin,
                                       const learner::OnlineModel& model);

}  // namespace haltere::agent
