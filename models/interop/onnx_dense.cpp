#include "models/interop/onnx_dense.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace haltere::models::interop {
namespace {

/// How far the scale of a stored bias may be from input scale times weight scale to be that one.
constexpr double same_scale = 1e-6;
constexpr double largest_bias = 1073741824.0;  // 2^30, of which sums keep clear

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

/// `values` as [outputs][inputs].
template <typename To, typename From>
std::vector<To> by_output(const std::vector<From>& values, const OnnxMatrix& matrix,
                          bool transposed) {
  std::vector<To> ordered;
  ordered.reserve(values.size());
  const std::size_t outputs = transposed ? matrix.rows : matrix.columns;
  const std::size_t inputs = transposed ? matrix.columns : matrix.rows;
  for (std::size_t o = 0; o < outputs; ++o)
    for (std::size_t i = 0; i < inputs; ++i)
      ordered.push_back(static_cast<To>(values[transposed ? o * inputs + i : i * outputs + o]));
  return ordered;
}

float scale_at(const std::vector<float>& scales, std::size_t index) {
  return scales[scales.size() == 1 ? 0 : index];
}

Status check_shape(const OnnxMatrix& matrix, bool transposed, std::size_t expected) {
  const std::size_t inputs = transposed ? matrix.columns : matrix.rows;
  if (inputs == expected) return {};
  return invalid("it has weights for " + std::to_string(inputs) + " inputs, but gets " +
                 std::to_string(expected));
}

/// Stored as int8 or uint8: they stay so if the input is quantized too.
Result<Op> read_scaled(const OnnxConstants& constants, const std::string& name, bool transposed,
                       const OnnxDenseInput& input) {
  const Result<OnnxScaled> scaled = constants.scaled(name);
  if (!scaled) return scaled.error();
  const OnnxMatrix& matrix = scaled->matrix;
  if (const Status fits = check_shape(matrix, transposed, input.size); !fits) return fits.error();
  if (matrix.type == OnnxType::int32) return invalid("its weights are of int32");
  if (scaled->scales.size() > 1 && scaled->axis != (transposed ? 0U : 1U))
    return invalid("its weights have a scale for each input; one for each output is supported");
  Op op;
  op.output.size = transposed ? matrix.rows : matrix.columns;
  if (input.scale) {
    op.weights_s8 = by_output<std::int8_t>(matrix.whole, matrix, transposed);
    op.weight_scales = scaled->scales;
    return op;
  }
  op.weights = by_output<float>(matrix.whole, matrix, transposed);
  for (std::size_t i = 0; i < op.weights.size(); ++i)
    op.weights[i] *= scale_at(scaled->scales, i / input.size);
  return op;
}

/// A bias as it stands for, in doubles, and the whole numbers it is stored as, if any.
struct Bias {
  std::vector<double> values;
  std::vector<float> scales{};  ///< of the whole numbers; empty = stored as floats
  std::vector<std::int32_t> whole{};
};

Result<Bias> bias_of(const OnnxConstants& constants, const std::string& name, std::size_t outputs) {
  Bias bias;
  OnnxMatrix matrix;
  if (constants.is_scaled(name)) {
    Result<OnnxScaled> scaled = constants.scaled(name);
    if (!scaled) return scaled.error();
    matrix = std::move(scaled->matrix);
    bias.scales = std::move(scaled->scales);
    bias.whole = matrix.whole;
    for (std::size_t o = 0; o < bias.whole.size(); ++o)
      bias.values.push_back(static_cast<double>(scale_at(bias.scales, o)) * bias.whole[o]);
  } else {
    Result<OnnxMatrix> floats = constants.floats(name);
    if (!floats) return floats.error();
    matrix = std::move(floats).value();
    bias.values.assign(matrix.values.begin(), matrix.values.end());
  }
  if (matrix.rows != 1 || (matrix.columns != outputs && matrix.columns != 1))
    return invalid("its bias does not fit its outputs");
  bias.values.resize(outputs, bias.values.front());
  if (!bias.whole.empty()) bias.whole.resize(outputs, bias.whole.front());
  return bias;
}

}  // namespace

Result<Op> read_onnx_dense(const OnnxConstants& constants, const std::string& name, bool transposed,
                           const OnnxDenseInput& input) {
  if (constants.is_scaled(name)) return read_scaled(constants, name, transposed, input);
  if (input.scale) return invalid("its input is quantized, but its weights are not");
  const Result<OnnxMatrix> matrix = constants.floats(name);
  if (!matrix) return matrix.error();
  if (const Status fits = check_shape(*matrix, transposed, input.size); !fits) return fits.error();
  Op op;
  op.output.size = transposed ? matrix->rows : matrix->columns;
  op.weights = by_output<float>(matrix->values, *matrix, transposed);
  return op;
}

Status read_onnx_bias(const OnnxConstants& constants, const std::string& name,
                      const OnnxDenseInput& input, Op& op) {
  const Result<Bias> bias = bias_of(constants, name, op.output.size);
  if (!bias) return bias.error();
  if (op.weights_s8.empty()) {
    op.bias.assign(bias->values.begin(), bias->values.end());
    return {};
  }
  for (std::size_t o = 0; o < op.output.size; ++o) {
    const auto unit = static_cast<double>(input.scale->scale * scale_at(op.weight_scales, o));
    const bool as_stored =
        !bias->whole.empty() &&
        std::abs(static_cast<double>(scale_at(bias->scales, o)) - unit) <= same_scale * unit;
    const double value = as_stored ? bias->whole[o] : std::round(bias->values[o] / unit);
    if (!(std::abs(value) <= largest_bias)) return invalid("its bias is too large for its scales");
    op.bias_s32.push_back(static_cast<std::int32_t>(value));
  }
  return {};
}

}  // namespace haltere::models::interop
