#pragma once

#include <cstddef>
#include <cstdint>

namespace haltere::models {

/// Sizes of one dense layer's work: `rows` samples through W [inputs][outputs].
struct DenseSize {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::size_t rows = 1;
};

/// Factors of one Adam step (Kingma and Ba 2015), bias corrections already inside.
struct AdamFactors {
  float rate = 0.0F;            ///< step size over the first moment's correction
  float first_decay = 0.9F;     ///< beta1
  float second_decay = 0.999F;  ///< beta2
  float second_scale = 1.0F;    ///< 1 / (1 - beta2^t)
  float epsilon = 1e-8F;
};

struct MomentumFactors {
  float rate = 0.0F;
  float momentum = 0.0F;
};

struct AdamMoments {
  float* first = nullptr;   ///< running mean of the gradient
  float* second = nullptr;  ///< running mean of its square
};

/// Floats past a layer's layer_bias that `forward` and `backward` may read (never write) so that
/// they need no scalar tail: every parameter array ends with this many zeros.
inline constexpr std::size_t parameter_slack = 16;

/// Reductions are always formed in this many partial sums, folded in halves, so that results do not
/// depend on the machine's vector width.
inline constexpr std::size_t reduction_lanes = 16;

/// The inner loops of dense float layers and optimizers, built once per vector width. All builds
/// give the same bits. `parameters` is a layer's W [inputs][outputs] followed by its layer_bias
/// [outputs].
struct FloatLoops {
  const char* name;

  /// y [rows][outputs] = layer_bias + x W, x [rows][inputs].
  void (*forward)(const float* parameters, const float* x, float* y, DenseSize size);

  /// dx [rows][inputs] = dy W^T, dy [rows][outputs].
  void (*backward)(const float* parameters, const float* dy, float* dx, DenseSize size);

  /// gradient (W, then layer_bias) = x^T dy and the column sums of dy, over all rows.
  void (*gradient)(const float* x, const float* dy, float* gradient, DenseSize size);

  /// parameters -= rate * gradient for one row, without forming the gradient.
  void (*descend)(float* parameters, const float* x, const float* dy, float rate, DenseSize size);

  /// Each element: max(x, 0), tanh, logistic.
  void (*relu)(float* values, std::size_t count);
  void (*tanh)(float* values, std::size_t count);
  void (*sigmoid)(float* values, std::size_t count);
  /// exp(x - max) / sum over the row.
  void (*softmax)(float* row, std::size_t count);

  /// Sum of squares.
  float (*norm_squared)(const float* values, std::size_t count);

  /// values *= factor.
  void (*scale)(float* values, std::size_t count, float factor);
  /// to += factor * from.
  void (*add_scaled)(float* to, const float* from, std::size_t count, float factor);
  /// velocity = momentum * velocity + gradient; parameters -= rate * velocity.
  void (*momentum_step)(float* parameters, float* velocity, const float* gradient,
                        std::size_t count, MomentumFactors factors);
  /// One Adam step; the moments are as long as the parameters.
  void (*adam_step)(float* parameters, AdamMoments moments, const float* gradient,
                    std::size_t count, const AdamFactors& factors);
};

/// The widest build that this CPU runs; chosen once.
[[nodiscard]] const FloatLoops& float_loops();

/// A build by its name ("base", "avx2", "avx512"), or nullptr when this CPU does not run it. For
/// tests.
[[nodiscard]] const FloatLoops* find_float_loops(const char* name);

}  // namespace haltere::models
