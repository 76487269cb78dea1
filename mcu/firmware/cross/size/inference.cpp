// Features and the inference core: check a bundle, test it, run it.
#include "mcu/firmware/cross/size/features.hpp"
#include "models/kernels/bundle_view.hpp"

void entry() {
  using namespace haltere::kernels;
  compute_features();
  auto* scratch = reinterpret_cast<int8_t*>(memory);
  BundleView view;
  if (open_bundle(bytes, bytes[5], view) != BundleError::none) return;
  if (bundle_self_test(view, scratch) != BundleError::none) return;
  const Verdict verdict = run_bundle(view, values, scratch, scratch + required_ram_bytes(view));
  memory[0] = static_cast<uint8_t>(verdict.label);
}
