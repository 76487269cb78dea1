#include "models/interop/formats.hpp"

#include <utility>

#include "models/bundle.hpp"
#include "models/float_model.hpp"
#include "models/interop/bundle_chain.hpp"
#include "models/interop/onnx_writer.hpp"
#include "models/interop/tflite_writer.hpp"

namespace haltere::models::interop {
namespace {

struct Noted {
  Chain chain;
  ExportNotes notes;
};

std::string title(const Provenance& provenance) {
  return provenance.model_id + " version " + std::to_string(provenance.version);
}

Result<Noted> read_float(std::span<const std::uint8_t> bundle) {
  const auto model = decode_float(bundle);
  if (!model) return model.error();
  auto chain = chain_of(*model);
  if (!chain) return chain.error();
  return Noted{std::move(chain).value(), {title(model->provenance), describe_float_json(*model)}};
}

Result<Noted> read(std::span<const std::uint8_t> bundle) {
  if (is_float_bundle(bundle)) return read_float(bundle);
  const auto model = decode(bundle);
  if (!model) return model.error();
  auto chain = chain_of(*model);
  if (!chain) return chain.error();
  auto notes = feature_json(bundle);
  if (!notes) return notes.error();
  return Noted{std::move(chain).value(), {title(model->provenance), std::move(notes).value()}};
}

}  // namespace

Result<std::vector<std::uint8_t>> export_tflite(std::span<const std::uint8_t> bundle) {
  const auto model = read(bundle);
  if (!model) return model.error();
  return write_tflite(model->chain, model->notes);
}

Result<std::vector<std::uint8_t>> export_onnx(std::span<const std::uint8_t> bundle) {
  const auto model = read(bundle);
  if (!model) return model.error();
  return write_onnx(model->chain, model->notes);
}

Result<TfjsFiles> export_tfjs(std::span<const std::uint8_t> bundle,
                              const std::string& weights_name) {
  const auto model = read(bundle);
  if (!model) return model.error();
  return write_tfjs(model->chain, model->notes, weights_name);
}

}  // namespace haltere::models::interop
