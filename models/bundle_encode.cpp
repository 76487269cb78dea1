#include <cstring>
#include <utility>

#include "models/bundle.hpp"
#include "models/bundle_check.hpp"
#include "models/byte_writer.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/crc32.hpp"
#include "models/kernels/dense_s4.hpp"

namespace haltere::models {
namespace {

namespace at = kernels::bundle_layout;
using kernels::BundleError;
using kernels::BundleView;
using kernels::Task;

void write_header(const Bundle& bundle, ByteWriter& out) {
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

void write_provenance(const Provenance& provenance, ByteWriter& out) {
  out.text(provenance.model_id);
  out.u32(provenance.version);
  out.u32(provenance.windows_learned);
  out.u64(provenance.parent);
  out.u64(static_cast<std::uint64_t>(provenance.created_ns));
  out.f32(provenance.prequential_score);
  out.f32(provenance.held_back_score);
  out.zeros(at::reserved_provenance_bytes);
}

void write_nibbles(const BundleLayer& layer, ByteWriter& out) {
  namespace nibbles = kernels::nibbles;
  for (std::size_t first = 0; first < layer.outputs; first += nibbles::rows)
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      unsigned column = 0;
      for (std::size_t r = 0; r < nibbles::rows && first + r < layer.outputs; ++r) {
        const int weight = layer.weights[(first + r) * layer.inputs + i];
        column |= static_cast<unsigned>(weight + nibbles::raised) << nibbles::bits * r;
      }
      out.u16(column);
    }
  out.pad();
}

void write_layer(const BundleLayer& layer, ByteWriter& out) {
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
  if (layer.packing == kernels::WeightPacking::nibbles) {
    write_nibbles(layer, out);
  } else {
    out.i8s(layer.weights);
  }
  out.i8s(layer.table);
}

void write_task_data(const Bundle& bundle, ByteWriter& out) {
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

}  // namespace

Result<std::vector<std::uint8_t>> encode(const Bundle& bundle) {
  if (auto checked = check_sizes(bundle); !checked) return checked.error();
  ByteWriter out;
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
    return Error{ErrorKind::invalid,
                 "cannot write this model as a bundle: " + std::string(to_string(error))};
  fill_self_test(view, bytes);
  seal_crc(bytes);
  return bytes;
}

}  // namespace haltere::models
