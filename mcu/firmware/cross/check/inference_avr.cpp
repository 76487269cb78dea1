// One inference of a bundle on an ATmega328P, for counting cycles: whoever simulates it has put the
// bundle into flash and looks at the clock when GPIOR0 is written.
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bundle_view.hpp"
#include "models/kernels/bytes.hpp"

int main();

namespace {

using namespace haltere::kernels;

constexpr uintptr_t bundle_in_flash = 0x4000;

alignas(4) int8_t scratch[1280];
alignas(4) int8_t outputs[256];

void mark(uint8_t value) { *reinterpret_cast<volatile uint8_t*>(0x3E) = value; }

[[noreturn]] void end(bool good) {
  mark(good ? 0xFE : 0xFF);
  for (;;) {
  }
}

}  // namespace

int main() {
  const auto* bytes = reinterpret_cast<const uint8_t*>(HALTERE_FLASH_WINDOW + bundle_in_flash);
  const auto size = static_cast<size_t>(load_u32(bytes + bundle_layout::total_length));
  BundleView view;
  mark(1);
  const BundleError mapped = map_bundle(bytes, size, view);
  mark(2);
  if (mapped != BundleError::none || required_ram_bytes(view) > sizeof scratch) end(false);
  quantize_inputs(view, view.self_test, scratch);
  mark(3);
  run_layers(view, scratch, outputs);
  mark(4);
  end(bundle_self_test(view, scratch) == BundleError::none);
}
