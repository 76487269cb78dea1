#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "models/interop/tflite_source.hpp"
#include "models/kernels/bundle_view.hpp"

namespace haltere::models::interop {
namespace {

constexpr std::size_t max_elements =
    std::size_t{kernels::max_bundle_units} * kernels::max_bundle_units;
constexpr std::size_t max_rank = 8;

bool is_scale(float scale) { return std::isnormal(scale) && scale > 0.0F; }

std::string type_name(std::int8_t type) {
  constexpr std::array<const char*, 18> names{
      "float32", "float16",  "int32",     "uint8",  "int64",   "string",
      "bool",    "int16",    "complex64", "int8",   "float64", "complex",
      "uint64",  "resource", "variant",   "uint32", "uint16",  "int4"};
  const auto index = static_cast<std::size_t>(type);
  return index < names.size() ? names[index] : "type " + std::to_string(type);
}

bool is_type(const tflite::Tensor& tensor, TfliteType type) {
  return tensor.type() == static_cast<std::int8_t>(type);
}

template <typename T>
std::vector<T> values(const std::uint8_t* bytes, std::size_t count) {
  std::vector<T> out(count);
  std::memcpy(out.data(), bytes, count * sizeof(T));
  return out;
}

template <typename Vector>
std::size_t size_of(const Vector* vector) {
  return vector == nullptr ? 0 : vector->size();
}

// The container's verifier looks after the alignment of a vector's length, not of its elements, so
// that a crafted file may hold 64-bit elements at any multiple of four bytes.
std::int64_t element(const flatbuffers::Vector<std::int64_t>& vector, std::uint32_t index) {
  std::int64_t value = 0;
  std::memcpy(&value, vector.Data() + std::size_t{index} * sizeof value, sizeof value);
  return flatbuffers::EndianScalar(value);
}

}  // namespace

std::string TfliteTensors::name(std::int32_t index) const {
  std::string text = "tensor " + std::to_string(index);
  if (graph_.tensors() == nullptr || index < 0 ||
      static_cast<std::uint32_t>(index) >= graph_.tensors()->size())
    return text;
  const flatbuffers::String* given =
      graph_.tensors()->Get(static_cast<std::uint32_t>(index))->name();
  if (given == nullptr || given->size() == 0 || given->size() > 200) return text;
  text += " '";
  for (const char c : given->string_view())
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return text + "'";
}

Error TfliteTensors::error(std::int32_t index, const std::string& what) const {
  return {ErrorKind::invalid, name(index) + " " + what};
}

Result<const tflite::Tensor*> TfliteTensors::find(std::int32_t index) const {
  const std::size_t count = size_of(graph_.tensors());
  if (index < 0 || static_cast<std::size_t>(index) >= count)
    return Error{ErrorKind::invalid,
                 "there is no tensor " + std::to_string(index) + ", only " + std::to_string(count)};
  const tflite::Tensor* tensor = graph_.tensors()->Get(static_cast<std::uint32_t>(index));
  if (tensor->sparsity() != nullptr) return error(index, "is sparse, which is not supported");
  if (tensor->is_variable()) return error(index, "is a variable, which is not supported");
  return tensor;
}

Result<std::vector<std::size_t>> TfliteTensors::shape(std::int32_t index) const {
  const auto tensor = find(index);
  if (!tensor) return tensor.error();
  std::vector<std::size_t> dims;
  if (size_of((*tensor)->shape()) > max_rank)
    return error(index, "has more than " + std::to_string(max_rank) + " dimensions");
  std::size_t elements = 1;
  for (std::uint32_t i = 0; i < size_of((*tensor)->shape()); ++i) {
    const std::int32_t dim = (*tensor)->shape()->Get(i);
    if (dim < 1) return error(index, "has a dimension of " + std::to_string(dim));
    dims.push_back(static_cast<std::size_t>(dim));
    if (dims.back() > max_elements / elements)
      return error(index, "has more than " + std::to_string(max_elements) + " elements");
    elements *= dims.back();
  }
  return dims;
}

Result<Tensor> TfliteTensors::activation(std::int32_t index) const {
  const auto dims = shape(index);
  if (!dims) return dims.error();
  const tflite::Tensor& source = **find(index);
  Tensor tensor;
  tensor.size = 1;
  for (const std::size_t dim : *dims) tensor.size *= dim;
  if (source.name() != nullptr) tensor.name = source.name()->str();
  if (source.buffer() >= size_of(model_.buffers()))
    return error(index, "names buffer " + std::to_string(source.buffer()) + " of " +
                            std::to_string(size_of(model_.buffers())));
  if (size_of(model_.buffers()->Get(source.buffer())->data()) != 0)
    return error(index, "is a constant, where a value that is computed was expected");
  if (is_type(source, TfliteType::float32)) return tensor;
  if (!is_type(source, TfliteType::int8))
    return error(index,
                 "is of " + type_name(source.type()) + "; only int8 and float32 are supported");
  tensor.type = TensorType::int8;
  const tflite::Quantization* quantization = source.quantization();
  if (quantization == nullptr || size_of(quantization->scale()) != 1 ||
      size_of(quantization->zero_point()) != 1 || quantization->details() != nullptr)
    return error(index, "is int8, but does not have one scale and one zero point");
  tensor.scale = quantization->scale()->Get(0);
  const std::int64_t zero_point = element(*quantization->zero_point(), 0);
  if (!is_scale(tensor.scale)) return error(index, "has a scale that is not a number above 0");
  if (zero_point < -128 || zero_point > 127)
    return error(index, "has zero point " + std::to_string(zero_point) + ", outside int8");
  tensor.zero_point = static_cast<std::int32_t>(zero_point);
  return tensor;
}

Result<const std::uint8_t*> TfliteTensors::constant(std::int32_t index, std::size_t size) {
  const auto found = find(index);
  if (!found) return found.error();
  const std::uint32_t number = (*found)->buffer();
  if (number >= size_of(model_.buffers()))
    return error(index, "names buffer " + std::to_string(number) + " of " +
                            std::to_string(size_of(model_.buffers())));
  const tflite::Buffer& buffer = *model_.buffers()->Get(number);
  if (buffer.outside_offset() > 1 || buffer.outside_size() > 0)
    return error(index, "has its values outside the container, which is not supported");
  if (size_of(buffer.data()) != size)
    return error(index, "has " + std::to_string(size_of(buffer.data())) + " bytes in buffer " +
                            std::to_string(number) + ", but its shape needs " +
                            std::to_string(size));
  const std::uint8_t* bytes = buffer.data()->data();
  places_.push_back({bytes, bytes + size, index, number});
  return bytes;
}

Status TfliteTensors::check_overlaps() const {
  std::vector<Place> places = places_;
  std::ranges::sort(places, std::less<>{}, &Place::begin);
  for (std::size_t i = 1; i < places.size(); ++i) {
    // Two tensors may name the same buffer; two buffers may not share bytes.
    if (places[i].buffer != places[i - 1].buffer && places[i].begin < places[i - 1].end)
      return Error{ErrorKind::corrupt, name(places[i - 1].tensor) + " and " +
                                           name(places[i].tensor) + " overlap in the file"};
  }
  return {};
}

Status TfliteTensors::read_weight_scales(std::int32_t index, std::size_t rows, Op& op) const {
  const tflite::Quantization* quantization = (*find(index))->quantization();
  const std::size_t count = quantization == nullptr ? 0 : size_of(quantization->scale());
  if (count != 1 && count != rows)
    return error(index,
                 "has " + std::to_string(count) + " scales for " + std::to_string(rows) + " rows");
  if (quantization->details() != nullptr)
    return error(index, "has a quantization of its own kind, which is not supported");
  if (count > 1 && quantization->quantized_dimension() != 0)
    return error(index, "has a scale for each column instead of each row");
  for (std::uint32_t i = 0; i < count; ++i) {
    op.weight_scales.push_back(quantization->scale()->Get(i));
    if (!is_scale(op.weight_scales.back()))
      return error(index, "has a scale that is not a number above 0");
  }
  for (std::uint32_t i = 0; i < size_of(quantization->zero_point()); ++i) {
    if (element(*quantization->zero_point(), i) != 0)
      return error(index, "has a zero point other than 0, which weights may not have");
  }
  return {};
}

Status TfliteTensors::read_weights(std::int32_t index, const Tensor& input, Op& op) {
  const auto dims = shape(index);
  if (!dims) return dims.error();
  const bool of_pixel = dims->size() == 4 && (*dims)[1] == 1 && (*dims)[2] == 1;
  if (dims->size() != 2 && !of_pixel)
    return error(index, "holds weights, but does not have two dimensions");
  const std::size_t rows = dims->front();
  const std::size_t columns = dims->back();
  if (columns != input.size)
    return error(index, "holds weights for " + std::to_string(columns) + " inputs, but gets " +
                            std::to_string(input.size));
  const bool is_float = input.type == TensorType::float32;
  const TfliteType type = is_float ? TfliteType::float32 : TfliteType::int8;
  const std::int8_t actual = (*find(index))->type();
  if (actual != static_cast<std::int8_t>(type))
    return error(index, "holds weights of " + type_name(actual) + " for inputs of " +
                            (is_float ? "float32" : "int8"));
  const auto bytes = constant(index, rows * columns * (is_float ? 4 : 1));
  if (!bytes) return bytes.error();
  if (is_float) {
    op.weights = values<float>(*bytes, rows * columns);
    return {};
  }
  op.weights_s8 = values<std::int8_t>(*bytes, rows * columns);
  return read_weight_scales(index, rows, op);
}

Status TfliteTensors::read_bias(std::int32_t index, std::size_t rows, Op& op) {
  if (index == -1) return {};
  const auto dims = shape(index);
  if (!dims) return dims.error();
  std::size_t count = 1;
  for (const std::size_t dim : *dims) count *= dim;
  if (count != rows)
    return error(
        index, "holds " + std::to_string(count) + " biases for " + std::to_string(rows) + " rows");
  const bool is_float = !op.weights.empty();
  if (!is_type(**find(index), is_float ? TfliteType::float32 : TfliteType::int32))
    return error(index, "holds biases of " + type_name((*find(index))->type()) +
                            " beside weights of " + (is_float ? "float32" : "int8"));
  const auto bytes = constant(index, rows * 4);
  if (!bytes) return bytes.error();
  if (is_float) {
    op.bias = values<float>(*bytes, rows);
  } else {
    op.bias_s32 = values<std::int32_t>(*bytes, rows);
  }
  return {};
}

}  // namespace haltere::models::interop
