// The inference core alone: check a bundle, test it, run it on features that came from elsewhere.
// With all it needs of the compiler's and the C library's functions.
#include "models/kernels/bundle_view.hpp"

extern "C" void entry();

// Volatile pointers: nothing behind them can be computed at build time.
extern const uint8_t* volatile bytes;
extern int8_t* volatile memory;
extern float* volatile values;

const uint8_t* volatile bytes;
int8_t* volatile memory;
float* volatile values;

void entry() {
  using namespace haltere::kernels;
  int8_t* scratch = memory;
  BundleView view;
  if (map_bundle(bytes, bytes[5], view) != BundleError::none) return;
  if (bundle_self_test(view, scratch) != BundleError::none) return;
  const Verdict verdict = run_bundle(view, values, scratch, scratch + required_ram_bytes(view));
  memory[0] = static_cast<int8_t>(verdict.label);
}
