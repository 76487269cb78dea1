#pragma once

#include "models/kernels/lanes_f32.hpp"

namespace haltere {
namespace kernels {

// Functions that a C library has too, but not with the same bits everywhere: these are made of
// + - * / alone.

/// Natural logarithm of normal x > 0, within 2e-7 of it relative to the larger of 1 and the result.
Lanes logarithm_lanes(Lanes x);
float logarithm_f32(float x);

/// e^x for |x| <= 80, within 3e-7 of it.
float exponential_f32(float x);

/// sin(2 pi turns) for 0 <= turns <= 1/4, within 2e-7.
float sine_of_turns_f32(float turns);

}  // namespace kernels
}  // namespace haltere
