#include "models/interop/tfjs_writer.hpp"

#include <bit>

#include "config/json.hpp"

namespace haltere::models::interop {
namespace {

using nlohmann::ordered_json;

/// Adds layers one behind the other.
class Writer {
 public:
  Result<TfjsFiles> write(const Chain& chain, const ExportNotes& notes,
                          const std::string& weights_name);

 private:
  void add_layer(const std::string& kind, ordered_json config);
  void add_dense(const Op& op, const Tensor& input, const char* activation);
  void add_values(const std::string& name, const std::vector<std::size_t>& shape,
                  const std::vector<float>& values);
  Status add(const Op& op, const Tensor& input);

  std::size_t inputs_ = 0;
  ordered_json layers_ = ordered_json::array();
  ordered_json weights_ = ordered_json::array();
  std::vector<std::uint8_t> bytes_;
};

/// W [inputs][outputs] of a dense operator, in numbers.
std::vector<float> kernel_of(const Op& op, std::size_t inputs) {
  const std::size_t outputs = op.output.size;
  std::vector<float> kernel(inputs * outputs);
  for (std::size_t o = 0; o < outputs; ++o)
    for (std::size_t i = 0; i < inputs; ++i) {
      const std::size_t at = o * inputs + i;
      kernel[i * outputs + o] = op.weights.empty()
                                    ? op.weight_scales[op.weight_scales.size() == 1 ? 0 : o] *
                                          static_cast<float>(op.weights_s8[at])
                                    : op.weights[at];
    }
  return kernel;
}

std::vector<float> bias_of(const Op& op, const Tensor& input) {
  if (!op.weights.empty()) return op.bias;
  std::vector<float> bias;
  for (std::size_t o = 0; o < op.output.size; ++o)
    bias.push_back(input.scale * op.weight_scales[op.weight_scales.size() == 1 ? 0 : o] *
                   static_cast<float>(op.bias_s32[o]));
  return bias;
}

void Writer::add_layer(const std::string& kind, ordered_json config) {
  config["name"] = "layer_" + std::to_string(layers_.size());
  config["trainable"] = true;
  if (layers_.empty()) config["batch_input_shape"] = {nullptr, inputs_};
  layers_.push_back({{"class_name", kind}, {"config", std::move(config)}});
}

void Writer::add_values(const std::string& name, const std::vector<std::size_t>& shape,
                        const std::vector<float>& values) {
  weights_.push_back({{"name", name}, {"shape", shape}, {"dtype", "float32"}});
  for (const float value : values) {
    auto bits = std::bit_cast<std::uint32_t>(value);
    for (int i = 0; i < 4; ++i, bits >>= 8U)
      bytes_.push_back(static_cast<std::uint8_t>(bits & 0xFFU));
  }
}

void Writer::add_dense(const Op& op, const Tensor& input, const char* activation) {
  const std::string name = "layer_" + std::to_string(layers_.size());
  add_layer("Dense", {{"units", op.output.size},
                      {"activation", activation},
                      {"use_bias", true},
                      {"dtype", "float32"}});
  add_values(name + "/kernel", {input.size, op.output.size}, kernel_of(op, input.size));
  add_values(name + "/bias", {op.output.size}, bias_of(op, input));
}

Status Writer::add(const Op& op, const Tensor& input) {
  const auto activation = [this](const char* name) {
    add_layer("Activation", {{"activation", name}, {"dtype", "float32"}});
  };
  const Error missing{ErrorKind::invalid, "TensorFlow.js has no activation that limits to -1..1"};
  switch (op.kind) {
    case OpKind::dense:
      if (op.fused == Fused::relu_n1_to_1) return missing;
      add_dense(op, input,
                op.fused == Fused::relu    ? "relu"
                : op.fused == Fused::relu6 ? "relu6"
                                           : "linear");
      break;
    case OpKind::relu: activation("relu"); break;
    case OpKind::relu6: activation("relu6"); break;
    case OpKind::relu_n1_to_1: return missing;
    case OpKind::leaky_relu:
      add_layer("LeakyReLU", {{"alpha", static_cast<double>(op.factor)}, {"dtype", "float32"}});
      break;
    case OpKind::tanh: activation("tanh"); break;
    case OpKind::logistic: activation("sigmoid"); break;
    case OpKind::softmax: activation("softmax"); break;
    case OpKind::quantize:
    case OpKind::dequantize: break;
  }
  return {};
}

Result<TfjsFiles> Writer::write(const Chain& chain, const ExportNotes& notes,
                                const std::string& weights_name) {
  inputs_ = chain.input.size;
  Tensor at = chain.input;
  for (const Op& op : chain.ops) {
    if (auto added = add(op, at); !added) return added.error();
    at = op.output;
  }
  const ordered_json model{
      {"format", "layers-model"},
      {"generatedBy", "haltere"},
      {"convertedBy", nullptr},
      {"userDefinedMetadata",
       {{"description", notes.description},
        {"haltere", ordered_json::parse(notes.metadata, nullptr, false)}}},
      {"modelTopology",
       {{"keras_version", "2.4.0"},
        {"backend", "tensorflow"},
        {"model_config",
         {{"class_name", "Sequential"}, {"config", {{"name", "haltere"}, {"layers", layers_}}}}}}},
      {"weightsManifest", ordered_json::array({{{"paths", ordered_json::array({weights_name})},
                                                {"weights", weights_}}})}};
  return TfjsFiles{model.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n",
                   std::move(bytes_)};
}

}  // namespace

Result<TfjsFiles> write_tfjs(const Chain& chain, const ExportNotes& notes,
                             const std::string& weights_name) {
  return Writer().write(chain, notes, weights_name);
}

}  // namespace haltere::models::interop
