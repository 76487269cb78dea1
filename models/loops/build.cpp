// The loops for one vector width and one arithmetic: HALTERE_LOOPS names the namespace,
// HALTERE_LANES is the number of floats in a vector, HALTERE_FUSED is 1 where products and sums may
// be contracted.
#include "models/loops/activation.hpp"
#include "models/loops/backward_row.hpp"
#include "models/loops/descend.hpp"
#include "models/loops/descend_back.hpp"
#include "models/loops/forward_rows.hpp"
#include "models/loops/gradient.hpp"
#include "models/loops/norm.hpp"
#include "models/loops/optimizer_steps.hpp"

namespace haltere::models::HALTERE_LOOPS {

extern const FloatLoops table;
const FloatLoops table{.name = HALTERE_LOOPS_NAME,
                       .forward = forward,
                       .backward = backward,
                       .gradient = gradient,
                       .descend = descend,
                       .descend_back = descend_back,
                       .relu = relu,
                       .leaky_relu = leaky_relu,
                       .tanh = tanh,
                       .sigmoid = sigmoid,
                       .softmax = softmax,
                       .norm_squared = norm_squared,
                       .sgd_step = sgd_step,
                       .momentum_step = momentum_step,
                       .adam_step = adam_step};

}  // namespace haltere::models::HALTERE_LOOPS
