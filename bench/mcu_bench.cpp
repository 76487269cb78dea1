// Instructions of one inference on each emulated core, of AVR cycles, exact and repeatable, and the
// memory that the firmware and its inference core take; the same of the orientation filter.

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <future>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "bench/avr_cycles.hpp"
#include "bench/mcu_features.hpp"
#include "bench/mcu_orientation.hpp"
#include "bench/mcu_study.hpp"
#include "bench/options.hpp"
#include "config/json.hpp"
#include "models/bundle.hpp"
#include "models/packer.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/subprocess.hpp"
#include "tests/mcu/process/emulated_board.hpp"

namespace {

using haltere::fakes::Board;
using haltere::kernels::Activation;
using nlohmann::ordered_json;
using namespace std::chrono_literals;

// With `-icount shift=6` QEMU lets 64 ns pass per instruction.
constexpr double ns_per_instruction = 64.0;

struct Net {
  const char* name;
  std::vector<std::size_t> sizes;
  std::uint32_t runs;
  bool is_int4 = false;
};

const std::vector<Net>& nets() {
  static const std::vector<Net> all{
      {"tiny", {36, 32, 16, 6}, 200},
      {"ad01", {640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640}, 4},
      {"tiny_int4", {36, 32, 16, 6}, 200, true},
      {"ad01_int4", {640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640}, 4, true},
  };
  return all;
}

std::vector<std::uint8_t> bundle_of(const Net& net) {
  std::mt19937 random(1);
  haltere::fakes::RandomNet shape;
  shape.sizes = net.sizes;
  shape.activations = {Activation::relu, Activation::linear};
  shape.relu_is_int8 = true;
  shape.id = net.name;
  if (net.is_int4) shape.int4_from = 0;
  return haltere::fakes::random_bundle(shape, random);
}

const char* short_name(haltere::link::Core core) {
  switch (core) {
    case haltere::link::Core::cortex_m0: return "M0";
    case haltere::link::Core::cortex_m3: return "M3";
    case haltere::link::Core::cortex_m4f: return "M4F";
    case haltere::link::Core::cortex_m7: return "M7";
    case haltere::link::Core::rv32im: return "RV32IM";
    default: return "?";
  }
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Flash and RAM of an image, as its tool prints them.
ordered_json firmware_size(const std::string& image) {
  const bool riscv = image.find("riscv") != std::string::npos;
  haltere::fakes::Subprocess size(
      {riscv ? "riscv64-unknown-elf-size" : "arm-none-eabi-size", image});
  (void)size.read_line();
  std::istringstream line(size.read_line());
  long text = 0;
  long data = 0;
  long bss = 0;
  line >> text >> data >> bss;
  return {{"flash_bytes", text + data}, {"ram_bytes", data + bss}};
}

ordered_json core_size(const std::string& folder, const std::string& core) {
  const std::string part = core == "RV32IM" ? "/riscv" : core == "avr" ? "/avr" : "";
  std::ifstream file(folder + part + "/inference_size_" + lower(core) + ".txt");
  long flash = 0;
  long all_layers = 0;
  long all_checks = 0;
  file >> flash >> all_layers >> all_checks;
  return {{"flash_bytes", flash},
          {"all_layers_flash_bytes", all_layers},
          {"all_checks_flash_bytes", all_checks}};
}

/// Of one run.
double instructions_of(const haltere::link::BenchReply& reply) {
  const double ns = static_cast<double>(reply.ticks) * 1e9 / reply.tick_hz;
  return ns / ns_per_instruction / reply.count;
}

/// What every core's row holds. `instructions` of AVR are cycles.
ordered_json row_of(const haltere::kernels::BundleView& view, double instructions, double load) {
  const auto macs = haltere::models::multiply_accumulates(view);
  return {{"instructions", std::llround(instructions)},
          {"macs", macs},
          {"instructions_per_mac", instructions / static_cast<double>(macs)},
          {"load_instructions", std::llround(load)},
          {"bundle_bytes", view.size},
          {"working_ram_bytes", haltere::kernels::self_test_scratch_bytes(view)}};
}

/// Null with a reason on stderr when the net cannot run there.
ordered_json measure(const Board& board, const std::string& folder, const Net& net) {
  const haltere::fakes::EmulatedBoard emulated(board, folder, {"-icount", "shift=6"});
  auto link = emulated.connect();
  if (!link) return std::fprintf(stderr, "%s\n", link.error().message.c_str()), nullptr;
  const auto bundle = bundle_of(net);
  // What is really sent: the weights packed for this core.
  auto packed = haltere::models::pack(bundle, haltere::agent::packing_for((*link)->info()));
  if (!packed) return std::fprintf(stderr, "%s\n", packed.error().message.c_str()), nullptr;
  auto view = haltere::models::open(*packed);
  if (auto pushed = (*link)->push(bundle); !pushed || !view) {
    return std::fprintf(stderr, "%s: %s\n", short_name(board.core), pushed.error().message.c_str()),
           nullptr;
  }
  auto reply = (*link)->bench(net.runs, 300s);
  if (!reply) return std::fprintf(stderr, "%s\n", reply.error().message.c_str()), nullptr;
  auto loads = (*link)->bench(net.runs, 300s, haltere::link::BenchSubject::load);
  if (!loads) return std::fprintf(stderr, "%s\n", loads.error().message.c_str()), nullptr;
  return row_of(*view, instructions_of(*reply), instructions_of(*loads));
}

/// A net too large for the board itself runs on a larger machine with the same core's instructions.
const Board* stand_in(const Board& board) {
  static const Board larger{"mps2-an385", "firmware_mps2_v6m.elf", haltere::link::Core::cortex_m0};
  return board.core == larger.core ? &larger : nullptr;
}

ordered_json measure_board(const Board& board, const std::string& folder) {
  ordered_json report;
  for (const Net& net : nets()) {
    report[net.name] = measure(board, folder, net);
    const Board* larger = stand_in(board);
    if (report[net.name].is_null() && larger != nullptr) {
      report[net.name] = measure(*larger, folder, net);
    }
  }
  return report;
}

/// The cores' rows of each net from what was measured.
void add_rows(const std::string& core, const ordered_json& measured, const std::string& folder,
              ordered_json& report) {
  const ordered_json inference = core_size(folder, core);
  report["inference_core"][core] = inference;
  for (const Net& net : nets()) {
    ordered_json row = measured[net.name];
    if (row.is_null()) continue;
    row["flash_bytes"] = inference["flash_bytes"];
    row["ram_bytes"] = row["working_ram_bytes"];
    report[net.name][core] = row;
  }
}

/// Whatever fits an ATmega328P.
ordered_json measure_avr(const std::string& folder) {
  ordered_json measured;
  for (const Net& net : nets()) {
    measured[net.name] = nullptr;
    const auto packed =
        haltere::models::pack(bundle_of(net), haltere::kernels::WeightPacking::columns);
    const auto view = haltere::models::open(packed.value());
    const auto cycles =
        haltere::bench::avr_cycles(folder + "/avr/inference_avr.hex", packed.value());
    if (!cycles) continue;
    measured[net.name] = row_of(view.value(), static_cast<double>(cycles->inference),
                                static_cast<double>(cycles->load));
    measured[net.name]["unit"] = "cycles";
  }
  return measured;
}

ordered_json measure_all(const std::string& folder) {
  std::vector<std::future<ordered_json>> boards;
  for (const Board& board : haltere::fakes::boards()) {
    boards.push_back(std::async(std::launch::async, measure_board, board, folder));
  }
  ordered_json report;
  for (std::size_t i = 0; i < boards.size(); ++i) {
    const Board& board = haltere::fakes::boards()[i];
    const std::string core = short_name(board.core);
    const ordered_json measured = boards[i].get();
    const ordered_json image = firmware_size(folder + "/" + board.image);
    report["firmware"][core] = image;
    add_rows(core, measured, folder, report);
  }
  add_rows("avr", measure_avr(folder), folder, report);
  return report;
}

void print(const ordered_json& report) {
  std::printf("%-9s %-6s %14s %10s %14s %14s   (avr: cycles)\n", "net", "core", "instructions",
              "per MAC", "to load", "RAM (bytes)");
  for (const Net& net : nets()) {
    if (!report.contains(net.name)) continue;
    for (const auto& [core, row] : report[net.name].items()) {
      std::printf("%-9s %-6s %14lld %10.2f %14lld %14lld\n", net.name, core.c_str(),
                  row["instructions"].get<long long>(), row["instructions_per_mac"].get<double>(),
                  row["load_instructions"].get<long long>(), row["ram_bytes"].get<long long>());
    }
  }
  std::printf("\n%-6s %20s %15s %15s %20s %18s\n", "core", "inference core flash",
              "with all layers", "with all checks", "whole firmware flash", "whole firmware RAM");
  for (const auto& [core, inference] : report["inference_core"].items()) {
    const ordered_json image =
        report["firmware"].value(core, ordered_json{{"flash_bytes", 0}, {"ram_bytes", 0}});
    std::printf("%-6s %20lld %15lld %15lld %20lld %18lld\n", core.c_str(),
                inference["flash_bytes"].get<long long>(),
                inference["all_layers_flash_bytes"].get<long long>(),
                inference["all_checks_flash_bytes"].get<long long>(),
                image["flash_bytes"].get<long long>(), image["ram_bytes"].get<long long>());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  const std::string json = options.json();
  const std::string folder = FIRMWARE_FOLDER;
  for (const Board& board : haltere::fakes::boards()) {
    if (haltere::fakes::has_program(board.emulator)) continue;
    std::fprintf(stderr, "mcu_bench: %s is not installed\n", board.emulator.c_str());
    return 1;
  }
  ordered_json report = measure_all(folder);
  print(report);
  report["study"] = haltere::bench::measure_study(folder);
  report["orientation"] = haltere::bench::measure_orientation(folder);
  report["features"] = haltere::bench::measure_features(folder);
  if (!json.empty()) std::ofstream(json) << report.dump(2) << '\n';
  return report.contains("tiny") && report["tiny"].size() == haltere::fakes::boards().size() + 1
             ? 0
             : 1;
}
