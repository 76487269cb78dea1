// .tflite files from outside: whatever is accepted must make a bundle that opens and runs, or a
// reason why not.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "models/interop/float_chain.hpp"
#include "models/interop/raw_model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bundle = haltere::models::interop::import_tflite({data, size}, {"fuzzed", {}});
  if (!bundle) {
    if (bundle.error().message.empty()) std::abort();
    return 0;
  }
  auto model = haltere::models::interop::RawModel::create(*bundle);
  if (!model) std::abort();
  std::vector<std::uint8_t> output;
  for (const std::uint8_t byte : std::array<std::uint8_t, 4>{0, 127, 128, 255})
    model->run(std::vector<std::uint8_t>(model->input_bytes(), byte), output);
  if (output.size() != 4 * model->output_bytes()) std::abort();
  return 0;
}
