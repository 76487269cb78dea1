#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/batch.hpp"
#include "learner/loss.hpp"
#include "learner/online_model.hpp"
#include "learner/recent_rows.hpp"
#include "learner/replay.hpp"
#include "learner/trainer.hpp"
#include "models/random.hpp"

namespace haltere::learner {

/// A larger net that learns the same rows as the steady one, its student, which is too small to
/// find out by itself all that it can hold: what the teacher answers tells it more than the truth
/// does, and also what rows without a truth are. Only a teacher that answers better than the
/// student as of late is listened to. Does a bounded amount of work per row and allocates only when
/// constructed.
class Teacher {
 public:
  /// A net with the hidden layers `settings.learn.teacher` and outputs like the student's.
  Teacher(const ModelSettings& settings, const models::Network& student);

  /// Compares the student's answer [outputs] to `example`, which stands first in `batch`, with its
  /// own; before either learns it.
  void judge(std::span<const float> student, const Example& example, const Batch& batch);

  /// Whether the student should listen.
  [[nodiscard]] bool is_trusted() const { return trusted_; }

  /// The truth of the first `rows` rows of `batch`, with what it answers to them while it is
  /// trusted. Valid until the next call of any kind.
  Truth truth(const Batch& batch, std::size_t rows);

  /// One step on these rows, by their truth.
  void learn(const Batch& batch, std::size_t rows) {
    trainer_.step(batch.rows(), batch.truth(), rows);
  }

  /// As Optimizer's; and what it was set to last, in checkpoints too: by then no row with a truth,
  /// which sets it anew, may have come.
  void scale_rate(float factor) {
    rate_factor_ = factor;
    trainer_.scale_rate(factor);
  }
  [[nodiscard]] float rate_factor() const { return rate_factor_; }

  /// Remembers `row`, which has no truth, for the lessons that follow, and puts it first in
  /// `batch`, as what it is taken for.
  void remember(std::span<const float> row, Batch& batch);

  /// A lesson without a truth: puts the row remembered last, others such, and rows of `replay`, not
  /// empty, alternately into `batch`. Returns how many there are; `lesson` is of these.
  std::size_t place_lesson(Batch& batch, const Replay& replay);
  Truth lesson(const Batch& batch, std::size_t rows);

  void count_unlabelled() { ++figures_.unlabelled; }
  [[nodiscard]] TeacherFigures figures() const;

  /// Goes on where `narrow` stands, a teacher of one class less.
  void widen_from(Teacher&& narrow);

  void exchange(Archive& archive);

 private:
  [[nodiscard]] double score(std::span<const float> answer, const Example& example,
                             const Batch& batch) const;
  Truth taught(const Batch& batch, std::span<const float> shares);

  Task task_;
  float temperature_;
  Trainer trainer_;
  RecentRows unlabelled_;
  models::Random random_;
  std::vector<float> no_values_;      ///< regress: stand for those of other targets
  std::vector<float> shares_;         ///< of its answers in a step on rows with a truth, [rows]
  std::vector<float> lesson_shares_;  ///< likewise in a lesson
  float rate_factor_ = 1.0F;
  bool trusted_ = false;
  double loss_ = 0.0;          ///< wrong answers, or absolute errors, a fading sum
  double student_loss_ = 0.0;  ///< likewise
  TeacherFigures figures_;     ///< sums in place of means
};

/// None if the settings do not ask for it.
[[nodiscard]] std::optional<Teacher> make_teacher(const ModelSettings& settings,
                                                  const models::Network& student);

}  // namespace haltere::learner
