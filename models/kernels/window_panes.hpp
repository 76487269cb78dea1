#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

/// How a window of N samples that moves by `step` is put together, counted from its oldest sample:
/// units of `step` samples, so that the next window's are the same ones but for the newest; behind
/// the last whole one a rest of N modulo step. A unit consists of a pane as long as that rest and
/// one of what is left, so that the rest is part of the next window's newest unit too: no sample is
/// ever added up twice. Units are put together to blocks of 2, 4, 8 ... of them, and the window to
/// blocks as the binary digits of their number say, the longest first: where blocks are kept, a
/// window takes no more than two panes put together per digit.
struct WindowPanes {
  size_t step;
  size_t rest;   ///< samples behind the last whole unit, fewer than `step`; N if the step is longer
  size_t units;  ///< whole ones
  size_t levels = 0;  ///< binary digits of `units`; block l, l < levels, is of 2^l units

  /// No step is taken as one as long as the window: no recipe that was checked has it, but no byte
  /// that changed since may stop the program.
  WindowPanes(size_t samples, size_t step_samples)
      : step(step_samples == 0 ? samples : step_samples),
        rest(samples % step),
        units(samples / step) {
    while (units >> levels != 0) ++levels;
  }

  /// Panes of scratch that window_pane needs.
  size_t stack() const { return levels; }
};

/// Of samples `first` to `first` + panes.step - 1: `make(first, count)` gives a pane and
/// `append(pane, next)` puts two together.
template <typename Make, typename Append>
auto unit_pane(const WindowPanes& panes, size_t first, Make make, Append append) {
  if (panes.rest == 0) return make(first, panes.step);
  auto unit = make(first, panes.rest);
  append(unit, make(first + panes.rest, panes.step - panes.rest));
  return unit;
}

/// Of a whole window, nothing of which is known: what a window that keeps its blocks comes to as
/// well. `stack` [panes.stack()] is overwritten.
template <typename Pane, typename Make, typename Append>
Pane window_pane(const WindowPanes& panes, Make make, Append append, Pane* stack) {
  if (panes.units == 0) return make(0, panes.rest);
  size_t depth = 0;
  for (size_t unit = 0; unit < panes.units; ++unit) {
    stack[depth] = unit_pane(panes, unit * panes.step, make, append);
    for (size_t done = unit + 1; done % 2 == 0; done /= 2, --depth) {
      append(stack[depth - 1], stack[depth]);
    }
    ++depth;
  }
  for (size_t i = 1; i < depth; ++i) append(stack[0], stack[i]);
  if (panes.rest != 0) append(stack[0], make(panes.units * panes.step, panes.rest));
  return stack[0];
}

}  // namespace kernels
}  // namespace haltere
