#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "learner/lesson.hpp"
#include "models/network.hpp"

namespace haltere::learner {

/// What a step makes smaller, per row: cross entropy -sum t ln p of a softmax output, where t is 1
/// at the label after `label_smoothing` of it was spread over all classes, or the mean over the
/// outputs of a function of the error e = y - target:
/// - squared: e² / 2
/// - huber: the same up to |e| = `huber_reach`, beyond it a straight line (Huber 1964)
/// - quantile: (1 - q) e above the target, -q e below it, least at the target's quantile q
///   (Koenker and Bassett 1978)
enum class LossKind : std::uint8_t { cross_entropy, squared, huber, quantile };

struct Loss {
  LossKind kind = LossKind::squared;
  float label_smoothing = 0.0F;  ///< cross_entropy: keeps sums small, so fits less noise and int8
  float huber_reach = 1.0F;      ///< huber: errors beyond it pull no harder, in the target's unit
  float quantile = 0.5F;         ///< quantile: q, 0.5 is the median
  /// Not cross_entropy: above 0, the outputs are in three parts of one size. The first has the loss
  /// of `kind`, the second and third those of the quantiles between which this share of the truths
  /// lies.
  float interval = 0.0F;
};

/// The truth of `rows` rows: `labels` [rows] for cross_entropy, `values` [rows][outputs]
/// for the others. Cross entropy without labels is that against `values`, each row's shares of all
/// classes (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015).
struct Truth {
  std::span<const std::int32_t> labels;
  std::span<const float> values;
  std::span<const float> weights{};  ///< [rows] of each row's loss; empty = 1 each
  Lesson lesson{};
};

/// d loss / d activations of the last layer for each row, over `rows`, so that a batch's gradient
/// is the mean of its rows': `slopes` [rows][outputs] from the activations `outputs`
/// [rows][outputs]. For cross_entropy the last layer is softmax, and the slopes are those of its
/// sums.
void loss_slopes(Loss loss, std::span<const float> outputs, const Truth& truth,
                 std::span<float> slopes, std::size_t rows);

/// Mean loss of the rows. Uses the C library's logarithm: for reports, never fed back into
/// learning.
[[nodiscard]] double mean_loss(Loss loss, std::span<const float> outputs, const Truth& truth,
                               std::size_t rows);

/// slopes *= d activation / d sum, from the activation's own values, which are `activations` times
/// `scale`.
void multiply_by_derivative(models::Activation activation, std::span<const float> activations,
                            std::span<float> slopes, float scale = 1.0F);

}  // namespace haltere::learner
