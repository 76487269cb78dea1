// The empty image and the inference core: check a bundle, test it, run it.
#include <stdint.h>
#include <string.h>

#include "models/kernels/bundle_view.hpp"

extern "C" {
extern volatile uint8_t* volatile bytes;
volatile uint8_t* volatile bytes;
extern const uint8_t* volatile bundle;
const uint8_t* volatile bundle;
extern float* volatile features;
float* volatile features;
extern int8_t* volatile scratch;
int8_t* volatile scratch;
void entry();
}

void entry() {
  uint8_t copy[64];
  for (uint32_t i = 0; i < sizeof copy; ++i) copy[i] = bytes[i];
  memset(copy, copy[0], copy[1] & 31u);
  memmove(copy, copy + copy[2] % 32u, 16);
  bytes[0] = copy[copy[3] & 63u];
  memcpy(copy, copy + 32, copy[4] & 31u);
  bytes[1] = copy[copy[5] & 63u];

  using namespace haltere::kernels;
  BundleView view;
  if (open_bundle(bundle, bytes[2], view) != BundleError::none) return;
  if (bundle_self_test(view, scratch) != BundleError::none) return;
  const Verdict verdict = run_bundle(view, features, scratch, scratch + required_ram_bytes(view));
  bytes[3] = static_cast<uint8_t>(verdict.label);
}
