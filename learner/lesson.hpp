#pragma once

#include <cstddef>
#include <span>

namespace haltere::learner {

/// What a teacher answers to the rows of a step. A row's loss is then that of its truth times
/// 1 - share, and times the share that of the teacher's answer: half the mean squared difference,
/// or, of probabilities, T² times the cross entropy of both nets' with their odds to the power of
/// 1/T (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015).
struct Lesson {
  std::span<const float> answers;  ///< of its last layer, [rows][outputs]; empty = no lesson
  std::span<const float> shares;   ///< [rows], 0..1
  float temperature = 1.0F;        ///< T, 1 or more
};

/// Mixes the slopes of the lesson into `slopes` [rows][outputs], those of the truth, for the
/// activations `outputs` of a last layer that is softmax (`softmax`) or has no activation.
void mix_lesson_slopes(const Lesson& lesson, bool softmax, std::span<const float> outputs,
                       std::span<float> slopes, std::size_t rows);

/// The lesson's loss of one row, without its share.
[[nodiscard]] double lesson_loss(const Lesson& lesson, bool softmax,
                                 std::span<const float> row_outputs, std::size_t row);

}  // namespace haltere::learner
