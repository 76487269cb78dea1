#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "agent/deploy/mcu_link.hpp"
#include "config/result.hpp"

namespace haltere::agent {

struct StreamRequest {
  std::uint32_t samples = 0;
  float rate_hz = 0.0F;  ///< 0: as it samples already, or what the sensor likes
};

struct StreamCounts {
  float rate_hz = 0.0F;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;  ///< by the sensor or on the line: numbers that never came
};

/// Takes a sample's counts and how many came before it, lost ones included.
using TakeSample = std::function<void(std::uint64_t number, std::span<const std::int16_t> counts)>;

/// Receives raw samples of the microcontroller's own sensor until all came or none come any more.
/// Errors: of McuLink; unavailable when it was started anew meanwhile.
[[nodiscard]] Result<StreamCounts> receive_stream(McuLink& link, const StreamRequest& request,
                                                  const TakeSample& take);

}  // namespace haltere::agent
