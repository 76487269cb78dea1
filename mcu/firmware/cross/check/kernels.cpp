// This core's kernel in assembly beside the portable ones, on the core itself: of random layers the
// bytes of dense_s8 with plain weights, of random groups those of dense_s8_packed; and dense_s4
// beside dense_s8. Prints how many layers differ, and the first of them.
#include "mcu/firmware/cross/check/console.hpp"
#include "mcu/firmware/cross/check/layers.hpp"
#include "models/kernels/bytes.hpp"

int main();

namespace haltere {
namespace check {
namespace {

constexpr uint32_t rounds = 300;
constexpr int8_t untouched = 0x55;

Layer layer;
alignas(8) uint8_t groups[max_groups_bytes];
alignas(8) uint8_t workspace[kernels::workspace_bytes(packing, max_inputs) + 4];
int8_t expected[max_outputs + 1];
int8_t found[max_outputs + 1];

struct Count {
  uint32_t compared;
  uint32_t different;
};
Count count;

/// The kernel's outputs to `found`. False when it went wrong around them.
bool run_assembly(const uint8_t* from, uint32_t groups_bytes) {
  found[layer.outputs] = untouched;
  const uint32_t shape = layer.inputs | static_cast<uint32_t>(layer.outputs) << 16;
  const uint8_t* end = haltere_dense_s8_groups(layer.x, from, found, shape, workspace);
  return end == from + groups_bytes && found[layer.outputs] == untouched;
}

void clamp_found() {
  for (uint16_t i = 0; i < layer.outputs; ++i) {
    if (found[i] < layer.clamp_min) found[i] = layer.clamp_min;
    if (found[i] > layer.clamp_max) found[i] = layer.clamp_max;
  }
}

void compare(const char* what, bool sound) {
  bool same = sound;
  for (uint16_t i = 0; i < layer.outputs; ++i) same = same && found[i] == expected[i];
  ++count.compared;
  if (same || ++count.different > 1) return;
  put(what);
  put(" differ first: comparison ");
  put(count.compared);
  put(", inputs ");
  put(uint32_t{layer.inputs});
  put(", outputs ");
  put(uint32_t{layer.outputs});
  put("\n");
}

void compare_layer(Random& random) {
  draw(random, layer);
  pack(layer, groups);
  kernels::dense_s8(layer.dense(nullptr), layer.x, expected);
  const uint32_t bytes = kernels::packed_groups::layer_bytes(layer.inputs, layer.outputs);
  const bool sound = run_assembly(groups, bytes);
  clamp_found();
  compare("layers", sound);
}

void compare_groups(Random& random) {
  draw_groups(random, layer.inputs, layer.outputs, groups);
  kernels::dense_s8_packed(layer.dense(groups), layer.x, expected);
  const uint32_t bytes = kernels::packed_groups::layer_bytes(layer.inputs, layer.outputs);
  compare("groups", run_assembly(groups, bytes));
}

void compare_nibbles() {
  pack_nibbles(layer, groups);
  kernels::DenseS8 dense = layer.dense(nullptr);
  kernels::dense_s8(dense, layer.x, expected);
  dense.weights = reinterpret_cast<const int8_t*>(groups);
  found[layer.outputs] = untouched;
  kernels::dense_s4(dense, layer.x, found);
  compare("int4 layers", found[layer.outputs] == untouched);
}

#if defined(HALTERE_FLASH_WINDOW)
/// Groups in flash beside the same bytes in RAM: whatever the image has there.
void compare_flash(Random& random) {
  const uint32_t bytes = kernels::packed_groups::layer_bytes(layer.inputs, layer.outputs);
  const auto* from =
      reinterpret_cast<const uint8_t*>(HALTERE_FLASH_WINDOW + (random.below(4096) & ~3U));
  for (uint32_t i = 0; i < bytes; ++i) groups[i] = kernels::load_u8(from + i);
  bool sound = run_assembly(groups, bytes);
  for (uint16_t i = 0; i < layer.outputs; ++i) expected[i] = found[i];
  sound = run_assembly(from, bytes) && sound;
  compare("groups in flash", sound);
}
#else
void compare_flash(Random& /*random*/) {}
#endif

}  // namespace
}  // namespace check
}  // namespace haltere

int main() {
  using namespace haltere::check;
  Random random(20261122);
  for (uint32_t round = 0; round < rounds; ++round) {
    compare_layer(random);
    compare_groups(random);
    compare_nibbles();
    compare_flash(random);
  }
  put("kernels: ");
  put(count.compared);
  put(" compared, ");
  put(count.different);
  put(" differ\n");
  for (;;) {
  }
}
