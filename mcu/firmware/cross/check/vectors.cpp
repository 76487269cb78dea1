// A vector table without interrupts.
#include "mcu/firmware/ports/cortex_m/vectors.hpp"

namespace {
__attribute__((section(".vectors"), used)) const haltere::firmware::Vectors<> vectors =
    haltere::firmware::vectors_with(0, fault_handler);
}  // namespace
