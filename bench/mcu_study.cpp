#include "bench/mcu_study.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "agent/deploy/mcu_text.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/mcu/process/emulated_board.hpp"

namespace haltere::bench {
namespace {

using namespace std::chrono_literals;
using kernels::Activation;

constexpr std::uint32_t steps = 100;
// With `-icount shift=6` QEMU lets 64 ns pass per instruction.
constexpr double ns_per_instruction = 64.0;

std::vector<std::uint8_t> tiny() {
  std::mt19937 random(1);
  fakes::RandomNet net;
  net.sizes = {36, 32, 16, 6};
  net.activations = {Activation::relu, Activation::softmax};
  net.relu_is_int8 = true;
  return fakes::random_bundle(net, random);
}

Result<double> instructions(agent::McuLink& link, link::BenchSubject what) {
  auto reply = link.bench(steps, 300s, what);
  if (!reply) return reply.error();
  const double ns = static_cast<double>(reply->ticks) * 1e9 / reply->tick_hz;
  return ns / ns_per_instruction / reply->count;
}

Result<nlohmann::ordered_json> measure(const fakes::Board& board, const std::string& folder) {
  const fakes::EmulatedBoard emulated(board, folder, {"-icount", "shift=6"});
  auto link = emulated.connect();
  if (!link) return link.error();
  if (auto pushed = (*link)->push(tiny()); !pushed) return pushed.error();
  auto inference = instructions(**link, link::BenchSubject::inference);
  if (!inference) return inference.error();
  auto study = (*link)->study(true);
  if (!study) return study.error();
  auto step = instructions(**link, link::BenchSubject::study);
  if (!step) return step.error();
  return nlohmann::ordered_json{{"instructions", std::llround(*step)},
                                {"inference_instructions", std::llround(*inference)},
                                {"ram_bytes", study->ram_bytes}};
}

}  // namespace

nlohmann::ordered_json measure_study(const std::string& folder) {
  nlohmann::ordered_json report;
  std::printf("\na step of learning the last layer of 36-32-16-6\n%-12s %14s %22s %12s\n", "core",
              "instructions", "an inference alone", "RAM (bytes)");
  for (const fakes::Board& board : fakes::boards()) {
    const std::string core(agent::to_string(board.core));
    auto row = measure(board, folder);
    if (!row) {
      std::fprintf(stderr, "%s: %s\n", core.c_str(), row.error().message.c_str());
      continue;
    }
    std::printf(
        "%-12s %14lld %22lld %12lld\n", core.c_str(), (*row)["instructions"].get<long long>(),
        (*row)["inference_instructions"].get<long long>(), (*row)["ram_bytes"].get<long long>());
    report[core] = *row;
  }
  return report;
}

}  // namespace haltere::bench
