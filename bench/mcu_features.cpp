#include "bench/mcu_features.hpp"

#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "models/kernels/recipe.hpp"
#include "tests/fakes/subprocess.hpp"
#include "tests/mcu/features/subject.hpp"
#include "tests/mcu/orientation/emulated_filter.hpp"

namespace haltere::bench {
namespace {

using features::Answer;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr double instructions_per_s = 1e9 / 64.0;  // as QEMU's -icount shift=6 lets time pass
constexpr std::array names{"transform", "spectral_features", "statistics"};

std::vector<Answer> run_emulated(const orientation::FilterBoard& board, const fs::path& image) {
  const fs::path folder =
      fs::temp_directory_path() / ("haltere_features_" + std::to_string(getpid()));
  fs::create_directories(folder);
  fakes::Subprocess emulator({"env", "-C", folder.string(), "qemu-system-arm", "-M", board.machine,
                              "-display", "none", "-monitor", "none", "-serial", "none", "-icount",
                              "shift=6", "-semihosting-config", "enable=on,target=native",
                              "-kernel", fs::absolute(image).string()});
  (void)emulator.read_line(std::chrono::minutes(1));  // it prints nothing; the line ends with it
  std::vector<Answer> answers(features::sets);
  std::ifstream in(folder / "out", std::ios::binary);
  in.read(reinterpret_cast<char*>(answers.data()),
          static_cast<std::streamsize>(answers.size() * sizeof(Answer)));
  if (!in) answers.clear();
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return answers;
}

/// Whether the host computes the same bits.
bool same_bits_here(std::uint8_t set, const Answer& answer) {
  alignas(4) std::array<std::uint8_t, features::recipe_room> bytes{};
  kernels::RecipeView view{};
  if (!features::open_set(set, bytes.data(), view) || view.inputs != answer.count) return false;
  std::vector<float> window(std::size_t{features::axes} * features::samples);
  features::fill(window.data());
  std::vector<float> values(view.inputs);
  std::vector<float> scratch(kernels::recipe_scratch_floats(view));
  kernels::evaluate_recipe(view, window.data(), features::samples, values.data(), scratch.data());
  return std::memcmp(values.data(), answer.values, 4 * values.size()) == 0;
}

}  // namespace

ordered_json measure_features(const std::string& images) {
  ordered_json report;
  std::printf("\n%-6s %26s %18s %12s %5s   (256 samples of 3 axes)\n", "core",
              "instructions: transform", "spectral features", "statistics", "bits");
  for (const orientation::FilterBoard& board : orientation::filter_boards()) {
    const std::string image =
        std::string("features_") + (board.image + std::strlen("orientation_"));
    const std::vector<Answer> answers = run_emulated(board, fs::path(images) / image);
    report[board.name] = nullptr;
    if (answers.empty()) continue;
    bool same = true;
    for (std::uint8_t set = 0; set < features::sets; ++set) {
      const double seconds = answers[set].ticks / board.tick_hz;
      report[board.name][names.at(set)] = std::llround(seconds * instructions_per_s);
      same = same && same_bits_here(set, answers[set]);
    }
    report[board.name]["same_bits_as_here"] = same;
    const auto count = [&](std::size_t i) {
      return report[board.name][names.at(i)].get<long long>();
    };
    std::printf("%-6s %26lld %18lld %12lld %5s\n", board.name, count(0), count(1), count(2),
                same ? "same" : "OTHER");
  }
  return report;
}

}  // namespace haltere::bench
