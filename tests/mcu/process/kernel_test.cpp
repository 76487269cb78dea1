// Every kernel in assembly computes on its core what the portable ones compute there: images that
// compare a few hundred random layers in place (mcu/firmware/cross/check) print what differs.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/fakes/subprocess.hpp"
#include "tests/mcu/process/simulated_avr.hpp"

namespace haltere::fakes {
namespace {

struct Core {
  std::string name;
  std::string image;
  std::string emulator;
  std::vector<std::string> options;
};

std::vector<Core> cores() {
  const std::string arm = "qemu-system-arm";
  return {
      {"M0", "check_mps2_v6m.elf", arm, {"-M", "mps2-an385"}},
      {"M3", "check_mps2_an385.elf", arm, {"-M", "mps2-an385"}},
      {"M4F", "check_mps2_an386.elf", arm, {"-M", "mps2-an386"}},
      {"M7", "check_mps2_an500.elf", arm, {"-M", "mps2-an500"}},
      {"RV32IM", "riscv/check_virt.elf", "qemu-system-riscv32", {"-M", "virt", "-bios", "none"}}};
}

std::string path_of(const std::string& image) {
  return (std::filesystem::path(FIRMWARE_FOLDER) / image).string();
}

/// What the image says, with what it found first; the last line counts.
void expect_no_difference(const std::vector<std::string>& lines, const std::string& compared) {
  std::string all;
  for (const std::string& line : lines) all += line + '\n';
  ASSERT_FALSE(lines.empty()) << "it said nothing";
  EXPECT_EQ(lines.back(), "kernels: " + compared + " compared, 0 differ") << all;
  std::printf("%s", all.c_str());
}

class Kernel : public testing::TestWithParam<Core> {};

TEST_P(Kernel, GivesThePortableKernelsBytes) {
  const Core& core = GetParam();
  if (!has_program(core.emulator)) GTEST_SKIP() << core.emulator << " is not installed";
  const std::string image = path_of(core.image);
  ASSERT_TRUE(std::filesystem::exists(image)) << image << " is missing; build it with ./dev build";
  std::vector<std::string> words{core.emulator};
  words.insert(words.end(), core.options.begin(), core.options.end());
  for (const char* word : {"-display", "none", "-monitor", "none", "-serial", "stdio", "-kernel"})
    words.emplace_back(word);
  words.push_back(image);
  Subprocess emulator(words);
  std::vector<std::string> lines;
  do {
    lines.push_back(emulator.read_line(std::chrono::seconds(60)));
  } while (!lines.back().empty() && !lines.back().starts_with("kernels: "));
  expect_no_difference(lines, "900");
}

INSTANTIATE_TEST_SUITE_P(Cores, Kernel, testing::ValuesIn(cores()),
                         [](const auto& instance) { return instance.param.name; });

TEST(KernelOfAvr, GivesThePortableKernelsBytes) {
  const std::string image = path_of("avr/check_atmega328p.hex");
  ASSERT_TRUE(std::filesystem::exists(image)) << image << " is missing; build it with ./dev build";
  SimulatedAvr avr("atmega328p", image);
  std::vector<std::string> lines(1);
  bool done = false;
  avr.on_sent([&](std::uint8_t byte) {
    if (byte != '\n') {
      lines.back().push_back(static_cast<char>(byte));
    } else if (lines.back().starts_with("kernels: ")) {
      done = true;
    } else {
      lines.emplace_back();
    }
  });
  for (int second = 0; second < 120 && !done; ++second) ASSERT_TRUE(avr.run(16'000'000));
  // As many comparisons more: groups in flash beside the same bytes in RAM.
  expect_no_difference(lines, "1200");
}

}  // namespace
}  // namespace haltere::fakes
