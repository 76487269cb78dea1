// Float models as bundles: the same head as every bundle, other sections behind it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include "models/byte_writer.hpp"
#include "models/float_model.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/crc32.hpp"
#include "models/kernels/text.hpp"
#include "models/recipe.hpp"

namespace haltere::models {
namespace {

namespace at = kernels::bundle_layout;
using kernels::Task;
using kernels::TensorType;

constexpr std::uint8_t packing_float = 255;  // no core class: kernels refuse it as one they lack
constexpr std::size_t recipe_bytes = 20;
constexpr std::size_t step_header_bytes = 16;

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }
Error corrupt(const std::string& what) {
  return {ErrorKind::corrupt, "not a usable bundle: " + what};
}

bool is_range_valid(const FloatStep& step) {
  if (step.kind != FloatStepKind::dense && step.kind != FloatStepKind::clamp)
    return step.low == 0.0F && step.high == 0.0F;
  return step.low <= step.high;  // also false for NaN
}

Status check_step(const FloatStep& step, std::size_t inputs) {
  const bool is_dense = step.kind == FloatStepKind::dense;
  if (step.inputs != inputs) return invalid("its inputs are not the outputs of the one before");
  if (step.outputs == 0 || step.outputs > kernels::max_bundle_units ||
      (!is_dense && step.outputs != step.inputs))
    return invalid("it has " + std::to_string(step.outputs) + " outputs");
  if (step.weights.size() != (is_dense ? step.inputs * step.outputs : 0) ||
      step.bias.size() != (is_dense ? step.outputs : 0))
    return invalid("it has arrays that do not fit its inputs and outputs");
  if (!is_range_valid(step)) return invalid("its limits cannot be");
  const auto is_finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(step.weights, is_finite) || !std::ranges::all_of(step.bias, is_finite))
    return invalid("it has weights that are not finite");
  return {};
}

Status check_texts(const FloatModel& model) {
  const auto is_text = [](const std::string& text) {
    std::array<std::uint8_t, kernels::name_bytes> padded{};
    if (text.size() > padded.size()) return false;
    std::ranges::copy(text, padded.begin());
    return kernels::is_padded_text(padded.data(), padded.size());
  };
  if (!is_text(model.provenance.model_id) || model.provenance.version == 0)
    return invalid("its model id is not a text of 1 to 16 bytes, or its version is 0");
  if (!std::ranges::all_of(model.labels, is_text))
    return invalid("a label is not a text of 1 to 16 bytes");
  const std::size_t outputs = model.outputs();
  const bool good =
      model.task == Task::classify
          ? outputs >= 2 && model.labels.size() == outputs
          : model.task == Task::regress && (model.labels.empty() || model.labels.size() == outputs);
  return good ? Status{} : Status{invalid("its labels do not fit its task and outputs")};
}

Status check(const FloatModel& model) {
  if (model.steps.empty() || model.steps.size() > max_float_steps)
    return invalid("a float model has 1 to " + std::to_string(max_float_steps) + " steps");
  std::size_t width = model.inputs();
  if (width == 0 || width > kernels::max_inputs)
    return invalid("a bundle cannot have " + std::to_string(width) + " inputs");
  for (std::size_t i = 0; i < model.steps.size(); ++i) {
    if (auto checked = check_step(model.steps[i], width); !checked)
      return invalid("step " + std::to_string(i) + ": " + checked.error().message);
    width = model.steps[i].outputs;
  }
  return check_texts(model);
}

void write_head(const FloatModel& model, ByteWriter& out) {
  out.u32(at::magic_word);
  out.u16(kernels::bundle_format_version);
  out.u8(static_cast<std::uint8_t>(model.task));
  out.u8(packing_float);
  out.u32(0);  // the length, once known
  out.u16(model.inputs());
  out.u16(model.outputs());
  out.u16(model.labels.size());
  out.u8(static_cast<std::uint8_t>(model.steps.size()));
  out.u8(static_cast<std::uint8_t>(kernels::Seal::none));
  out.f32(1.0F);
  out.f32(1.0F);
  out.u16(0);  // zero points
  out.zeros(at::reserved_bytes);
  const Provenance& provenance = model.provenance;
  out.text(provenance.model_id);
  out.u32(provenance.version);
  out.u32(provenance.windows_learned);
  out.u64(provenance.parent);
  out.u64(static_cast<std::uint64_t>(provenance.created_ns));
  out.f32(provenance.prequential_score);
  out.f32(provenance.held_back_score);
  out.zeros(at::reserved_provenance_bytes);
}

void write_step(const FloatStep& step, ByteWriter& out) {
  out.u8(static_cast<std::uint8_t>(step.kind));
  out.zeros(3);
  out.u16(step.inputs);
  out.u16(step.outputs);
  out.f32(step.low);
  out.f32(step.high);
  out.f32s(step.bias);
  out.f32s(step.weights);
}

/// Reads sections off the front; short reads make everything after them fail.
class Sections {
 public:
  explicit Sections(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  /// Empty when there are fewer.
  std::span<const std::uint8_t> take(std::size_t size) {
    if (size > rest_.size()) return {};
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  bool take_floats(std::size_t count, std::vector<float>& out) {
    const auto bytes = take(count * 4);
    if (bytes.empty()) return false;
    out.resize(count);
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return true;
  }
  [[nodiscard]] std::size_t size() const { return rest_.size(); }

 private:
  std::span<const std::uint8_t> rest_;
};

bool read_step(Sections& sections, FloatStep& step) {
  const auto header = sections.take(step_header_bytes);
  if (header.empty()) return false;
  const std::uint8_t kind = header[0];
  if (kind > static_cast<std::uint8_t>(FloatStepKind::softmax) ||
      !kernels::all_zero(header.data() + 1, 3))
    return false;
  step.kind = static_cast<FloatStepKind>(kind);
  step.inputs = kernels::load_u16(header.data() + 4);
  step.outputs = kernels::load_u16(header.data() + 6);
  step.low = kernels::load_f32(header.data() + 8);
  step.high = kernels::load_f32(header.data() + 12);
  if (step.kind != FloatStepKind::dense) return true;
  return sections.take_floats(step.outputs, step.bias) &&
         sections.take_floats(step.outputs * step.inputs, step.weights);
}

std::string text_of(const std::uint8_t* bytes) {
  const std::string text(reinterpret_cast<const char*>(bytes), kernels::name_bytes);
  return text.substr(0, text.find('\0'));
}

Status check_envelope(std::span<const std::uint8_t> bytes) {
  if (!is_float_bundle(bytes)) return corrupt("it is no float model");
  if (bytes.size() < at::header_bytes + at::crc_bytes)
    return corrupt("it is cut off in its header");
  if (kernels::load_u16(bytes.data() + at::format_version) != kernels::bundle_format_version)
    return corrupt("it is of a format version that is not known here");
  const std::size_t end = bytes.size() - at::crc_bytes;
  if (kernels::load_u32(bytes.data() + at::total_length) != bytes.size())
    return corrupt("its length is not what its header says");
  if (kernels::crc32(bytes.data(), end) != kernels::load_u32(bytes.data() + end))
    return corrupt("its CRC-32 does not match: bytes have changed");
  return {};
}

}  // namespace

bool is_float_bundle(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view magic = "HLTB";
  return bytes.size() > at::packing_class && std::ranges::equal(bytes.first(magic.size()), magic) &&
         bytes[at::packing_class] == packing_float;
}

Result<std::vector<std::uint8_t>> encode_float(const FloatModel& model) {
  if (auto checked = check(model); !checked) return checked.error();
  ByteWriter out;
  write_head(model, out);
  const auto recipe = plain_recipe(model.inputs(), TensorType::float32, TensorType::float32);
  if (!recipe) return recipe.error();
  out.raw(*recipe);
  for (const FloatStep& step : model.steps) write_step(step, out);
  for (const std::string& label : model.labels) out.text(label);
  std::vector<std::uint8_t> bytes = std::move(out.bytes());
  const auto length = static_cast<std::uint32_t>(bytes.size() + at::crc_bytes);
  std::memcpy(bytes.data() + at::total_length, &length, sizeof length);
  ByteWriter crc;
  crc.u32(kernels::crc32(bytes.data(), bytes.size()));
  bytes.insert(bytes.end(), crc.bytes().begin(), crc.bytes().end());
  return bytes;
}

Result<FloatModel> decode_float(std::span<const std::uint8_t> bytes) {
  if (auto checked = check_envelope(bytes); !checked) return checked.error();
  const std::uint8_t* head = bytes.data();
  FloatModel model;
  if (head[at::task] > static_cast<std::uint8_t>(Task::anomaly)) return corrupt("unknown task");
  model.task = static_cast<Task>(head[at::task]);
  model.provenance.model_id = text_of(head + at::model_id);
  model.provenance.version = kernels::load_u32(head + at::version);
  model.provenance.windows_learned = kernels::load_u32(head + at::windows_learned);
  std::memcpy(&model.provenance.parent, head + at::parent, sizeof model.provenance.parent);
  std::memcpy(&model.provenance.created_ns, head + at::created_ns,
              sizeof model.provenance.created_ns);
  Sections sections(
      bytes.subspan(at::header_bytes, bytes.size() - at::header_bytes - at::crc_bytes));
  static_cast<void>(sections.take(recipe_bytes));
  model.steps.resize(head[at::layer_count]);
  for (std::size_t i = 0; i < model.steps.size(); ++i) {
    if (!read_step(sections, model.steps[i]))
      return corrupt("step " + std::to_string(i) + " is cut off or of an unknown kind");
  }
  const std::size_t labels = kernels::load_u16(head + at::label_count);
  if (sections.size() != labels * kernels::name_bytes)
    return corrupt("its length is not what its sections say");
  for (std::size_t i = 0; i < labels; ++i)
    model.labels.push_back(text_of(sections.take(kernels::name_bytes).data()));
  if (auto checked = check(model); !checked) return corrupt(checked.error().message);
  // Only one way to write a model: whatever else the bytes say is refused.
  const auto again = encode_float(model);
  if (!again || !std::ranges::equal(*again, bytes))
    return corrupt("its header, recipe or texts hold a value that cannot be");
  return model;
}

}  // namespace haltere::models
