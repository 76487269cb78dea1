#include "models/interop/formats.hpp"

#include "models/bundle.hpp"
#include "models/float_model.hpp"
#include "models/interop/bundle_chain.hpp"
#include "models/interop/tflite_writer.hpp"

namespace haltere::models::interop {
namespace {

std::string title(const Provenance& provenance) {
  return provenance.model_id + " version " + std::to_string(provenance.version);
}

Result<std::vector<std::uint8_t>> export_float(std::span<const std::uint8_t> bundle) {
  const auto model = decode_float(bundle);
  if (!model) return model.error();
  const auto chain = chain_of(*model);
  if (!chain) return chain.error();
  return write_tflite(*chain, {title(model->provenance), describe_float_json(*model)});
}

}  // namespace

Result<std::vector<std::uint8_t>> export_tflite(std::span<const std::uint8_t> bundle) {
  if (is_float_bundle(bundle)) return export_float(bundle);
  const auto model = decode(bundle);
  if (!model) return model.error();
  const auto chain = chain_of(*model);
  if (!chain) return chain.error();
  auto notes = feature_json(bundle);
  if (!notes) return notes.error();
  return write_tflite(*chain, {title(model->provenance), std::move(notes).value()});
}

}  // namespace haltere::models::interop
