#include "models/bundle.hpp"

#include <string>
#include <utility>

#include "models/float_model.hpp"

namespace haltere::models {

using kernels::Activation;
using kernels::BundleError;
using kernels::BundleView;
using kernels::Task;

Result<BundleView> open(std::span<const std::uint8_t> bytes) {
  BundleView view{};
  const BundleError error = kernels::open_bundle(bytes.data(), bytes.size(), view);
  if (error == BundleError::none) return view;
  if (is_float_bundle(bytes))
    return Error{ErrorKind::invalid,
                 "a float model: microcontrollers run int8 models; quantize it first (haltere "
                 "model quantize)"};
  return Error{ErrorKind::corrupt, "not a usable bundle: " + std::string(to_string(error))};
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
    case BundleError::unsupported_layer: return "a layer is of a kind that this build leaves out";
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
    case Activation::leaky_relu: return "leaky_relu";
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
