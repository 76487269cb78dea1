#pragma once

#include <cstdint>
#include <span>

#include "learner/archive.hpp"
#include "learner/batch.hpp"
#include "learner/recent_rows.hpp"
#include "learner/trainer.hpp"
#include "models/random.hpp"

namespace haltere::learner {

/// A net that starts anew at a drift and learns only the rows since, beside the one that remembers
/// more. When it answers clearly better over the newest rows it takes its place; after
/// `longest_life` rows without that it is given up. Allocates only when constructed.
class Shadow {
 public:
  /// Nets like `trainer`'s, none if the settings do not ask for them.
  Shadow(const ModelSettings& settings, const models::Network& network);

  /// Begins with fresh weights and no rows.
  void start();

  /// Judges both nets by `example`, which stands first in `batch` and which `answer` [outputs] of
  /// the other net is to; then learns it in `steps` steps. True once it should take over.
  bool observe(std::span<const float> answer, const Example& example, Batch& batch,
               std::size_t steps);

  /// Makes `trainer` answer and go on as this net, which ends.
  void take_over(Trainer& trainer);

  [[nodiscard]] bool alive() const { return alive_; }

  void exchange(Archive& archive);

  static constexpr std::uint64_t longest_life = 3000;

 private:
  Task task_;
  bool wanted_;
  bool alive_ = false;
  Trainer fresh_;  ///< as at the start
  Trainer trainer_;
  RecentRows recent_;
  models::Random random_;
  std::uint64_t rows_ = 0;
  double loss_ = 0.0;
  double other_loss_ = 0.0;
};

}  // namespace haltere::learner
