#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "config/result.hpp"
#include "learner/archive.hpp"
#include "learner/candidate.hpp"
#include "learner/metrics.hpp"
#include "learner/online_model.hpp"
#include "models/bundle.hpp"

namespace haltere::learner {

/// When a model is handed over.
struct HandOver {
  std::size_t after = 50;      ///< labelled windows between candidates, and windows of each contest
  double if_better_by = 0.01;  ///< classify: accuracy gained; else share of the error taken away
};

/// Right answers among those given, of each class.
struct ClassHits {
  std::array<std::uint32_t, max_labels> given{};
  std::array<std::uint32_t, max_labels> right{};

  void add(std::size_t truth, bool hit);
  [[nodiscard]] double accuracy() const;
  /// Of class `truth`; 0 while it did not occur.
  [[nodiscard]] double recall(std::size_t truth) const;
  void exchange(Archive& archive);
};

/// Decides, from the stream alone, when the int8 model that runs elsewhere is replaced: after every
/// `after` labelled windows a candidate is quantized; it and the deployed bundle then both answer
/// the next `after` labelled windows, before the model learns from them, and the candidate replaces
/// the other if it did better by the margin, and on no class that occurred worse by more than
/// `worst_class_loss`. The first candidate, with nothing deployed, is taken
/// at once. An anomaly model, which has no labels, counts every window and compares mean scores.
class Promotion {
 public:
  Promotion(HandOver settings, CandidateInfo info);

  /// Sees a labelled window before `model` learns it; `time_ns` is its newest sample's. Returns the
  /// bundle to deploy when one was promoted by this window. Errors: from quantization; the contest
  /// then starts over.
  Result<std::optional<std::vector<std::uint8_t>>> observe(const OnlineModel& model,
                                                           std::span<const float> row,
                                                           const Target& target,
                                                           std::int64_t time_ns);

  /// Takes `bundle` as the deployed one: after a restart or a rollback. Errors: as
  /// Int8Model::create.
  Status adopt(std::vector<std::uint8_t> bundle);

  [[nodiscard]] const models::Int8Model* deployed() const;
  [[nodiscard]] std::uint64_t promoted() const { return promoted_; }
  [[nodiscard]] std::uint64_t discarded() const { return discarded_; }

  /// What a candidate may lose in the recall of a single class, however much it gains elsewhere.
  static constexpr double worst_class_loss = 0.01;

  /// Everything that decides what happens next, as OnlineModel's.
  [[nodiscard]] std::vector<std::uint8_t> save() const;
  Status restore(std::span<const std::uint8_t> bytes);

 private:
  /// One side of the contest.
  struct Entrant {
    models::Int8Model model;
    models::Bundle bundle;
    ClassHits answers;
    ErrorSums errors;
  };

  static Result<Entrant> enter(std::vector<std::uint8_t> bytes);
  static void judge(const OnlineModel& model, Entrant& entrant, std::span<const float> row,
                    const Target& target);
  static void judge_values(const OnlineModel& model, Entrant& entrant, const Prediction& prediction,
                           const Target& target);
  static void exchange(Archive& archive, std::optional<Entrant>& entrant);
  void exchange(Archive& archive);
  [[nodiscard]] bool is_better() const;
  Status nominate(const OnlineModel& model, std::int64_t time_ns);
  Result<std::vector<std::uint8_t>> promote();
  Result<std::optional<std::vector<std::uint8_t>>> end_contest(const OnlineModel& model,
                                                               std::int64_t time_ns);

  HandOver settings_;
  CandidateInfo info_;
  std::optional<Entrant> deployed_;
  std::optional<Entrant> candidate_;
  std::uint64_t seen_ = 0;  ///< labelled windows since the contest began
  std::uint64_t promoted_ = 0;
  std::uint64_t discarded_ = 0;
  std::uint32_t next_version_ = 1;
};

}  // namespace haltere::learner
