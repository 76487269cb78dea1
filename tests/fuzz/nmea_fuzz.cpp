// Feeds arbitrary bytes to the reader of a receiver's sentences. However they are cut into pieces,
// the same fixes must come out, each of a place on the earth.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "sensors/nmea_channels.hpp"
#include "sensors/nmea_reader.hpp"

namespace {

using namespace haltere::sensors;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const NmeaEpoch& fix) {
  require(std::abs(fix.place.latitude_deg) <= 90.0 && std::abs(fix.place.longitude_deg) <= 180.0);
  require(std::isfinite(fix.place.height_m) && fix.quality >= 1 && fix.quality <= 5);
  require(fix.utc_ms >= 0 && fix.utc_ms <= 86'401'000);
  Sample sample;
  write_fix(fix, LocalFrame({47.0, 8.0, 400.0}), 3.0, sample);
  require(sample.count == nmea_layout(1.0).channels.size());
  for (std::size_t i = 0; i < 6; ++i) require(std::isfinite(sample.values[i]));
  for (const float value : sample.row()) require(!std::isinf(value));
}

bool same(const NmeaEpoch& a, const NmeaEpoch& b) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  return a.utc_ms == b.utc_ms && a.seen == b.seen && a.quality == b.quality &&
         bits(a.place.latitude_deg) == bits(b.place.latitude_deg) &&
         bits(a.speed_mps) == bits(b.speed_mps) && bits(a.vdop) == bits(b.vdop);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr TimeNs later_ns = 1'000'000'000;
  const std::span<const std::uint8_t> bytes(data, size);
  NmeaReader whole;
  std::vector<NmeaEpoch> fixes;
  whole.feed(bytes, 1, fixes);
  whole.feed({}, later_ns, fixes);
  for (const NmeaEpoch& fix : fixes) check(fix);
  NmeaReader cut;
  std::vector<NmeaEpoch> again;
  const std::size_t piece = size == 0 ? 1 : 1 + data[0] % 16;
  for (std::size_t i = 0; i < size; i += piece) {
    cut.feed(bytes.subspan(i, std::min(piece, size - i)), 1, again);
  }
  cut.feed({}, later_ns, again);
  require(std::ranges::equal(fixes, again, same));
  require(whole.counters().rejected == cut.counters().rejected);
  return 0;
}
