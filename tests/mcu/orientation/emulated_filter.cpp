#include "tests/mcu/orientation/emulated_filter.hpp"

#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include "tests/fakes/subprocess.hpp"

namespace haltere::orientation {
namespace {

using fusion::ahrs::limited;
using fusion::ahrs::Quat;
using fusion::ahrs::Vec3;
namespace fs = std::filesystem;

constexpr std::int64_t ms = 1'000'000;

/// A folder that is gone with it.
struct Folder {
  fs::path path;
  explicit Folder(const std::string& name)
      : path(fs::temp_directory_path() / (name + std::to_string(getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

bool read_result(const fs::path& file, std::size_t samples, FilterRun& run) {
  run.answers.resize(samples);
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(run.answers.data()),
          static_cast<std::streamsize>(samples * sizeof(Answer)));
  in.read(reinterpret_cast<char*>(&run.cost), sizeof run.cost);
  return in.good() && in.peek() == std::ifstream::traits_type::eof();
}

float angle(std::int64_t now, double turns_per_s) {
  return static_cast<float>(std::sin(6.2831853 * turns_per_s * 1e-9 * static_cast<double>(now)));
}

}  // namespace

const std::vector<FilterBoard>& filter_boards() {
  static const std::vector<FilterBoard> all{
      {"M0", "microbit", "orientation_microbit.elf", 16e6},
      {"M4F", "mps2-an386", "orientation_mps2_an386.elf", 25e6},
  };
  return all;
}

std::optional<FilterRun> run_emulated(const FilterBoard& board, const std::string& images,
                                      const std::vector<Sample>& samples) {
  const Folder folder(std::string("haltere_orientation_") + board.name);
  std::ofstream(folder.path / "in", std::ios::binary)
      .write(reinterpret_cast<const char*>(samples.data()),
             static_cast<std::streamsize>(samples.size() * sizeof(Sample)));
  fakes::Subprocess emulator({"env", "-C", folder.path.string(), "qemu-system-arm", "-M",
                              board.machine, "-display", "none", "-monitor", "none", "-serial",
                              "none", "-icount", "shift=6", "-semihosting-config",
                              "enable=on,target=native", "-kernel",
                              fs::absolute(fs::path(images) / board.image).string()});
  // It prints nothing; the line ends with the program.
  (void)emulator.read_line(std::chrono::minutes(3));
  FilterRun run;
  if (!read_result(folder.path / "out", samples.size(), run)) return std::nullopt;
  return run;
}

std::vector<Answer> run_here(const std::vector<Sample>& samples) {
  const fusion::ahrs::Settings settings;
  fusion::ahrs::AhrsCore filter(settings);
  fusion::ahrs::Plateaus plateaus;
  plateaus.clear();
  std::vector<Answer> answers;
  for (const Sample& sample : samples) {
    const bool used = take(filter, plateaus, sample);
    answers.push_back(answer_of(filter, used));
  }
  return answers;
}

std::vector<Sample> moving_samples(double seconds) {
  std::mt19937 random(20261122);
  const auto noise = [&random](float size) {
    const auto one = [&random] {
      return static_cast<float>(random() >> 8U) / static_cast<float>(1U << 24U) - 0.5F;
    };
    return Vec3{size * one(), size * one(), size * one()};
  };
  constexpr std::int64_t step = 10 * ms;
  Quat truth = fusion::ahrs::normalized({0.8F, 0.3F, -0.2F, 0.4F});
  std::vector<Sample> samples;
  for (std::int64_t now = step; 1e-9 * static_cast<double>(now) <= seconds; now += step) {
    Vec3 rate{};
    if (now > 3000 * ms) rate = {2 * angle(now, 0.3), 1.5F * angle(now, 0.5), 1 + angle(now, 0.1)};
    truth = fusion::ahrs::normalized(truth * fusion::ahrs::from_turn(0.01F * rate));
    const Quat back{truth.w, -truth.x, -truth.y, -truth.z};
    const float end = now < 12000 * ms ? 1.8F : 100.0F;  // of the gyroscope's range
    const Vec3 push{angle(now, 0.7), 0, 2 * angle(now, 1.1)};
    const bool magnet = now > 8000 * ms && now < 14000 * ms;
    const Vec3 hard_iron = magnet ? Vec3{10, -5, 20} : Vec3{};
    const Vec3 shown = 1.004F * rate + Vec3{0.005F, -0.004F, 0.003F} + noise(0.01F);
    samples.push_back({Sensor::gyroscope,
                       {limited(shown.x, end), limited(shown.y, end), limited(shown.z, end)},
                       now});
    samples.push_back({Sensor::accelerometer,
                       rotate(back, Vec3{0, 0, fusion::ahrs::gravity_mps2} + push) + noise(0.1F),
                       now});
    samples.push_back(
        {Sensor::magnetometer, rotate(back, {0, 18, -45}) + hard_iron + noise(0.6F), now});
  }
  return samples;
}

std::vector<Sample> hostile_samples(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  const auto pick = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
  const std::array strange{std::numeric_limits<float>::quiet_NaN(),
                           std::numeric_limits<float>::infinity(),
                           1e30F,
                           -1e-42F,
                           0.0F,
                           199.0F,
                           -3999.0F,
                           9999.0F};
  const std::array<std::int64_t, 6> jumps{0, -30 * ms, 1, 300 * ms, 5'000'000 * ms, 40 * ms};
  std::vector<Sample> samples;
  std::int64_t now = 0;
  while (samples.size() < count) {
    now += pick(50) == 0 ? jumps[pick(jumps.size())] : 2 * ms;
    const auto sensor = static_cast<Sensor>(pick(sensors));
    const float size = sensor == Sensor::gyroscope ? 6.0F : 40.0F;
    const auto value = [&] {
      if (pick(60) == 0) return strange[pick(strange.size())];
      return size * (static_cast<float>(pick(2001)) / 1000.0F - 1);
    };
    const float x = value();
    const float y = value();
    samples.push_back({sensor, {x, y, value()}, pick(40) == 0 ? now - 15 * ms : now});
  }
  return samples;
}

}  // namespace haltere::orientation
