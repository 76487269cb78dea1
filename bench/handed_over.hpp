#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "learner/online_model.hpp"
#include "models/bundle.hpp"

namespace haltere::bench {

/// `model` as a microcontroller gets it. Errors: of the quantizer.
[[nodiscard]] Result<models::Int8Model> handed_over(const learner::OnlineModel& model,
                                                    const std::string& id,
                                                    const std::vector<std::uint8_t>& recipe);

}  // namespace haltere::bench
