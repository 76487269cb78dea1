#pragma once

#include <span>
#include <string>

#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/float_model.hpp"

namespace haltere::models {

/// Post-training quantization of an imported float model to the int8 bundle that microcontrollers
/// run. `rows` [count][inputs] are what it will see, in its own order of inputs, which `columns`
/// [inputs] name. Inputs are normalised by the rows' mean and deviation, which the first layer's
/// weights undo, so that inputs of any sizes share the 8 bits; beyond 8 deviations they saturate.
/// relu6 stays exact: no step lies above 6. Errors: invalid for a step that int8 layers cannot
/// follow, naming it, and as `quantize`.
[[nodiscard]] Result<Bundle> quantize_float(const FloatModel& model, std::span<const float> rows,
                                            std::span<const std::string> columns);

}  // namespace haltere::models
