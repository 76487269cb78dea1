#pragma once

namespace haltere {
namespace kernels {

/// Square root, correctly rounded on every core: the processor's instruction where there is one,
/// integer arithmetic elsewhere. Negative or NaN gives NaN; -0 gives -0.
float square_root_f32(float x);

/// The integer version alone.
float square_root_f32_portable(float x);

}  // namespace kernels
}  // namespace haltere
