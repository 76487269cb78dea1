#include "models/bundle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/crc32.hpp"

namespace haltere::models {
namespace {

namespace at = kernels::bundle_layout;
using kernels::Activation;
using kernels::BundleError;
using kernels::BundleView;
using kernels::Task;

/// Appends little-endian values; sections start at multiples of 4.
class Writer {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void i8(std::int8_t value) { u8(static_cast<std::uint8_t>(value)); }
  void u16(std::size_t value) { little_endian(value, 2); }
  void u32(std::uint32_t value) { little_endian(value, 4); }
  void i32(std::int32_t value) { u32(static_cast<std::uint32_t>(value)); }
  void u64(std::uint64_t value) { little_endian(value, 8); }
  void f32(float value) { u32(std::bit_cast<std::uint32_t>(value)); }
  void zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }
  void pad() { bytes_.resize((bytes_.size() + 3) / 4 * 4); }
  void raw(std::span<const std::uint8_t> values) {
    bytes_.insert(bytes_.end(), values.begin(), values.end());
  }
  void i8s(std::span<const std::int8_t> values) {
    for (const auto value : values) i8(value);
    pad();
  }
  void i32s(std::span<const std::int32_t> values) {
    for (const auto value : values) i32(value);
  }
  void f32s(std::span<const float> values) {
    for (const auto value : values) f32(value);
  }
  void text(std::string_view value) {
    for (std::size_t i = 0; i < kernels::name_bytes; ++i)
      u8(i < value.size() ? static_cast<std::uint8_t>(value[i]) : std::uint8_t{0});
  }

  std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  void little_endian(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i, value >>= 8U) u8(static_cast<std::uint8_t>(value & 0xFFU));
  }

  std::vector<std::uint8_t> bytes_;
};

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

std::string_view padded_text(const char* text) {
  return {text, static_cast<std::size_t>(std::find(text, text + kernels::name_bytes, '\0') - text)};
}

Status check_layer(const BundleLayer& layer, std::size_t index, std::size_t inputs) {
  const auto name = "layer " + std::to_string(index);
  if (layer.inputs != inputs)
    return invalid(name + " takes " + std::to_string(layer.inputs) + " inputs, but gets " +
                   std::to_string(inputs));
  if (layer.outputs == 0 || layer.outputs > kernels::max_bundle_units)
    return invalid(name + " has " + std::to_string(layer.outputs) + " outputs");
  const bool has_table =
      layer.activation == Activation::tanh || layer.activation == Activation::sigmoid;
  if (layer.multipliers.size() != layer.outputs || layer.shifts.size() != layer.outputs ||
      layer.layer_bias.size() != layer.outputs ||
      layer.weights.size() != layer.inputs * layer.outputs ||
      layer.table.size() != (has_table ? 256U : 0U))
    return invalid(name + " has arrays that do not fit its inputs and outputs");
  return {};
}

Status check_text(std::string_view what, std::string_view text) {
  if (!text.empty() && text.size() <= kernels::name_bytes) return {};
  return invalid(std::string(what) + " '" + std::string(text) + "' must be 1 to " +
                 std::to_string(kernels::name_bytes) + " bytes long");
}

Status check_layers(const Bundle& bundle) {
  std::size_t width = bundle.layers.front().inputs;
  for (std::size_t i = 0; i < bundle.layers.size(); ++i) {
    if (auto checked = check_layer(bundle.layers[i], i, width); !checked) return checked;
    width = bundle.layers[i].outputs;
  }
  return {};
}

Status check_texts(const Bundle& bundle) {
  if (auto checked = check_text("model id", bundle.provenance.model_id); !checked) return checked;
  for (const auto& label : bundle.labels)
    if (auto checked = check_text("label", label); !checked) return checked;
  return {};
}

Status check_sizes(const Bundle& bundle) {
  if (bundle.layers.empty() || bundle.layers.size() > kernels::max_bundle_layers)
    return invalid("a bundle needs 1 to " + std::to_string(kernels::max_bundle_layers) + " layers");
  const std::size_t inputs = bundle.layers.front().inputs;
  const std::size_t outputs = bundle.layers.back().outputs;
  if (inputs == 0 || inputs > kernels::max_inputs)
    return invalid("a bundle cannot have " + std::to_string(inputs) + " inputs");
  if (auto checked = check_layers(bundle); !checked) return checked;
  if (bundle.mean.size() != inputs || bundle.gain.size() != inputs ||
      bundle.self_test_features.size() != inputs)
    return invalid("normalisation and self-test vector must have one value per input");
  if (bundle.output_scales.size() != (bundle.task == Task::regress ? outputs : 0U))
    return invalid("only regression has output scales, one per output");
  if (bundle.labels.size() > outputs) return invalid("a bundle has at most one label per output");
  return check_texts(bundle);
}

void write_header(const Bundle& bundle, Writer& out) {
  out.u32(at::magic_word);
  out.u16(kernels::bundle_format_version);
  out.u8(static_cast<std::uint8_t>(bundle.task));
  out.u8(static_cast<std::uint8_t>(kernels::WeightPacking::plain));
  out.u32(0);  // the length, once known
  out.u16(bundle.layers.front().inputs);
  out.u16(bundle.layers.back().outputs);
  out.u16(bundle.labels.size());
  out.u8(static_cast<std::uint8_t>(bundle.layers.size()));
  out.u8(static_cast<std::uint8_t>(kernels::Seal::none));
  out.f32(bundle.input_scale);
  out.f32(bundle.output_scale);
  out.i8(bundle.input_zero_point);
  out.i8(bundle.output_zero_point);
  out.zeros(at::reserved_bytes);
}

void write_provenance(const Provenance& provenance, Writer& out) {
  out.text(provenance.model_id);
  out.u32(provenance.version);
  out.u32(provenance.windows_learned);
  out.u64(provenance.parent);
  out.u64(static_cast<std::uint64_t>(provenance.created_ns));
  out.f32(provenance.prequential_score);
  out.f32(provenance.held_back_score);
  out.zeros(at::reserved_provenance_bytes);
}

void write_layer(const BundleLayer& layer, Writer& out) {
  out.u16(layer.inputs);
  out.u16(layer.outputs);
  out.u8(static_cast<std::uint8_t>(layer.activation));
  out.u8(static_cast<std::uint8_t>(layer.packing));
  out.i8(layer.clamp_min);
  out.i8(layer.clamp_max);
  out.f32(layer.output_scale);
  out.i8(layer.output_zero_point);
  out.i8(layer.softmax.shift);
  out.u16(0);
  out.i32(layer.softmax.multiplier);
  out.i32s(layer.multipliers);
  out.i32s(layer.layer_bias);
  out.i8s(layer.shifts);
  out.i8s(layer.weights);
  out.i8s(layer.table);
}

void write_task_data(const Bundle& bundle, Writer& out) {
  switch (bundle.task) {
    case Task::classify:
      out.i8(bundle.unknown_below);
      out.pad();
      break;
    case Task::regress:
      for (const auto& output : bundle.output_scales) {
        out.f32(output.scale);
        out.f32(output.offset);
      }
      break;
    case Task::anomaly: out.u32(bundle.anomaly_threshold); break;
  }
}

void put_u32(std::span<std::uint8_t> bytes, std::size_t offset, std::uint32_t value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

void seal_crc(std::vector<std::uint8_t>& bytes) {
  const std::size_t end = bytes.size() - at::crc_bytes;
  put_u32(bytes, end, kernels::crc32(bytes.data(), end));
}

/// Puts what this bundle's own layers give for the self-test features at its end.
void fill_self_test(const BundleView& view, std::vector<std::uint8_t>& bytes) {
  std::vector<std::int8_t> scratch(kernels::required_ram_bytes(view));
  std::vector<std::int8_t> outputs(view.outputs);
  std::vector<float> features(view.inputs);
  std::memcpy(features.data(), view.self_test, features.size() * sizeof(float));
  kernels::run_bundle(view, features.data(), scratch.data(), outputs.data());
  const auto offset = static_cast<std::size_t>(view.self_test - view.bytes);
  std::memcpy(bytes.data() + offset + features.size() * sizeof(float), outputs.data(),
              outputs.size());
}

std::vector<float> floats(const std::uint8_t* bytes, std::size_t count) {
  std::vector<float> values(count);
  std::memcpy(values.data(), bytes, count * sizeof(float));
  return values;
}

template <typename T>
std::vector<T> values(const void* bytes, std::size_t count) {
  std::vector<T> out(count);
  std::memcpy(out.data(), bytes, count * sizeof(T));
  return out;
}

BundleLayer layer_of(const kernels::LayerView& view) {
  const kernels::DenseS8& dense = view.dense;
  const std::size_t outputs = dense.outputs;
  BundleLayer layer;
  layer.inputs = dense.inputs;
  layer.outputs = outputs;
  layer.activation = view.activation;
  layer.packing = dense.packing;
  layer.clamp_min = dense.clamp_min;
  layer.clamp_max = dense.clamp_max;
  layer.output_scale = view.output_scale;
  layer.output_zero_point = dense.output_zero_point;
  layer.softmax = view.softmax;
  layer.multipliers = values<std::int32_t>(dense.multipliers, outputs);
  layer.shifts = values<std::int8_t>(dense.shifts, outputs);
  layer.layer_bias = values<std::int32_t>(dense.layer_bias, outputs);
  layer.weights = values<std::int8_t>(dense.weights, outputs * layer.inputs);
  if (view.table != nullptr) layer.table = values<std::int8_t>(view.table, 256);
  return layer;
}

void read_task_data(const BundleView& view, Bundle& bundle) {
  switch (view.task) {
    case Task::classify: bundle.unknown_below = kernels::load_i8(view.task_data); break;
    case Task::regress:
      for (std::size_t i = 0; i < view.outputs; ++i)
        bundle.output_scales.push_back({kernels::load_f32(view.task_data + 8 * i),
                                        kernels::load_f32(view.task_data + 8 * i + 4)});
      break;
    case Task::anomaly: bundle.anomaly_threshold = kernels::load_u32(view.task_data); break;
  }
}

}  // namespace

Result<std::vector<std::uint8_t>> encode(const Bundle& bundle) {
  if (auto checked = check_sizes(bundle); !checked) return checked.error();
  Writer out;
  write_header(bundle, out);
  write_provenance(bundle.provenance, out);
  out.raw(bundle.recipe);
  out.pad();
  out.f32s(bundle.mean);
  out.f32s(bundle.gain);
  for (const auto& layer : bundle.layers) write_layer(layer, out);
  for (const auto& label : bundle.labels) out.text(label);
  write_task_data(bundle, out);
  out.f32s(bundle.self_test_features);
  out.zeros(kernels::padded_to_4(static_cast<std::uint32_t>(bundle.layers.back().outputs)));
  out.zeros(at::crc_bytes);

  std::vector<std::uint8_t> bytes = std::move(out.bytes());
  put_u32(bytes, at::total_length, static_cast<std::uint32_t>(bytes.size()));
  seal_crc(bytes);
  BundleView view{};
  if (const BundleError error = kernels::open_bundle(bytes.data(), bytes.size(), view);
      error != BundleError::none)
    return invalid("cannot write this model as a bundle: " + std::string(to_string(error)));
  fill_self_test(view, bytes);
  seal_crc(bytes);
  return bytes;
}

Result<Bundle> decode(std::span<const std::uint8_t> bytes) {
  // The reader wants its bytes aligned; a vector's are.
  const std::vector<std::uint8_t> aligned(bytes.begin(), bytes.end());
  const auto opened = open(aligned);
  if (!opened) return opened.error();
  const BundleView& view = *opened;
  Bundle bundle;
  bundle.task = view.task;
  bundle.input_scale = view.input_scale;
  bundle.input_zero_point = view.input_zero_point;
  bundle.output_scale = view.output_scale;
  bundle.output_zero_point = view.output_zero_point;
  bundle.provenance = provenance_of(view);
  bundle.recipe.assign(view.recipe.bytes, view.recipe.bytes + view.recipe.size);
  bundle.mean = floats(view.normalisation, view.inputs);
  bundle.gain = floats(view.normalisation + std::size_t{4} * view.inputs, view.inputs);
  const std::uint8_t* next = view.layers;
  for (int i = 0; i < view.layer_count; ++i) {
    const kernels::LayerView layer = kernels::read_layer(next);
    bundle.layers.push_back(layer_of(layer));
    next = layer.next;
  }
  for (std::uint16_t i = 0; i < view.label_count; ++i)
    bundle.labels.emplace_back(padded_text(kernels::bundle_label(view, i)));
  read_task_data(view, bundle);
  bundle.self_test_features = floats(view.self_test, view.inputs);
  bundle.self_test_outputs =
      values<std::int8_t>(view.self_test + std::size_t{4} * view.inputs, view.outputs);
  return bundle;
}

Result<BundleView> open(std::span<const std::uint8_t> bytes) {
  BundleView view{};
  const BundleError error = kernels::open_bundle(bytes.data(), bytes.size(), view);
  if (error == BundleError::none) return view;
  return Error{ErrorKind::corrupt, "not a usable bundle: " + std::string(to_string(error))};
}

Provenance provenance_of(const BundleView& view) {
  const std::uint8_t* bytes = view.bytes;
  Provenance provenance;
  provenance.model_id = padded_text(values<char>(bytes + at::model_id, kernels::name_bytes).data());
  provenance.version = view.version;
  provenance.windows_learned = kernels::load_u32(bytes + at::windows_learned);
  provenance.parent = values<std::uint64_t>(bytes + at::parent, 1)[0];
  provenance.created_ns = values<std::int64_t>(bytes + at::created_ns, 1)[0];
  provenance.prequential_score = kernels::load_f32(bytes + at::prequential_score);
  provenance.held_back_score = kernels::load_f32(bytes + at::held_back_score);
  return provenance;
}

std::string_view to_string(BundleError error) {
  switch (error) {
    case BundleError::none: return "nothing is wrong";
    case BundleError::misaligned: return "its memory does not start at a multiple of 4";
    case BundleError::too_short: return "it is cut off inside its header";
    case BundleError::wrong_magic: return "it does not begin with HLTB";
    case BundleError::unsupported_version:
      return "it is of a format version that is not known here";
    case BundleError::wrong_length: return "its length is not what its header and sections say";
    case BundleError::wrong_crc: return "its CRC-32 does not match: bytes have changed";
    case BundleError::bad_header: return "its header holds a value that cannot be";
    case BundleError::unsupported_packing: return "its weights are packed for another core";
    case BundleError::unsupported_seal: return "it has a seal that cannot be checked here";
    case BundleError::bad_provenance: return "its provenance holds a value that cannot be";
    case BundleError::bad_recipe:
      return "its feature recipe does not fit its inputs or is malformed";
    case BundleError::bad_normalisation: return "its normalisation is not finite";
    case BundleError::bad_layer: return "a layer holds a value that cannot be";
    case BundleError::bad_labels: return "a label is empty or not UTF-8";
    case BundleError::bad_task: return "its thresholds or output scales cannot be";
    case BundleError::bad_self_test: return "its self-test vector is malformed";
    case BundleError::self_test_mismatch:
      return "its self-test vector gives other outputs on this machine";
  }
  return "unknown";
}

std::string_view to_string(Task task) {
  switch (task) {
    case Task::classify: return "classify";
    case Task::regress: return "regress";
    case Task::anomaly: return "anomaly";
  }
  return "unknown";
}

std::string_view to_string(Activation activation) {
  switch (activation) {
    case Activation::linear: return "linear";
    case Activation::relu: return "relu";
    case Activation::tanh: return "tanh";
    case Activation::sigmoid: return "sigmoid";
    case Activation::softmax: return "softmax";
  }
  return "unknown";
}

Result<Int8Model> Int8Model::create(std::vector<std::uint8_t> bytes) {
  Int8Model model;
  model.bytes_ = std::move(bytes);
  auto opened = open(model.bytes_);
  if (!opened) return opened.error();
  model.view_ = *opened;
  model.scratch_.resize(kernels::self_test_scratch_bytes(model.view_));
  model.outputs_.resize(model.view_.outputs);
  const BundleError error = kernels::bundle_self_test(model.view_, model.scratch_.data());
  if (error != BundleError::none)
    return Error{ErrorKind::corrupt, "not a usable bundle: " + std::string(to_string(error))};
  return model;
}

Int8Model::Int8Model(const Int8Model& other) : Int8Model() { *this = other; }

Int8Model& Int8Model::operator=(const Int8Model& other) {
  if (this == &other) return *this;
  bytes_ = other.bytes_;
  scratch_ = other.scratch_;
  outputs_ = other.outputs_;
  // The view points into the bytes; it was opened once, so this cannot fail.
  [[maybe_unused]] const BundleError error =
      kernels::open_bundle(bytes_.data(), bytes_.size(), view_);
  return *this;
}

kernels::Verdict Int8Model::run(std::span<const float> features) {
  return kernels::run_bundle(view_, features.data(), scratch_.data(), outputs_.data());
}

}  // namespace haltere::models
