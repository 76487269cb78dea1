#include "models/chip.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "config/text.hpp"
#include "config/units.hpp"
#include "models/packer.hpp"

namespace haltere::models {
namespace {

/// Instructions: bench/RESULTS.md, the packed kernels and that of int4 layers on nets of 1,760 and
/// 264,192 multiply-accumulates, solved for the two shares. Cycles: the cores' technical reference
/// manuals on the mix of instructions of those kernels. `amperes_per_hz` at 3 V: of `part`, from
/// its data sheet, running from flash.
struct Core {
  std::string_view name;
  kernels::WeightPacking packing;
  double instructions_per_mac;
  double instructions_per_output;
  double int4_instructions_per_mac;
  double int4_instructions_per_output;
  double cycles_per_instruction;
  std::string_view part;
  double amperes_per_hz;
};

constexpr double volts = 3.0;

constexpr std::array cores{
    // nRF51822 product specification 3.x: 4.4 mA at 16 MHz
    Core{"cortex-m0", kernels::WeightPacking::columns, 3.171, 63.7, 4.616, 157.3, 1.21, "nRF51822",
         275e-12},
    Core{"cortex-m0+", kernels::WeightPacking::columns, 3.171, 63.7, 4.616, 157.3, 1.15, "", 0.0},
    // STM32L151xC data sheet, front page: 214 uA/MHz
    Core{"cortex-m3", kernels::WeightPacking::pairs, 1.754, 25.7, 2.653, 83.6, 1.63, "STM32L151",
         214e-12},
    // nRF52840 product specification: 3.3 mA at 64 MHz, CoreMark from flash, DC/DC
    Core{"cortex-m4f", kernels::WeightPacking::dual, 0.862, 19.4, 2.653, 83.6, 1.43, "nRF52840",
         51.6e-12},
    Core{"cortex-m7", kernels::WeightPacking::dual, 0.862, 19.4, 2.653, 83.6, 1.0, "", 0.0},
};

/// Parts people have on the table.
struct Part {
  std::string_view name;
  std::string_view core;
  double clock_hz;
};

constexpr std::array parts{
    Part{"nrf51822", "cortex-m0", 16e6},   Part{"rp2040", "cortex-m0+", 125e6},
    Part{"stm32l151", "cortex-m3", 32e6},  Part{"stm32f103", "cortex-m3", 72e6},
    Part{"nrf52840", "cortex-m4f", 64e6},  Part{"stm32f411", "cortex-m4f", 100e6},
    Part{"stm32f746", "cortex-m7", 216e6},
};

Result<Chip> chip_of(std::string_view name, std::string_view core_name, double clock_hz) {
  const auto* const core = std::ranges::find(cores, core_name, &Core::name);
  if (core == cores.end() || !(clock_hz > 0.0)) {
    std::string known;
    for (const std::string& chip : chip_names()) known += (known.empty() ? "" : ", ") + chip;
    return Error{ErrorKind::invalid, "--chip: " + config::in_quotes(name) + " is not one of " +
                                         known + ", or a core with its clock, as cortex-m0@48MHz"};
  }
  return Chip{.name = std::string(name),
              .packing = core->packing,
              .clock_hz = clock_hz,
              .instructions_per_mac = core->instructions_per_mac,
              .instructions_per_output = core->instructions_per_output,
              .int4_instructions_per_mac = core->int4_instructions_per_mac,
              .int4_instructions_per_output = core->int4_instructions_per_output,
              .cycles_per_instruction = core->cycles_per_instruction,
              .joules_per_cycle = core->amperes_per_hz * volts,
              .energy_of = std::string(core->part)};
}

double instructions_of(const BundleLayer& layer, const Chip& chip) {
  const auto macs = static_cast<double>(layer.inputs * layer.outputs);
  const auto outputs = static_cast<double>(layer.outputs);
  if (layer.packing == kernels::WeightPacking::nibbles)
    return chip.int4_instructions_per_mac * macs + chip.int4_instructions_per_output * outputs;
  return chip.instructions_per_mac * macs + chip.instructions_per_output * outputs;
}

}  // namespace

std::vector<std::string> chip_names() {
  std::vector<std::string> names;
  names.reserve(parts.size() + cores.size());
  for (const Part& part : parts) names.emplace_back(part.name);
  for (const Core& core : cores) names.push_back(std::string(core.name) + "@MHz");
  return names;
}

Result<Chip> chip_named(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto* const part = std::ranges::find(parts, std::string_view(lower), &Part::name);
  if (part != parts.end()) return chip_of(text, part->core, part->clock_hz);
  const std::size_t at = lower.find('@');
  if (at == std::string::npos) return chip_of(text, "", 0.0);
  const std::string_view clock = text.substr(at + 1);
  const Result<double> clock_hz = config::parse_quantity(clock, config::Dimension::frequency);
  if (!clock_hz) return Error{ErrorKind::invalid, "--chip: " + clock_hz.error().message};
  return chip_of(text, std::string_view(lower).substr(0, at), *clock_hz);
}

Result<Cost> cost_of(const Bundle& bundle, const Chip& chip) {
  const Result<std::vector<std::uint8_t>> plain = encode(bundle);
  if (!plain) return plain.error();
  const Result<std::vector<std::uint8_t>> packed = pack(*plain, chip.packing);
  if (!packed) return packed.error();
  const Result<kernels::BundleView> view = open(*packed);
  if (!view) return view.error();
  Cost cost;
  cost.flash_bytes = packed->size();
  cost.ram_bytes = kernels::required_ram_bytes(*view) + view->inputs + view->outputs;
  cost.multiply_accumulates = models::multiply_accumulates(*view);
  for (const BundleLayer& layer : bundle.layers) cost.instructions += instructions_of(layer, chip);
  const double cycles = cost.instructions * chip.cycles_per_instruction;
  cost.seconds = cycles / chip.clock_hz;
  cost.joules = cycles * chip.joules_per_cycle;
  return cost;
}

}  // namespace haltere::models
