#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mcu/link/sensing.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {

/// A sensor's channel as its microcontroller calls it.
struct McuChannel {
  std::string name;
  float scale = 1.0F;  ///< value of one count
};

/// Decides anew what a microcontroller decided by its own sensor: of the samples that it streamed,
/// by the same kernels and the same votes.
class DecisionCheck {
 public:
  DecisionCheck() = default;
  explicit DecisionCheck(std::vector<McuChannel> channels);

  /// Takes the next sample; one whose number does not follow makes all before it useless.
  void add(std::uint32_t number, std::span<const std::int16_t> counts);

  /// Whether the samples up to `number` were taken.
  [[nodiscard]] bool reaches(std::uint32_t number) const {
    return static_cast<std::int32_t>(next_ - number) > 0;
  }

  /// Whether `model` decides as `change` says, if `votes` of the last `of` windows decide. Nothing
  /// when samples of those windows are not here.
  [[nodiscard]] std::optional<bool> agrees(const link::ChangeNotice& change,
                                           models::Int8Model& model, int votes, int of);

 private:
  [[nodiscard]] bool holds(std::uint32_t first, std::uint32_t last) const;
  bool find_channels(const kernels::RecipeView& recipe);
  [[nodiscard]] int verdict(models::Int8Model& model, std::uint32_t first);

  std::vector<McuChannel> channels_;
  std::vector<std::int16_t> ring_;  // [ring_samples][channels]
  std::uint32_t next_ = 0;          // number of the sample that follows
  std::uint32_t held_ = 0;          // samples before it without a gap, at most ring_samples
  std::vector<std::size_t> used_;   // the recipe's channels among channels_
  std::vector<float> window_;
  std::vector<float> features_;
  std::vector<float> scratch_;
};

}  // namespace haltere::agent
