#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/demo/motion.hpp"

namespace haltere::demo {

/// The takes of a CSV with a header that names `rec`, `gesture` (or `label`) and ax_g ay_g az_g
/// gx_dps gy_dps gz_dps, in file order; consecutive rows of one `rec` are one take. Throws
/// std::runtime_error naming file and line.
std::vector<Take> read_recording(const std::string& path);

/// Puts `takes` in a random order that depends on `seed` alone.
void shuffle(std::vector<Take>& takes, std::uint64_t seed);

}  // namespace haltere::demo
