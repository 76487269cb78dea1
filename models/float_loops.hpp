#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace haltere::models {

/// Sizes of one dense layer's work: `rows` samples through W [inputs][outputs].
struct DenseSize {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::size_t rows = 1;
};

/// One row at a layer on the way back.
struct RowSlopes {
  const float* x = nullptr;   ///< [inputs]
  const float* dy = nullptr;  ///< [outputs]
  float* dx = nullptr;        ///< [inputs], to be found
  bool relu = false;          ///< x comes out of a relu: dx is 0 where x is not above 0
};

/// What every optimizer does alike: gradient *= gradient_scale, then parameters *= keep, then the
/// step of its own times `rate`.
struct StepFactors {
  float rate = 0.0F;
  float keep = 1.0F;            ///< 1 - rate * weight decay
  float gradient_scale = 1.0F;  ///< below 1 when the gradient is clipped
};

/// velocity = momentum * velocity + gradient; the step is along it, or along
/// gradient + momentum * velocity (Nesterov, as Sutskever et al. 2013 write it).
struct MomentumFactors {
  StepFactors step;
  float momentum = 0.0F;
  bool nesterov = false;
};

/// Factors of one Adam step (Kingma and Ba 2015), bias corrections already inside.
struct AdamFactors {
  StepFactors step;             ///< its rate over the first moment's correction
  float first_decay = 0.9F;     ///< beta1
  float second_decay = 0.999F;  ///< beta2
  float second_scale = 1.0F;    ///< 1 / (1 - beta2^t)
  float epsilon = 1e-8F;
};

struct AdamMoments {
  float* first = nullptr;   ///< running mean of the gradient
  float* second = nullptr;  ///< running mean of its square
};

/// Floats past the end of every array of parameters, activations, slopes or gradients that the
/// loops may read, so that they need no scalar tail. `forward` also writes as many past its y, and
/// `gradient` past its gradient: what follows there must come later.
inline constexpr std::size_t slack = 16;

/// The exact builds form reductions in this many partial sums, folded in halves, so that results do
/// not depend on the machine's vector width.
inline constexpr std::size_t reduction_lanes = 16;

/// Slope of a leaky relu below 0 (Maas, Hannun and Ng, ICML workshop 2013).
inline constexpr float leak = 0.01F;

/// How the loops round. `exact`: every product and sum on its own and in one order, so that all
/// builds on all machines give the same bits. `fused`: products and sums contracted where the CPU
/// can, in whatever order is fast; the same bits every time on one CPU, and within
/// `fused_tolerance` of `exact`.
enum class Arithmetic : std::uint8_t { exact, fused };

/// Largest difference between the arithmetics in a sum of `terms` products, relative to the sum of
/// the products' magnitudes: each rounds at most once per term, half a unit in the last place.
[[nodiscard]] constexpr double fused_tolerance(std::size_t terms) {
  return static_cast<double>(terms + 1) * 0x1p-23;
}

/// The same in a step of Adam, relative to the rate.
inline constexpr double fused_adam_tolerance = 2e-6;

/// The inner loops of dense float layers and optimizers, built once per vector width and
/// arithmetic. `parameters` is a layer's W [inputs][outputs] followed by its layer_bias [outputs].
struct FloatLoops {
  const char* name;

  /// y [rows][outputs] = layer_bias + x W, x [rows][inputs]; `rectified`: max(y, 0).
  void (*forward)(const float* parameters, const float* x, float* y, DenseSize size,
                  bool rectified);

  /// dx [rows][inputs] = dy W^T, dy [rows][outputs]. Where `relu` [rows][inputs], the layer's
  /// inputs if they come out of a relu, is given: 0 where it is not above 0.
  void (*backward)(const float* weights, const float* dy, const float* relu, float* dx,
                   DenseSize size);

  /// gradient (W, then layer_bias) = x^T dy and the column sums of dy, over all rows.
  void (*gradient)(const float* x, const float* dy, float* gradient, DenseSize size);

  /// parameters -= rate * gradient for one row, without forming the gradient.
  void (*descend)(float* parameters, const float* x, const float* dy, float rate, DenseSize size);

  /// `backward`, then `descend`, of one row in one pass over the parameters.
  void (*descend_back)(float* parameters, const RowSlopes& row, float rate, DenseSize size);

  /// Each element: max(x, 0); x, or leak * x below 0; tanh; logistic.
  void (*relu)(float* values, std::size_t count);
  void (*leaky_relu)(float* values, std::size_t count);
  void (*tanh)(float* values, std::size_t count);
  void (*sigmoid)(float* values, std::size_t count);
  /// exp(x - max) / sum over each row of values [rows][count].
  void (*softmax)(float* values, std::size_t rows, std::size_t count);

  /// Sum of squares.
  float (*norm_squared)(const float* values, std::size_t count);

  /// One step of plain SGD, of SGD with momentum, of Adam; velocity and moments are as long as the
  /// parameters. What fades ends at 0 instead of in denormals.
  void (*sgd_step)(float* parameters, const float* gradient, std::size_t count,
                   StepFactors factors);
  void (*momentum_step)(float* parameters, float* velocity, const float* gradient,
                        std::size_t count, const MomentumFactors& factors);
  void (*adam_step)(float* parameters, AdamMoments moments, const float* gradient,
                    std::size_t count, const AdamFactors& factors);
};

/// The widest build that this CPU runs; chosen once.
[[nodiscard]] const FloatLoops& float_loops(Arithmetic arithmetic);

/// All builds that this CPU runs, from the narrowest to the widest. For tests.
[[nodiscard]] std::span<const FloatLoops* const> all_float_loops(Arithmetic arithmetic);

}  // namespace haltere::models
