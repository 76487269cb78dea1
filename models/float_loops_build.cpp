// The inner loops for one vector width. Built several times: HALTERE_LOOPS names the table,
// HALTERE_LANES is the number of floats in a vector. It must include nothing with inline functions
// that other files also use, lest the linker keep a copy this CPU cannot run.
#include <cstddef>
#include <cstdint>

#include "models/float_loops.hpp"

namespace haltere::models {
namespace {

constexpr std::size_t lanes = HALTERE_LANES;
static_assert(reduction_lanes % lanes == 0);

using Vector = float __attribute__((vector_size(sizeof(float) * HALTERE_LANES)));

inline Vector load(const float* from) {
  Vector value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

inline void store(float* to, Vector value) { __builtin_memcpy(to, &value, sizeof value); }

inline void store_first(float* to, Vector value, std::size_t count) {
  float parts[lanes];
  store(parts, value);
  for (std::size_t lane = 0; lane < count; ++lane) to[lane] = parts[lane];
}

// ---- forward
// ---------------------------------------------------------------------------------------

/// Indices of the inputs that count; found without branches, which would be mispredicted.
struct Active {
  std::size_t count = 0;
  std::uint16_t index[4096];
};

inline void find_active(const float* x, std::size_t inputs, Active& active) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    active.index[count] = static_cast<std::uint16_t>(i);
    count += x[i] != 0.0F ? 1U : 0U;
  }
  active.count = count;
}

/// One row on its way through a layer.
struct RowWork {
  const float* parameters;
  const float* x;
  DenseSize size;
  Active active;
};

/// `vectors` * lanes sums of the row, from column `first` on.
template <std::size_t vectors>
inline void sum_columns(const RowWork& work, std::size_t first, Vector* sums) {
  const std::size_t stride = work.size.outputs;
  const float* layer_bias = work.parameters + work.size.inputs * stride + first;
  for (std::size_t v = 0; v < vectors; ++v) sums[v] = load(layer_bias + v * lanes);
  for (std::size_t k = 0; k < work.active.count; ++k) {
    const std::size_t i = work.active.index[k];
    const float* row = work.parameters + i * stride + first;
    for (std::size_t v = 0; v < vectors; ++v) sums[v] += work.x[i] * load(row + v * lanes);
  }
}

/// As many blocks of `vectors` * lanes columns as there are from `first` on; returns where they
/// end.
template <std::size_t vectors>
inline std::size_t forward_blocks(const RowWork& work, std::size_t first, float* y) {
  for (; first + vectors * lanes <= work.size.outputs; first += vectors * lanes) {
    Vector sums[vectors];
    sum_columns<vectors>(work, first, sums);
    for (std::size_t v = 0; v < vectors; ++v) store(y + first + v * lanes, sums[v]);
  }
  return first;
}

inline void forward_row(RowWork& work, float* y) {
  find_active(work.x, work.size.inputs, work.active);
  std::size_t o = forward_blocks<8>(work, 0, y);
  o = forward_blocks<4>(work, o, y);
  o = forward_blocks<2>(work, o, y);
  o = forward_blocks<1>(work, o, y);
  if (o == work.size.outputs) return;
  Vector sums[1];
  sum_columns<1>(work, o, sums);
  store_first(y + o, sums[0], work.size.outputs - o);
}

/// Stores all lanes, or only the first `left` when fewer are left in the row.
inline void store_up_to(float* to, Vector value, std::size_t left) {
  if (left >= lanes) {
    store(to, value);
  } else {
    store_first(to, value, left);
  }
}

constexpr std::size_t tile_rows = 4;

/// tile_rows x (vectors * lanes) sums; `count` columns of them are kept.
template <std::size_t vectors>
inline void forward_tile(const float* parameters, const float* x, float* y, DenseSize size,
                         std::size_t o) {
  const float* layer_bias = parameters + size.inputs * size.outputs + o;
  const float* w = parameters + o;
  Vector sums[tile_rows][vectors];
  for (auto& row : sums)
    for (std::size_t v = 0; v < vectors; ++v) row[v] = load(layer_bias + v * lanes);
  for (std::size_t i = 0; i < size.inputs; ++i, w += size.outputs)
    for (std::size_t v = 0; v < vectors; ++v) {
      const Vector weights = load(w + v * lanes);
      for (std::size_t r = 0; r < tile_rows; ++r) sums[r][v] += x[r * size.inputs + i] * weights;
    }
  for (std::size_t r = 0; r < tile_rows; ++r)
    for (std::size_t v = 0; v < vectors; ++v) {
      const std::size_t column = o + v * lanes;
      store_up_to(y + r * size.outputs + column, sums[r][v], size.outputs - column);
    }
}

inline void forward_rows(const float* parameters, const float* x, float* y, DenseSize size) {
  std::size_t o = 0;
  for (; o + 2 * lanes <= size.outputs; o += 2 * lanes) forward_tile<2>(parameters, x, y, size, o);
  for (; o < size.outputs; o += lanes) forward_tile<1>(parameters, x, y, size, o);
}

void forward(const float* parameters, const float* x, float* y, DenseSize size) {
  std::size_t row = 0;
  for (; row + tile_rows <= size.rows; row += tile_rows)
    forward_rows(parameters, x + row * size.inputs, y + row * size.outputs, size);
  RowWork work;
  for (; row < size.rows; ++row) {
    work.parameters = parameters;
    work.x = x + row * size.inputs;
    work.size = size;
    forward_row(work, y + row * size.outputs);
  }
}

// ---- backward
// --------------------------------------------------------------------------------------

constexpr std::size_t parts = reduction_lanes / lanes;

/// Sum of all reduction lanes, folded in halves: 16 to 8 to 4 to 2 to 1.
inline float fold(const Vector* sums) {
  Vector folded[parts];
  for (std::size_t p = 0; p < parts; ++p) folded[p] = sums[p];
  for (std::size_t half = parts / 2; half > 0; half /= 2)
    for (std::size_t p = 0; p < half; ++p) folded[p] += folded[p + half];
  float values[lanes];
  store(values, folded[0]);
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t l = 0; l < half; ++l) values[l] += values[l + half];
  return values[0];
}

/// dy row in whole reduction blocks; the last one is padded with zeros.
struct PaddedTail {
  alignas(64) float values[reduction_lanes];
};

inline void pad_tail(const float* dy, std::size_t outputs, PaddedTail& tail) {
  const std::size_t whole = outputs - outputs % reduction_lanes;
  for (std::size_t l = 0; l < reduction_lanes; ++l)
    tail.values[l] = whole + l < outputs ? dy[whole + l] : 0.0F;
}

inline void add_products(const float* a, const float* b, Vector* sums) {
  for (std::size_t p = 0; p < parts; ++p) sums[p] += load(a + p * lanes) * load(b + p * lanes);
}

void backward_row(const float* w, const float* dy, float* dx, DenseSize size) {
  PaddedTail tail;
  pad_tail(dy, size.outputs, tail);
  const std::size_t whole = size.outputs - size.outputs % reduction_lanes;
  for (std::size_t i = 0; i < size.inputs; ++i, w += size.outputs) {
    Vector sums[parts] = {};
    for (std::size_t o = 0; o < whole; o += reduction_lanes) add_products(w + o, dy + o, sums);
    if (whole < size.outputs) add_products(w + whole, tail.values, sums);
    dx[i] = fold(sums);
  }
}

void backward(const float* parameters, const float* dy, float* dx, DenseSize size) {
  for (std::size_t row = 0; row < size.rows; ++row)
    backward_row(parameters, dy + row * size.outputs, dx + row * size.inputs, size);
}

// ---- gradient
// --------------------------------------------------------------------------------------

constexpr std::size_t tile_inputs = 4;

struct VectorLane {
  using Value = Vector;
  static Value get(const float* from) { return load(from); }
  static void put(float* to, Value value) { store(to, value); }
};
struct ScalarLane {
  using Value = float;
  static Value get(const float* from) { return *from; }
  static void put(float* to, Value value) { *to = value; }
};

/// `count` inputs x one lane of outputs, summed over the rows in order.
template <std::size_t count, typename Lane>
inline void gradient_tile(const float* x, const float* dy, float* to, DenseSize size) {
  typename Lane::Value sums[count] = {};
  for (std::size_t row = 0; row < size.rows; ++row, x += size.inputs, dy += size.outputs) {
    const typename Lane::Value slope = Lane::get(dy);
    for (std::size_t k = 0; k < count; ++k) sums[k] += x[k] * slope;
  }
  for (std::size_t k = 0; k < count; ++k) Lane::put(to + k * size.outputs, sums[k]);
}

template <std::size_t count>
inline void gradient_inputs(const float* x, const float* dy, float* to, DenseSize size) {
  std::size_t o = 0;
  for (; o + lanes <= size.outputs; o += lanes)
    gradient_tile<count, VectorLane>(x, dy + o, to + o, size);
  for (; o < size.outputs; ++o) gradient_tile<count, ScalarLane>(x, dy + o, to + o, size);
}

void gradient(const float* x, const float* dy, float* to, DenseSize size) {
  std::size_t i = 0;
  for (; i + tile_inputs <= size.inputs; i += tile_inputs)
    gradient_inputs<tile_inputs>(x + i, dy, to + i * size.outputs, size);
  for (; i < size.inputs; ++i) gradient_inputs<1>(x + i, dy, to + i * size.outputs, size);
  float* layer_bias = to + size.inputs * size.outputs;
  for (std::size_t o = 0; o < size.outputs; ++o) layer_bias[o] = dy[o];
  for (std::size_t row = 1; row < size.rows; ++row)
    for (std::size_t o = 0; o < size.outputs; ++o) layer_bias[o] += dy[row * size.outputs + o];
}

void descend(float* parameters, const float* x, const float* dy, float rate, DenseSize size) {
  float* w = parameters;
  for (std::size_t i = 0; i < size.inputs; ++i, w += size.outputs) {
    const float step = rate * x[i];
    if (step == 0.0F) continue;
    std::size_t o = 0;
    for (; o + lanes <= size.outputs; o += lanes) store(w + o, load(w + o) - step * load(dy + o));
    for (; o < size.outputs; ++o) w[o] -= step * dy[o];
  }
  for (std::size_t o = 0; o < size.outputs; ++o) w[o] -= rate * dy[o];
}

// ---- activations
// -----------------------------------------------------------------------------------

/// e^x within 2 ulp for x in [-87, 88], clamped outside; NaN stays NaN. Cephes' polynomial, and no
/// library call, so that every machine gives the same bits.
inline float exponential(float x) {
  constexpr float round_magic = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  const float shifted = x * 1.44269504F + round_magic;
  const float n = shifted - round_magic;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  const std::uint32_t bits = (__builtin_bit_cast(std::uint32_t, shifted) + 127U) << 23U;
  return p * __builtin_bit_cast(float, bits);
}

/// Odd polynomial below 0.625 (Cephes), through the exponential above.
inline float hyperbolic_tangent(float x) {
  const float magnitude = x < 0.0F ? -x : x;
  const float square = x * x;
  float p = -5.70498872745e-3F;
  p = p * square + 2.06390887954e-2F;
  p = p * square - 5.37397155531e-2F;
  p = p * square + 1.33314422036e-1F;
  p = p * square - 3.33332819422e-1F;
  const float small = p * square * x + x;
  const float large = 1.0F - 2.0F / (exponential(2.0F * magnitude) + 1.0F);
  const float signed_large = x < 0.0F ? -large : large;
  return magnitude < 0.625F ? small : signed_large;
}

void relu(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = values[i] < 0.0F ? 0.0F : values[i];
}

void tanh(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = hyperbolic_tangent(values[i]);
}

void sigmoid(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = 1.0F / (1.0F + exponential(-values[i]));
}

void softmax(float* row, std::size_t count) {
  float highest = row[0];
  for (std::size_t i = 1; i < count; ++i) highest = row[i] > highest ? row[i] : highest;
  for (std::size_t i = 0; i < count; ++i) row[i] = exponential(row[i] - highest);
  float sum = 0.0F;
  for (std::size_t i = 0; i < count; ++i) sum += row[i];
  const float scale = 1.0F / sum;
  for (std::size_t i = 0; i < count; ++i) row[i] *= scale;
}

// ---- optimizers
// ------------------------------------------------------------------------------------

float norm_squared(const float* values, std::size_t count) {
  Vector sums[parts] = {};
  std::size_t i = 0;
  for (; i + reduction_lanes <= count; i += reduction_lanes)
    add_products(values + i, values + i, sums);
  PaddedTail tail;
  pad_tail(values, count, tail);
  if (i < count) add_products(tail.values, tail.values, sums);
  return fold(sums);
}

void scale(float* values, std::size_t count, float factor) {
  for (std::size_t i = 0; i < count; ++i) values[i] *= factor;
}

void add_scaled(float* to, const float* from, std::size_t count, float factor) {
  for (std::size_t i = 0; i < count; ++i) to[i] += factor * from[i];
}

void momentum_step(float* __restrict parameters, float* __restrict velocity,
                   const float* __restrict slopes, std::size_t count, MomentumFactors factors) {
  for (std::size_t i = 0; i < count; ++i) {
    velocity[i] = factors.momentum * velocity[i] + slopes[i];
    parameters[i] -= factors.rate * velocity[i];
  }
}

void adam_step(float* __restrict parameters, AdamMoments moments, const float* __restrict slopes,
               std::size_t count, const AdamFactors& factors) {
  const AdamFactors f = factors;
  float* __restrict first = moments.first;
  float* __restrict second = moments.second;
  for (std::size_t i = 0; i < count; ++i) {
    const float slope = slopes[i];
    first[i] = f.first_decay * first[i] + (1.0F - f.first_decay) * slope;
    second[i] = f.second_decay * second[i] + (1.0F - f.second_decay) * (slope * slope);
    parameters[i] -= f.rate * first[i] / (__builtin_sqrtf(second[i] * f.second_scale) + f.epsilon);
  }
}

}  // namespace

extern const FloatLoops HALTERE_LOOPS;
const FloatLoops HALTERE_LOOPS{
    HALTERE_LOOPS_NAME, forward, backward,   gradient,      descend,  relu, tanh, sigmoid, softmax,
    norm_squared,       scale,   add_scaled, momentum_step, adam_step};

}  // namespace haltere::models
