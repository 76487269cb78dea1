#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/batch.hpp"
#include "learner/recent_rows.hpp"
#include "learner/trainer.hpp"
#include "models/random.hpp"

namespace haltere::learner {

/// Nets beside the steady one that follow the newest rows, and the weights with which all of them
/// answer together. The steady net remembers the whole stream and is the one that is handed over;
/// where a stream drifts, or where rows that follow each other are alike, nets that forget answer
/// better. Which do is not known beforehand, so the answers are mixed: each net weighs
/// exp(-loss), summed over its recent rows (the aggregating algorithm, Vovk 1990, with losses that
/// fade; squared losses, for which it is sound: Vovk and Zhdanov, JMLR 2009). Does a bounded amount
/// of work per row and allocates only when constructed.
class Followers {
 public:
  /// Starts nets like `steady`, with weights of their own; none if the settings say so, nor for
  /// anomaly, where no truth tells which is right.
  Followers(const ModelSettings& settings, const models::Network& steady);

  [[nodiscard]] bool any() const { return !nets_.empty(); }

  /// The mixture of `steady`, the steady net's answer to x [inputs], and the followers'. Valid
  /// until the next call. `unlearned` rows came since the last one learned: what follows the newest
  /// truth is trusted less as that grows old, and after `longest_trust` rows not at all, so that
  /// the answers are the steady net's once labels stop.
  std::span<const float> mix(std::span<const float> steady, std::span<const float> x,
                             std::uint64_t unlearned);
  static constexpr std::uint64_t longest_trust = 16;

  /// Weighs the nets anew by their answers to x, whose truth is `truth`; before they learn it.
  void judge(std::span<const float> steady, std::span<const float> x, const Truth& truth);

  /// Learns `example`, which stands first in `batch`, in `steps` steps with recent rows, and
  /// remembers it. Uses the other places of `batch`. A net whose gradient is not finite starts
  /// again as a copy of `steady`.
  void learn(Batch& batch, const Example& example, std::size_t steps,
             const models::Network& steady);

  /// Weight of each answer in the mixture, the steady net's first; 1 in all.
  [[nodiscard]] std::span<const float> weights() const { return weights_; }

  /// Goes on where `narrow` stands, nets alike with one class less.
  /// Makes every net answer as `steady`.
  void begin_with(const models::Network& steady);

  void widen_from(Followers&& narrow);

  void exchange(Archive& archive);

 private:
  struct Net {
    Trainer trainer;
    bool replays;  ///< learns recent rows again; otherwise the newest alone
  };

  float loss_of(std::span<const float> answer, const Truth& truth) const;
  void judge(std::size_t index, std::span<const float> answer, const Truth& truth);
  StepOutcome step(Net& net, Batch& batch);

  Task task_;
  std::size_t judged_;  ///< outputs that a net is judged by, the first ones
  std::vector<Net> nets_;
  RecentRows recent_;
  models::Random random_;
  std::vector<double> losses_;  ///< fading sums, the steady net's first
  std::vector<float> weights_;
  std::vector<float> mixture_;
};

}  // namespace haltere::learner
