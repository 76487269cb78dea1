#include "models/interop/c_source.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "models/bundle.hpp"
#include "models/float_model.hpp"

namespace haltere::models::interop {
namespace {

using kernels::Activation;

// Every kernel of kernels/ that a plain bundle needs, in C99. Right shifts of negative numbers are
// arithmetic on every compiler that this is for; the file checks it.
constexpr std::string_view arithmetic = R"(
typedef char haltere_shift_keeps_the_sign[(-1 >> 1) == -1 ? 1 : -1];

static int32_t haltere_multiply_q31(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* Halves away from zero. */
static int32_t haltere_divide(int32_t x, int exponent) {
  const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1U);
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

static int32_t haltere_rescale(int32_t x, int32_t multiplier, int shift) {
  if (shift > 0) return haltere_multiply_q31(x * ((int32_t)1 << shift), multiplier);
  return haltere_divide(haltere_multiply_q31(x, multiplier), -shift);
}

typedef struct {
  int inputs;
  int outputs;
  int32_t clamp_min;
  int32_t clamp_max;
  int32_t zero_point;
  const int32_t *multipliers;
  const int32_t *bias;
  const int8_t *shifts;
  const int8_t *weights;
} haltere_dense;

static void haltere_run_dense(const haltere_dense *layer, const int8_t *x, int8_t *y) {
  int row;
  int i;
  const int8_t *w = layer->weights;
  for (row = 0; row < layer->outputs; ++row, w += layer->inputs) {
    int32_t sum = layer->bias[row];
    for (i = 0; i < layer->inputs; ++i) sum += (int32_t)w[i] * x[i];
    sum = haltere_rescale(sum, layer->multipliers[row], layer->shifts[row]) + layer->zero_point;
    if (sum < layer->clamp_min) sum = layer->clamp_min;
    if (sum > layer->clamp_max) sum = layer->clamp_max;
    y[row] = (int8_t)sum;
  }
}
)";

constexpr std::string_view lookup = R"(
static void haltere_look_up(const int8_t *table, int8_t *values, int count) {
  int i;
  for (i = 0; i < count; ++i) values[i] = table[values[i] + 128];
}
)";

constexpr std::string_view softmax = R"(
static int32_t haltere_shift_left(int32_t x, int exponent) {
  const int32_t limit = INT32_MAX >> exponent;
  if (x > limit) return INT32_MAX;
  if (x < -limit - 1) return INT32_MIN;
  return x * ((int32_t)1 << exponent);
}

/* exp(x) for x <= 0: Q5.26 in, Q0.31 out. */
static int32_t haltere_exp(int32_t x) {
  static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                    39332535,   720401,     242};
  const int32_t quarter = (int32_t)1 << 24;
  int32_t last;
  int32_t quarters;
  int32_t a;
  int32_t a2;
  int32_t tail;
  int32_t result;
  int k;
  if (x == 0) return INT32_MAX;
  last = (x & (quarter - 1)) - quarter;
  quarters = last - x;
  a = last * 32 + ((int32_t)1 << 28);
  a2 = haltere_multiply_q31(a, a);
  tail = haltere_divide(haltere_multiply_q31(a2, a2), 2) + haltere_multiply_q31(a2, a);
  tail = haltere_divide(haltere_multiply_q31(tail, 715827883) + a2, 1);
  result = 1895147668 + haltere_multiply_q31(1895147668, a + tail);
  for (k = 0; k < 7; ++k) {
    if ((quarters & (quarter << k)) != 0) result = haltere_multiply_q31(result, factors[k]);
  }
  return result;
}

/* 1 / (1 + a) for a in [0, 1), both Q0.31. */
static int32_t haltere_reciprocal(int32_t a) {
  const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) / 2);
  int32_t x = 1515870810 + haltere_multiply_q31(half, -1010580540);
  int step;
  for (step = 0; step < 3; ++step) {
    const int32_t residue = ((int32_t)1 << 29) - haltere_multiply_q31(half, x);
    x += haltere_shift_left(haltere_multiply_q31(x, residue), 2);
  }
  return haltere_shift_left(x, 1);
}

static void haltere_softmax(int32_t multiplier, int shift, int8_t *values, int count) {
  const int32_t smallest = -((31 * ((int32_t)1 << 26)) >> shift);
  int32_t largest = values[0];
  int32_t sum = 0;
  int32_t reciprocal;
  int headroom = 0;
  int i;
  for (i = 1; i < count; ++i) {
    if (values[i] > largest) largest = values[i];
  }
  for (i = 0; i < count; ++i) {
    const int32_t x = values[i] - largest;
    if (x >= smallest)
      sum += haltere_divide(
          haltere_exp(haltere_multiply_q31(x * ((int32_t)1 << shift), multiplier)), 12);
  }
  while ((((uint32_t)sum << headroom) & 0x80000000U) == 0) ++headroom;
  reciprocal = haltere_reciprocal((int32_t)(((uint32_t)sum << headroom) & 0x7fffffffU));
  for (i = 0; i < count; ++i) {
    const int32_t x = values[i] - largest;
    int32_t y = -128;
    if (x >= smallest)
      y += haltere_divide(
          haltere_multiply_q31(
              reciprocal,
              haltere_exp(haltere_multiply_q31(x * ((int32_t)1 << shift), multiplier))),
          12 - headroom + 31 - 8);
    values[i] = (int8_t)(y > 127 ? 127 : y);
  }
}
)";

template <typename Values>
void append_array(std::string& out, std::string_view type, const std::string& name,
                  const Values& values) {
  out += "static const " + std::string(type) + " " + name + "[] = {";
  std::size_t column = 100;
  for (const auto value : values) {
    const std::int64_t wide = value;
    // The smallest int32 has no literal of its own.
    const std::string text = wide == -2147483648LL ? "INT32_MIN" : std::to_string(wide);
    if (column + text.size() + 2 > 100) {
      out += "\n ";
      column = 1;
    }
    out += " " + text + ",";
    column += text.size() + 2;
  }
  out.back() = '}';
  out += ";\n";
}

bool has(const Bundle& bundle, bool (*wanted)(Activation)) {
  return std::ranges::any_of(
      bundle.layers, [wanted](const BundleLayer& layer) { return wanted(layer.activation); });
}

std::string layer_data(const BundleLayer& layer, const std::string& name) {
  std::string out = "\n";
  append_array(out, "int32_t", name + "_multipliers", layer.multipliers);
  append_array(out, "int32_t", name + "_bias", layer.layer_bias);
  append_array(out, "int8_t", name + "_shifts", layer.shifts);
  append_array(out, "int8_t", name + "_weights", layer.weights);
  if (!layer.table.empty()) append_array(out, "int8_t", name + "_table", layer.table);
  out += "static const haltere_dense " + name + " = {" + std::to_string(layer.inputs) + ", " +
         std::to_string(layer.outputs) + ", " + std::to_string(layer.clamp_min) + ", " +
         std::to_string(layer.clamp_max) + ", " + std::to_string(layer.output_zero_point) +
         ",\n  " + name + "_multipliers, " + name + "_bias, " + name + "_shifts, " + name +
         "_weights};\n";
  return out;
}

std::string layer_call(const BundleLayer& layer, const std::string& name, const std::string& x,
                       const std::string& y) {
  const std::string count = std::to_string(layer.outputs);
  std::string out = "  haltere_run_dense(&" + name + ", " + x + ", " + y + ");\n";
  if (!layer.table.empty())
    out += "  haltere_look_up(" + name + "_table, " + y + ", " + count + ");\n";
  if (layer.activation == Activation::softmax)
    out += "  haltere_softmax(" + std::to_string(layer.softmax.multiplier) + ", " +
           std::to_string(layer.softmax.shift) + ", " + y + ", " + count + ");\n";
  return out;
}

std::string run_function(const Bundle& bundle) {
  std::size_t widest = 1;
  for (const BundleLayer& layer : bundle.layers) widest = std::max(widest, layer.outputs);
  const bool hidden = bundle.layers.size() > 1;
  std::string out = "\nvoid haltere_model_run(const int8_t *input, int8_t *output) {\n";
  if (hidden) out += "  int8_t a[" + std::to_string(widest) + "];\n";
  if (bundle.layers.size() > 2) out += "  int8_t b[" + std::to_string(widest) + "];\n";
  std::string x = "input";
  for (std::size_t i = 0; i < bundle.layers.size(); ++i) {
    const bool last = i + 1 == bundle.layers.size();
    const std::string y = last ? "output" : i % 2 == 0 ? "a" : "b";
    out += layer_call(bundle.layers[i], "haltere_layer" + std::to_string(i), x, y);
    x = y;
  }
  return out + "}\n";
}

std::string exact(float value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9gF", static_cast<double>(value));
  return text.data();
}

/// Texts from outside may not end the comment they stand in.
std::string harmless(std::string text) {
  std::ranges::replace_if(
      text,
      [](char c) {
        return c == '*' || c == '\\' || c == '?' || static_cast<unsigned char>(c) < 0x20;
      },
      '_');
  return text;
}

std::string head(const Bundle& bundle) {
  std::string out = "/* " + harmless(bundle.provenance.model_id) + " version " +
                    std::to_string(bundle.provenance.version) +
                    ": a model of Haltere in C99, without any library.\n";
  for (std::size_t i = 0; i < bundle.labels.size(); ++i)
    out += "   output " + std::to_string(i) + ": " + harmless(bundle.labels[i]) + "\n";
  out +=
      "   A value q stands for scale * (q - zero point), inputs: of the normalised feature. */\n"
      "#include <stdint.h>\n\n";
  const auto define = [&out](const char* name, const std::string& value) {
    out += "#define HALTERE_MODEL_" + std::string(name) + " " + value + "\n";
  };
  define("INPUTS", std::to_string(bundle.layers.front().inputs));
  define("OUTPUTS", std::to_string(bundle.layers.back().outputs));
  define("INPUT_SCALE", exact(bundle.input_scale));
  define("INPUT_ZERO_POINT", "(" + std::to_string(bundle.input_zero_point) + ")");
  define("OUTPUT_SCALE", exact(bundle.output_scale));
  define("OUTPUT_ZERO_POINT", "(" + std::to_string(bundle.output_zero_point) + ")");
  out +=
      "\n/* input [HALTERE_MODEL_INPUTS], output [HALTERE_MODEL_OUTPUTS]; they must not overlap. "
      "*/\n"
      "void haltere_model_run(const int8_t *input, int8_t *output);\n";
  return out;
}

}  // namespace

Result<std::vector<std::uint8_t>> export_c(std::span<const std::uint8_t> bundle) {
  if (is_float_bundle(bundle))
    return Error{ErrorKind::invalid, "a float model: C is written of int8 models only"};
  const auto model = decode(bundle);
  if (!model) return model.error();
  std::string out = head(*model);
  out += arithmetic;
  if (has(*model, [](Activation activation) {
        return activation == Activation::tanh || activation == Activation::sigmoid ||
               activation == Activation::leaky_relu;
      }))
    out += lookup;
  if (has(*model, [](Activation activation) { return activation == Activation::softmax; }))
    out += softmax;
  for (std::size_t i = 0; i < model->layers.size(); ++i)
    out += layer_data(model->layers[i], "haltere_layer" + std::to_string(i));
  out += run_function(*model);
  return std::vector<std::uint8_t>(out.begin(), out.end());
}

Result<std::vector<std::uint8_t>> export_c_array(std::span<const std::uint8_t> bundle) {
  std::string out =
      "/* A bundle of Haltere, for firmware that carries its first model. */\n"
      "#include <stdint.h>\n\n/* 4-aligned, as readers in place want it. */\n"
      "static const union {\n  uint8_t bytes[" +
      std::to_string(bundle.size()) + "];\n  uint32_t alignment;\n} haltere_bundle = {{";
  for (std::size_t i = 0; i < bundle.size(); ++i)
    out += (i % 20 == 0 ? "\n  " : " ") + std::to_string(bundle[i]) + ",";
  out.back() = '}';
  out += "};\n";
  return std::vector<std::uint8_t>(out.begin(), out.end());
}

}  // namespace haltere::models::interop
