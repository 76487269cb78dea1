#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kernels/pane_f32.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/vector_f32.hpp"
#include "models/kernels/window_panes.hpp"

namespace haltere::fusion {

/// The panes (kernels::Pane or kernels::PairPane) of which a sliding window consists. Allocates
/// only when made.
template <typename Pane>
class SlidingPanes {
 public:
  explicit SlidingPanes(const kernels::WindowPanes& panes) : panes_(panes), levels_(panes.levels) {
    for (std::size_t level = 0; level < levels_.size(); ++level)
      levels_[level].resize((std::size_t{1} << level) + 1);
  }

  /// The next window is another's successor no more.
  void forget() { added_ = 0; }

  /// The pane of the window one step after that before; `make` and `append` as for
  /// kernels::window_pane, which comes to the same bits.
  template <typename Make, typename Append>
  [[nodiscard]] Pane move(Make make, Append append) {
    if (added_ == 0) {
      for (std::size_t unit = 0; unit < panes_.units; ++unit)
        add(kernels::unit_pane(panes_, unit * panes_.step, make, append), append);
    } else {
      add(newest_unit(make, append), append);
    }
    Pane window = whole_units(append);
    if (panes_.rest > 0) {
      rest_ = make(panes_.units * panes_.step, panes_.rest);
      append(window, rest_);
    }
    return window;
  }

 private:
  /// It begins with what was the rest behind the last unit of the window before.
  template <typename Make, typename Append>
  [[nodiscard]] Pane newest_unit(Make make, Append append) const {
    const std::size_t first = (panes_.units - 1) * panes_.step;
    if (panes_.rest == 0) return make(first, panes_.step);
    Pane unit = rest_;
    append(unit, make(first + panes_.rest, panes_.step - panes_.rest));
    return unit;
  }

  /// The block of 2^level units that ends with unit `last`.
  [[nodiscard]] const Pane& block(std::size_t level, std::uint64_t last) const {
    return levels_[level][last % levels_[level].size()];
  }

  /// Unit number `added_`, and the longer blocks that end with it.
  template <typename Append>
  void add(Pane newest, Append append) {
    for (std::size_t level = 0;; ++level) {
      const std::uint64_t units = std::uint64_t{1} << level;
      levels_[level][added_ % levels_[level].size()] = newest;
      if (level + 1 == levels_.size() || added_ + 1 < 2 * units) break;
      Pane both = block(level, added_ - units);
      append(both, newest);
      newest = both;
    }
    ++added_;
  }

  template <typename Append>
  [[nodiscard]] Pane whole_units(Append append) const {
    std::size_t level = panes_.levels - 1;
    std::uint64_t end = added_ - panes_.units + (std::uint64_t{1} << level);
    Pane window = block(level, end - 1);
    while (level-- > 0) {
      if ((panes_.units >> level) % 2 == 0) continue;
      end += std::uint64_t{1} << level;
      append(window, block(level, end - 1));
    }
    return window;
  }

  kernels::WindowPanes panes_;
  std::vector<std::vector<Pane>> levels_;  ///< rings of blocks of 2^level units, one per unit
  Pane rest_{};
  std::uint64_t added_ = 0;  ///< units
};

/// Sums over sliding windows, of which each window adds up only the samples that are new, with the
/// bits that kernels::evaluate_recipe finds of a window alone. Allocates only when made.
class WindowSums {
 public:
  /// Whether windows of so many samples have any in common.
  [[nodiscard]] static bool pays(std::size_t samples, std::size_t step) { return step < samples; }

  explicit WindowSums(const kernels::RecipeView& recipe);

  /// The next window is another's successor no more.
  void forget();

  /// Takes the window `step` after the one before; channel c's samples are window[c * stride] and
  /// those after it.
  void move(const float* window, std::size_t stride);

  [[nodiscard]] const kernels::Pane* panes() const { return panes_.data(); }
  [[nodiscard]] const kernels::PairPane* pairs() const { return pairs_.data(); }

 private:
  struct Pair {
    std::size_t x;
    std::size_t y;
  };

  kernels::PaneNeeds needs_;
  std::vector<Pair> pair_channels_;  ///< as kernels::WindowView wants them
  std::vector<SlidingPanes<kernels::Pane>> sliding_;
  std::vector<SlidingPanes<kernels::PairPane>> sliding_pairs_;
  std::vector<kernels::Pane> panes_;
  std::vector<kernels::PairPane> pairs_;
};

}  // namespace haltere::fusion
