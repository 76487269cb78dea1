// What of the line a hand-over uses for the bundle itself, and how fast that gets there at 115200
// baud: clean, with smaller frames, and through noise.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "bench/options.hpp"
#include "config/json.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/simulated_board.hpp"

namespace {

using haltere::agent::LinkTraffic;
using haltere::agent::McuLink;
using haltere::fakes::SimulatedBoard;
using haltere::kernels::Activation;
using nlohmann::ordered_json;

std::filesystem::path key_folder() {
  return std::filesystem::temp_directory_path() /
         ("haltere-link-bench-" + std::to_string(getpid()));
}

struct Case {
  const char* name;
  std::size_t chunk_bytes;  ///< of the bundle in each frame
  haltere::fakes::LineNoise noise;
  bool sealed = false;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"frames of 512 bytes", 496, {}},
      {"the same, sealed", 512, {}, true},
      {"frames of 256 bytes", 240, {}},
      {"frames of 128 bytes", 112, {}},
      {"512, bit errors 1e-5", 496, {.bit_error_rate = 1e-5}},
      {"512, bit errors 1e-4", 496, {.bit_error_rate = 1e-4}},
      {"128, bit errors 1e-4", 112, {.bit_error_rate = 1e-4}},
      {"128, 0.1 % bytes lost", 112, {.drop_rate = 1e-3}},
  };
  return all;
}

/// A bundle of nearly 16 KiB.
std::vector<std::uint8_t> bundle() {
  std::mt19937 random(1);
  haltere::fakes::RandomNet net;
  net.sizes = {100, 100, 24, 5};
  net.activations = {Activation::relu, Activation::softmax};
  return haltere::fakes::random_bundle(net, random);
}

/// Gives the link a key, in a folder that is gone afterwards.
bool enroll(McuLink& link) {
  link.set_keys(haltere::agent::McuKeys(key_folder()));
  return link.enroll().ok();
}

ordered_json measure(const Case& one, const std::vector<std::uint8_t>& payload) {
  SimulatedBoard board({.window_frames = 8, .noise = one.noise, .button = one.sealed});
  McuLink link(board.plug(), "bench", {.attempts = 30}, {}, board.time());
  link.set_chunk_bytes(one.chunk_bytes);
  if (one.sealed && !link.hello()) return nullptr;
  if (one.sealed && !enroll(link)) return nullptr;
  const LinkTraffic before = link.traffic();
  const auto start = board.time().now();
  if (!link.hello() || !link.push(payload)) return nullptr;
  const std::chrono::duration<double> elapsed = board.time().now() - start;
  LinkTraffic traffic = link.traffic();
  traffic.sent_bytes -= before.sent_bytes;
  traffic.received_bytes -= before.received_bytes;
  const std::uint64_t wire = traffic.sent_bytes + traffic.received_bytes;
  return {{"payload_bytes", payload.size()},
          {"wire_bytes", wire},
          {"sent_bytes", traffic.sent_bytes},
          {"received_bytes", traffic.received_bytes},
          {"efficiency", static_cast<double>(payload.size()) / static_cast<double>(wire)},
          {"goodput_bytes_per_s", static_cast<double>(payload.size()) / elapsed.count()},
          {"repeated_requests", traffic.repeated_requests}};
}

}  // namespace

int main(int argc, char** argv) {
  const haltere::bench::Options options(argc, argv);
  const std::string json = options.json();
  const auto payload = bundle();
  ordered_json report;
  bool good = true;
  std::printf("bundle of %zu bytes, hello to the end of its trial\n%-24s %10s %10s %11s %14s\n",
              payload.size(), "line", "sent", "received", "efficiency", "goodput (B/s)");
  for (const Case& one : cases()) {
    const ordered_json row = measure(one, payload);
    report["cases"][one.name] = row;
    if (row.is_null()) {
      std::printf("%-24s failed\n", one.name);
      good = false;
      continue;
    }
    std::printf("%-24s %10lld %10lld %9.1f %% %14.0f\n", one.name,
                row["sent_bytes"].get<long long>(), row["received_bytes"].get<long long>(),
                100.0 * row["efficiency"].get<double>(), row["goodput_bytes_per_s"].get<double>());
  }
  std::filesystem::remove_all(key_folder());
  if (good) report["efficiency_sealed"] = report["cases"]["the same, sealed"]["efficiency"];
  if (good) report["efficiency"] = report["cases"][cases().front().name]["efficiency"];
  if (!json.empty()) std::ofstream(json) << report.dump(2) << '\n';
  return good ? 0 : 1;
}
