#include "models/interop/raw_model.hpp"

#include <bit>
#include <cstring>
#include <utility>

#include "models/interop/tflite_arithmetic.hpp"
#include "models/kernels/bytes.hpp"

namespace haltere::models::interop {
namespace {

using kernels::TensorType;

std::size_t bytes_of(TensorType type) { return type == TensorType::int8 ? 1 : 4; }

void append(float value, std::vector<std::uint8_t>& out) {
  for (auto bits = std::bit_cast<std::uint32_t>(value), i = 0U; i < 4; ++i, bits >>= 8U)
    out.push_back(static_cast<std::uint8_t>(bits & 0xFFU));
}

}  // namespace

Result<RawModel> RawModel::create(std::vector<std::uint8_t> bytes) {
  RawModel raw;
  if (is_float_bundle(bytes)) {
    auto model = decode_float(bytes);
    if (!model) return model.error();
    raw.float_model_ = std::move(model).value();
    return raw;
  }
  auto model = Int8Model::create(std::move(bytes));
  if (!model) return model.error();
  raw.int8_model_ = std::move(model).value();
  const kernels::BundleView& view = raw.int8_model_->view();
  const bool plain = view.recipe.channel_count == 0;
  raw.input_type_ = plain ? kernels::recipe_input_type(view.recipe) : TensorType::int8;
  raw.output_type_ = plain ? kernels::recipe_output_type(view.recipe) : TensorType::int8;
  raw.scratch_.resize(kernels::required_ram_bytes(view) + view.outputs);
  return raw;
}

std::size_t RawModel::inputs() const {
  return float_model_ ? float_model_->inputs() : int8_model_->view().inputs;
}

std::size_t RawModel::outputs() const {
  return float_model_ ? float_model_->outputs() : int8_model_->view().outputs;
}

std::size_t RawModel::input_bytes() const { return inputs() * bytes_of(input_type_); }
std::size_t RawModel::output_bytes() const { return outputs() * bytes_of(output_type_); }

void RawModel::run_int8(std::span<const std::uint8_t> input, std::vector<std::uint8_t>& out) {
  const kernels::BundleView& view = int8_model_->view();
  std::int8_t* q = kernels::bundle_inputs(view, scratch_.data());
  for (std::size_t i = 0; i < view.inputs; ++i)
    q[i] = input_type_ == TensorType::int8 ? static_cast<std::int8_t>(input[i])
                                           : quantize(kernels::load_f32(input.data() + 4 * i),
                                                      view.input_scale, view.input_zero_point);
  std::int8_t* y = scratch_.data() + kernels::required_ram_bytes(view);
  kernels::run_layers(view, scratch_.data(), y);
  for (std::size_t i = 0; i < view.outputs; ++i) {
    if (output_type_ == TensorType::int8) {
      out.push_back(static_cast<std::uint8_t>(y[i]));
    } else {
      append(view.output_scale * static_cast<float>(y[i] - view.output_zero_point), out);
    }
  }
}

void RawModel::run(std::span<const std::uint8_t> input, std::vector<std::uint8_t>& out) {
  if (int8_model_) return run_int8(input, out);
  std::vector<float> x;
  for (std::size_t i = 0; i < inputs(); ++i) x.push_back(kernels::load_f32(input.data() + 4 * i));
  for (const float value : float_model_->run(x)) append(value, out);
}

}  // namespace haltere::models::interop
