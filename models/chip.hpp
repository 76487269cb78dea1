#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/kernels/dense_s8.hpp"

namespace haltere::models {

/// A microcontroller, as far as the cost of an inference depends on it.
struct Chip {
  std::string name;  ///< as it was asked for
  kernels::WeightPacking packing = kernels::WeightPacking::plain;
  double clock_hz = 0.0;
  double instructions_per_mac = 0.0;       ///< of the packed kernel
  double instructions_per_output = 0.0;    ///< likewise, beside those
  double int4_instructions_per_mac = 0.0;  ///< of int4 layers' kernel
  double int4_instructions_per_output = 0.0;
  double cycles_per_instruction = 0.0;
  double joules_per_cycle = 0.0;  ///< 0 = not known
  std::string energy_of;          ///< the chip whose data sheet that is from
};

/// The chip `text` names: a core with its clock, as `cortex-m0@48MHz`, or a part, as `nrf52840`.
/// Errors: invalid, listing what is known.
[[nodiscard]] Result<Chip> chip_named(std::string_view text);

/// Everything `chip_named` knows.
[[nodiscard]] std::vector<std::string> chip_names();

/// What a model costs on a chip. Time and energy are estimates: instructions were counted under
/// emulation for two nets and are put together from multiplications and outputs; cycles follow from
/// the cores' manuals without wait states of the flash; energy from a typical current while
/// running.
struct Cost {
  std::size_t flash_bytes = 0;  ///< of the bundle, packed for the chip's core
  std::size_t ram_bytes = 0;    ///< workspace of an inference, inputs and outputs included
  std::size_t multiply_accumulates = 0;
  double instructions = 0.0;
  double seconds = 0.0;
  double joules = 0.0;  ///< 0 = not known
};

/// Errors: as for `encode`.
[[nodiscard]] Result<Cost> cost_of(const Bundle& bundle, const Chip& chip);

}  // namespace haltere::models
