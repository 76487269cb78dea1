#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "learner/archive.hpp"
#include "learner/mahalanobis.hpp"
#include "learner/prototypes.hpp"
#include "learner/tail_threshold.hpp"

namespace haltere::learner {

/// Ways to score a row; each has a threshold of its own.
enum class AnomalyScorer : std::uint8_t { reconstruction, mahalanobis, prototype, blend };

inline constexpr std::array anomaly_scorers{AnomalyScorer::reconstruction,
                                            AnomalyScorer::mahalanobis, AnomalyScorer::prototype,
                                            AnomalyScorer::blend};

[[nodiscard]] std::string_view to_string(AnomalyScorer scorer);

/// One row's scores, by AnomalyScorer, and which of them are above their thresholds.
struct AnomalyScores {
  std::array<float, anomaly_scorers.size()> values{};
  std::array<bool, anomaly_scorers.size()> abnormal{};

  [[nodiscard]] float of(AnomalyScorer scorer) const {
    return values[static_cast<std::size_t>(scorer)];
  }
  [[nodiscard]] bool is_abnormal(AnomalyScorer scorer) const {
    return abnormal[static_cast<std::size_t>(scorer)];
  }
};

struct AnomalySettings {
  double false_alarm_rate = 1e-4;  ///< wanted share of normal rows that alarm
  std::size_t learn_normal = 400;  ///< rows taken as normal without being judged
  std::size_t memory = 10'000;     ///< rows after which old ones weigh less
  std::size_t prototypes = 64;
};

/// Judges rows beside an autoencoder: scores them by robust Mahalanobis distance and by the nearest
/// prototype, which cost little and are often better, and by a blend of all three: the exponential
/// of the weighted mean of their logarithms, each standardised over the normal rows. Each has a
/// threshold from the tail of its scores. Learns normal rows
/// first, then only rows that its blend does not find abnormal, so that an anomaly is not learned
/// however long it lasts; a lasting change that is none has to be called normal by a person.
class AnomalyJudge {
 public:
  explicit AnomalyJudge(std::size_t inputs, AnomalySettings settings = {});

  /// Scores a usable row [inputs], of which the autoencoder's score is given.
  [[nodiscard]] AnomalyScores score(std::span<const float> row, float reconstruction);

  /// Whether a row with these scores should be learned, by this and by the autoencoder.
  [[nodiscard]] bool is_learnable(const AnomalyScores& scores) const;

  /// Learns a row held to be normal, whose scores were given before.
  void learn(std::span<const float> row, const AnomalyScores& scores);

  /// Takes the next `learn_normal` rows as normal again, whatever they are.
  void relearn() { judged_from_ = learned_ + settings_.learn_normal; }

  /// The share of each input in the blend, [inputs], each 0..1, together 1 (or all 0): the mean of
  /// its shares in the scores. `reconstruction`: squared error of each input, [inputs].
  void explain(std::span<const float> row, std::span<const float> reconstruction,
               std::span<float> shares);

  [[nodiscard]] float threshold(AnomalyScorer scorer) const {
    return tails_[static_cast<std::size_t>(scorer)].threshold();
  }
  [[nodiscard]] std::uint64_t learned() const { return learned_; }

  void exchange(Archive& archive);

 private:
  [[nodiscard]] float blend(std::span<const float> scores) const;
  [[nodiscard]] bool knows_scales() const;
  void scale(std::span<const float> scores);
  void refresh_deviations();

  AnomalySettings settings_;
  Mahalanobis mahalanobis_;
  Prototypes prototypes_;
  std::array<TailThreshold, anomaly_scorers.size()> tails_;
  /// Mean and variance of a scorer's logarithms over the normal rows.
  struct LogScale {
    double mean = 0.0;
    double variance = 1.0;
  };
  std::array<LogScale, 3> scales_;
  double scaled_ = 0.0;  ///< rows that the scales are of, at most `memory`
  std::uint64_t learned_ = 0;
  std::uint64_t judged_from_;      ///< rows learned before abnormal ones are left out
  std::vector<float> deviations_;  ///< [inputs]
  std::vector<float> parts_;       ///< [inputs], of a score while it is explained
};

}  // namespace haltere::learner
