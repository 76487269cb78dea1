#include "tests/interop/tflite_library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <bit>

namespace haltere::fakes {
namespace {

// The few functions of TensorFlow Lite's C interface (c_api.h) that one inference takes.
struct Model;
struct Options;
struct Interpreter;
struct TensorHandle;

template <typename Function>
Function* function(void* handle, const char* name) {
  return std::bit_cast<Function*>(dlsym(handle, name));
}

struct Interface {
  explicit Interface(void* handle)
      : create_model(function<Model*(const void*, std::size_t)>(handle, "TfLiteModelCreate")),
        delete_model(function<void(Model*)>(handle, "TfLiteModelDelete")),
        create(function<Interpreter*(const Model*, const Options*)>(handle,
                                                                    "TfLiteInterpreterCreate")),
        destroy(function<void(Interpreter*)>(handle, "TfLiteInterpreterDelete")),
        allocate(function<int(Interpreter*)>(handle, "TfLiteInterpreterAllocateTensors")),
        invoke(function<int(Interpreter*)>(handle, "TfLiteInterpreterInvoke")),
        input(function<TensorHandle*(const Interpreter*, std::int32_t)>(
            handle, "TfLiteInterpreterGetInputTensor")),
        output(function<const TensorHandle*(const Interpreter*, std::int32_t)>(
            handle, "TfLiteInterpreterGetOutputTensor")),
        bytes(function<std::size_t(const TensorHandle*)>(handle, "TfLiteTensorByteSize")),
        data(function<void*(const TensorHandle*)>(handle, "TfLiteTensorData")) {}

  Model* (*create_model)(const void*, std::size_t);
  void (*delete_model)(Model*);
  Interpreter* (*create)(const Model*, const Options*);
  void (*destroy)(Interpreter*);
  int (*allocate)(Interpreter*);
  int (*invoke)(Interpreter*);
  TensorHandle* (*input)(const Interpreter*, std::int32_t);
  const TensorHandle* (*output)(const Interpreter*, std::int32_t);
  std::size_t (*bytes)(const TensorHandle*);
  void* (*data)(const TensorHandle*);
};

Error refused(const char* what) { return {ErrorKind::refused, what}; }

Result<std::vector<std::uint8_t>> run_all(const Interface& lite, Interpreter* interpreter,
                                          std::span<const std::uint8_t> inputs) {
  if (lite.allocate(interpreter) != 0) return refused("it cannot allocate the tensors");
  TensorHandle* input = lite.input(interpreter, 0);
  const TensorHandle* output = lite.output(interpreter, 0);
  const std::size_t size = lite.bytes(input);
  std::vector<std::uint8_t> outputs;
  for (; inputs.size() >= size; inputs = inputs.subspan(size)) {
    std::copy_n(inputs.begin(), size, static_cast<std::uint8_t*>(lite.data(input)));
    if (lite.invoke(interpreter) != 0) return refused("it cannot run");
    const auto* data = static_cast<const std::uint8_t*>(lite.data(output));
    outputs.insert(outputs.end(), data, data + lite.bytes(output));
  }
  return outputs;
}

}  // namespace

Result<TfliteLibrary> TfliteLibrary::load(const std::filesystem::path& library) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return Error{ErrorKind::not_found, dlerror()};
  TfliteLibrary loaded;
  // Never closed: its threads and globals do not survive that under sanitizers.
  loaded.handle_ = std::shared_ptr<void>(handle, [](void*) {});
  return loaded;
}

Result<std::vector<std::uint8_t>> TfliteLibrary::run(std::span<const std::uint8_t> model,
                                                     std::span<const std::uint8_t> inputs) const {
  const Interface lite(handle_.get());
  const std::unique_ptr<Model, void (*)(Model*)> loaded(
      lite.create_model(model.data(), model.size()), lite.delete_model);
  if (!loaded) return refused("it is no model to it");
  const std::unique_ptr<Interpreter, void (*)(Interpreter*)> interpreter(
      lite.create(loaded.get(), nullptr), lite.destroy);
  if (!interpreter) return refused("it cannot build an interpreter for it");
  return run_all(lite, interpreter.get(), inputs);
}

}  // namespace haltere::fakes
