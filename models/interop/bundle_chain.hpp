#pragma once

#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/float_model.hpp"
#include "models/interop/chain.hpp"

namespace haltere::models::interop {

/// The inverse of int8_bundle: operators of which TensorFlow Lite Micro makes the layers of
/// `bundle`, to the byte. Errors: invalid, naming a layer that no operators stand for.
[[nodiscard]] Result<Chain> chain_of(const Bundle& bundle);

/// The inverse of float_model.
[[nodiscard]] Result<Chain> chain_of(const FloatModel& model);

}  // namespace haltere::models::interop
