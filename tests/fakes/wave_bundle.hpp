#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/kernels/bundle_view.hpp"

namespace haltere::fakes {

struct WaveModel {
  float rate_hz = 100.0F;
  std::uint16_t window_samples = 64;
  std::uint16_t step_samples = 32;
  std::uint32_t version = 1;
  std::vector<std::string> channels{"ax", "ay", "az", "gx", "gy", "gz"};
};

/// A net of random weights over windows of the firmware's made-up sensor, normalised to it, so that
/// its movements are told apart.
std::vector<std::uint8_t> wave_bundle(const WaveModel& model = {});

/// What a window that ended with sample `last` gives.
struct WaveJudgement {
  std::uint32_t last = 0;
  kernels::Verdict verdict{};
  std::vector<std::int8_t> inputs;  ///< quantized
};

/// What this machine makes of the first `samples` samples, by ways other than the firmware's.
std::vector<WaveJudgement> judge_wave(const std::vector<std::uint8_t>& bundle,
                                      std::uint32_t samples);

}  // namespace haltere::fakes
