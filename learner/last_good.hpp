#pragma once

#include <cstdint>
#include <span>

#include "learner/archive.hpp"
#include "learner/batch.hpp"
#include "learner/trainer.hpp"

namespace haltere::learner {

/// The newest generation of a net that was found good: its weights, its optimizer and the scales of
/// its inputs. Both it and the net that learns on answer each row before it is learned; when the
/// learning net does clearly worse over the newest rows, or gives no number at all, it has diverged
/// and goes back to that generation, bit for bit (anomaly: the latter alone). A change of the
/// stream is no divergence: there the generation is the one that does worse. Allocates only when
/// constructed.
class LastGood {
 public:
  /// Begins with the net as it is.
  LastGood(Task task, const Batch& batch, const Trainer& trainer);

  enum class Verdict : std::uint8_t {
    undecided,
    renewed,   ///< the learning net became the generation
    diverged,  ///< `roll_back` is due
  };

  /// Compares the learning net's answer [outputs] to `example`, which stands first in `batch` with
  /// its truth, with the generation's.
  Verdict judge(std::span<const float> answer, const Example& example, const Batch& batch,
                const Trainer& trainer);

  /// Makes `batch` scale and `trainer` answer as the generation, to the bit.
  void roll_back(Batch& batch, Trainer& trainer);

  /// Takes the learning net as the generation, whatever it answers.
  void renew(const Batch& batch, const Trainer& trainer);

  /// The generation's weights.
  [[nodiscard]] std::span<const float> parameters() const {
    return trainer_.network().parameters();
  }

  void exchange(Archive& archive);

  static constexpr std::uint64_t rows_between_generations = 256;

 private:
  Verdict decide(const Batch& batch, const Trainer& trainer);
  void start_over();

  Task task_;
  Batch batch_;      ///< of the generation
  Trainer trainer_;  ///< likewise
  std::uint64_t rows_ = 0;
  double loss_ = 0.0;       ///< of the learning net, fading sum
  double good_loss_ = 0.0;  ///< of the generation
  double weight_ = 0.0;     ///< of the rows in them
};

}  // namespace haltere::learner
