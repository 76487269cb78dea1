// An always-on inference alone: map a bundle and run it on features that came from elsewhere, with
// all it needs of the compiler's and the C library's functions. SIZE_OF_accepting checks the bundle
// and tests it before; SIZE_OF_empty, which the others are measured against, only touches the same
// memory.
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
  int8_t* scratch = memory;
#if defined(SIZE_OF_empty)
  scratch[0] = static_cast<int8_t>(bytes[5] + bytes[6]);
  if (values != nullptr) memory[0] = 1;
#else
  using namespace haltere::kernels;
  BundleView view;
#if defined(SIZE_OF_accepting)
  if (open_bundle(bytes, bytes[5], view) != BundleError::none) return;
  if (bundle_self_test(view, scratch) != BundleError::none) return;
#else
  if (map_bundle(bytes, bytes[5], view) != BundleError::none) return;
#endif
  const Verdict verdict = run_bundle(view, values, scratch, scratch + required_ram_bytes(view));
  memory[0] = static_cast<int8_t>(verdict.label);
#endif
}
