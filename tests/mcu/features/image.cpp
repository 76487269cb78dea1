// A window's features on an emulated Cortex-M: writes what each set gives and what it took.
#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "models/kernels/recipe.hpp"
#include "tests/mcu/features/subject.hpp"
#include "tests/mcu/semihosting.hpp"

extern "C" int main();

namespace haltere {
namespace features {
namespace {

using namespace semihosting;

alignas(4) uint8_t recipe[recipe_room];
float window[axes * samples];
float scratch[samples];

// Not inlined and through memory, so that nothing of it moves past the readings of the clock.
__attribute__((noinline)) void evaluate(const kernels::RecipeView& view, Answer* answer) {
  kernels::evaluate_recipe(view, window, samples, answer->values, scratch);
  __asm volatile("" ::: "memory");
}

void run() {
  static Answer answer;
  const uint32_t out = open_file("out", true);
  start_ticks();
  fill(window);
  for (uint8_t set = 0; set < sets; ++set) {
    kernels::RecipeView view;
    if (!open_set(set, recipe, view)) leave();
    const uint32_t empty = since(ticks());
    const uint32_t start = ticks();
    evaluate(view, &answer);
    answer.ticks = since(start) - empty;
    answer.count = view.inputs;
    write_file(out, &answer, sizeof answer);
  }
}

__attribute__((section(".vectors"), used)) const firmware::Vectors<> vectors =
    firmware::vectors_with(0, fault_handler);

}  // namespace
}  // namespace features
}  // namespace haltere

int main() {
  haltere::features::run();
  haltere::semihosting::leave();
}
