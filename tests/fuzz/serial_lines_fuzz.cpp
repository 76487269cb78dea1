// Feeds arbitrary bytes to the parser of a board's lines. However they are cut into pieces, the
// same samples must come out, all finite.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "sensors/line_parser.hpp"

namespace {

using namespace haltere::sensors;

LineParser make_parser() {
  return {{{.name = "t", .role = ColumnRole::time},
           {.name = "rec", .role = ColumnRole::segment},
           {.name = "gesture", .role = ColumnRole::label},
           {.name = "ax", .channel = 0},
           {.name = "i", .role = ColumnRole::skip},
           {.name = "ay", .channel = 1}},
          LineFormat::automatic,
          0.0};
}

void require(bool condition) {
  if (!condition) std::abort();
}

bool same(const Sample& a, const Sample& b) {
  return a.time_ns == b.time_ns && a.label == b.label && a.values == b.values &&
         a.starts_segment == b.starts_segment;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  LineParser whole = make_parser();
  std::vector<Sample> samples;
  whole.feed(bytes, 1, samples);
  for (const Sample& sample : samples) {
    require(sample.count == 2);
    for (const float value : sample.row()) require(std::isfinite(value));
  }
  LineParser cut = make_parser();
  std::vector<Sample> again;
  const std::size_t piece = size == 0 ? 1 : 1 + data[0] % 16;
  for (std::size_t i = 0; i < size; i += piece) {
    cut.feed(bytes.subspan(i, std::min(piece, size - i)), 1, again);
  }
  require(samples.size() == again.size());
  for (std::size_t i = 0; i < samples.size(); ++i) require(same(samples[i], again[i]));
  require(whole.counters().rejected == cut.counters().rejected);
  return 0;
}
