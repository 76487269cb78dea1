#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/model_settings.hpp"

namespace haltere::learner {

/// How much the loss of a row counts, by its class c: as the settings list it, or, `balanced`,
/// w_c = n / (K n_c), where n_c of the n newest rows that steps were taken on, remembered rows
/// among them, are of class c and K classes were seen. So all classes pull alike however rare they
/// are, and a replay that is balanced already is left as it is. Older rows fade out of the counts
/// over about `memory_rows`; no weight exceeds `largest`, or a class's first row would throw
/// everything over. Allocates only when constructed.
class ClassWeights {
 public:
  /// `classes`: of the net, 0 unless it classifies; `max_rows`: of the largest step.
  ClassWeights(const LearnSettings& settings, std::size_t classes, std::size_t max_rows);

  /// Whether rows differ in weight at all.
  [[nodiscard]] bool any() const { return balanced_ || !listed_.empty(); }

  /// Counts the rows of a step and gives their weights, [labels]; valid until the next call.
  std::span<const float> weigh(std::span<const std::int32_t> labels);

  void exchange(Archive& archive);

  static constexpr double memory_rows = 4096.0;
  static constexpr double largest = 16.0;

 private:
  void count(std::span<const std::int32_t> labels);

  bool balanced_;
  std::vector<float> listed_;   ///< of each class; empty = none
  std::vector<double> counts_;  ///< fading rows of each class
  std::vector<float> by_class_;
  std::vector<float> by_row_;
};

}  // namespace haltere::learner
