#pragma once

#include <cstddef>
#include <span>

#include "config/result.hpp"
#include "learner/compress/fit.hpp"
#include "models/network.hpp"

namespace haltere::learner {

/// `network` with as many units in its hidden layers as `widths` says, each at most what it has:
/// whole units go, so that bytes and multiplications fall in proportion. Those go first whose
/// absence the layer above notices least: the deviation of the unit's activation over `rows` times
/// the norm of its outgoing weights. What a unit gave on average goes into the biases above.
[[nodiscard]] Result<models::Network> prune(const models::Network& network,
                                            std::span<const std::size_t> widths,
                                            const FitRows& rows);

}  // namespace haltere::learner
