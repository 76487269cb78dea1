// Bundles from outside: the input is a bundle whose length field and CRC are made to fit, so that
// mutations reach the sections behind them. What opens must run, describe and re-encode.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "models/bundle.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/crc32.hpp"

namespace {

namespace at = haltere::kernels::bundle_layout;

void make_envelope_fit(std::vector<std::uint8_t>& bytes) {
  const auto length = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(bytes.data() + at::total_length, &length, sizeof length);
  const std::uint32_t crc = haltere::kernels::crc32(bytes.data(), bytes.size() - at::crc_bytes);
  std::memcpy(bytes.data() + bytes.size() - at::crc_bytes, &crc, sizeof crc);
}

void run(const std::vector<std::uint8_t>& bytes) {
  haltere::kernels::BundleView view{};
  if (haltere::kernels::open_bundle(bytes.data(), bytes.size(), view) !=
      haltere::kernels::BundleError::none)
    return;
  // Weights packed for a core class are not taken apart again.
  const bool plain = view.packing == haltere::kernels::WeightPacking::plain;
  if (haltere::models::decode(bytes).ok() != plain) std::abort();
  if (haltere::models::describe(view).empty()) std::abort();
  std::vector<std::int8_t> scratch(haltere::kernels::required_ram_bytes(view));
  std::vector<std::int8_t> outputs(view.outputs);
  const float inf = std::numeric_limits<float>::infinity();
  for (const float value : {0.0F, -1.0F, 1e30F, -inf, std::nanf("")}) {
    const std::vector<float> features(view.inputs, value);
    haltere::kernels::run_bundle(view, features.data(), scratch.data(), outputs.data());
  }
  if (view.recipe.window_samples * std::size_t{view.recipe.channel_count} > 100'000) return;
  std::vector<float> window(std::size_t{view.recipe.window_samples} * view.recipe.channel_count,
                            1.0F);
  std::vector<float> features(view.inputs);
  std::vector<float> spectrum(haltere::kernels::recipe_scratch_floats(view.recipe));
  haltere::kernels::evaluate_recipe(view.recipe, window.data(), view.recipe.window_samples,
                                    features.data(), spectrum.data());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  run(bytes);
  bytes.resize(size / 4 * 4);
  if (bytes.size() < at::header_bytes + at::crc_bytes) return 0;
  make_envelope_fit(bytes);
  run(bytes);
  return 0;
}
