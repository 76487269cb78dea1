#pragma once

#include <cmath>
#include <fstream>
#include <string>

#include "agent/pipeline/spec.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {

/// Lines of a board that makes three simple motions in turn: recordings `first` to `last` - 1 of 40
/// rows each, with their own times. No randomness.
inline std::string motion_lines(int first, int last) {
  constexpr int rows = 40;
  constexpr const char* names[] = {"still", "slow", "fast"};
  std::string text;
  for (int rec = first; rec < last; ++rec) {
    const int motion = rec % 3;
    for (int i = 0; i < rows; ++i) {
      const double t = 0.5 * rec + 0.01 * i;
      const double ax = motion * std::sin((motion * 9.0 + 0.1 * rec) * 0.01 * i * 6.283);
      text += std::to_string(t) + "," + std::to_string(rec) + "," + names[motion] + "," +
              std::to_string(ax) + "," + std::to_string(10.0 * ax + 0.01 * rec) + "\n";
    }
  }
  return text;
}
inline constexpr int rows_per_recording = 40;
inline constexpr const char* motion_header = "t,rec,motion,ax,gx\n";

/// The pipeline for them; `more` goes below `models:`' last entry, at the top level.
inline std::string motion_yaml(const std::string& device, const std::string& more = {}) {
  return "agent: {queue: 8192}\n"  // a whole test's lines may come at once
         "sensors:\n"
         "  - id: imu\n"
         "    platform: serial_lines\n"
         "    device: " +
         device +
         "\n"
         "    rate: 100Hz\n"
         "    columns: [t:s, rec:segment, motion:label, ax:g, gx:dps]\n"
         "fusion:\n"
         "  - id: features\n"
         "    platform: window\n"
         "    inputs: [imu]\n"
         "    length: 200ms\n"
         "    features: [mean, std, zero_crossings]\n"
         "models:\n"
         "  - id: motion\n"
         "    task: classify\n"
         "    input: features\n"
         "    labels: [still, slow, fast]\n"
         "    layers: [8]\n"
         "    label_from: [{column: imu}]\n" +
         more;
}

/// Writes `yaml` into `scratch` and loads it; the test fails with the complaints if there are any.
inline PipelineSpec load_yaml_text(const ScratchFolder& scratch, const std::string& yaml) {
  const auto path = scratch.path() / "pipeline.yaml";
  std::ofstream(path) << yaml;
  auto spec = load_pipeline(path, {});
  EXPECT_TRUE(spec.ok()) << (spec ? "" : spec.error().message);
  return spec ? std::move(spec).value() : PipelineSpec{};
}

}  // namespace haltere::agent
