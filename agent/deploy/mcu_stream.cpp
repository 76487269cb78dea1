#include "agent/deploy/mcu_stream.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;

/// Puts the frames of a stream together and counts what is missing between them.
class Collector {
 public:
  Collector(std::uint32_t wanted, const TakeSample& take) : wanted_(wanted), take_(take) {}

  void take(const link::Frame& frame) {
    link::SamplesNotice notice;
    if (frame.type != static_cast<std::uint8_t>(link::MessageType::samples) ||
        !decode(frame.payload, frame.payload_bytes, notice)) {
      return;
    }
    // The first frame says where the stream begins; an older number is a frame that came twice.
    if (!begun_) next_ = notice.first;
    begun_ = true;
    const auto gap = static_cast<std::int32_t>(notice.first - next_);
    if (gap < 0) return;
    lost_ += static_cast<std::uint32_t>(gap);
    next_ = notice.first + static_cast<std::uint32_t>(notice.count);
    link::ByteReader reader(notice.values, 2 * notice.count * notice.channels);
    for (std::size_t i = 0; i < notice.count; ++i) take_sample(reader, notice.channels);
  }

  void begin_at(std::uint32_t number) {
    if (!begun_) next_ = number;
    begun_ = true;
  }
  [[nodiscard]] bool done() const { return received_ + lost_ >= wanted_; }
  [[nodiscard]] StreamCounts counts(float rate_hz) const {
    const std::uint64_t missing = wanted_ > received_ + lost_ ? wanted_ - received_ - lost_ : 0;
    return {.rate_hz = rate_hz, .received = received_, .lost = lost_ + missing};
  }

 private:
  void take_sample(link::ByteReader& reader, std::uint8_t channels) {
    std::array<std::int16_t, link::max_sensor_channels> sample{};
    for (std::uint8_t c = 0; c < channels; ++c) {
      sample.at(c) = static_cast<std::int16_t>(reader.u16());
    }
    take_(received_ + lost_, std::span(sample).first(channels));
    ++received_;
  }

  std::uint64_t wanted_;
  const TakeSample& take_;
  bool begun_ = false;
  std::uint32_t next_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace

Result<StreamCounts> receive_stream(McuLink& link, const StreamRequest& request,
                                    const TakeSample& take) {
  Collector collector(request.samples, take);
  link.set_notice_taker([&collector](const link::Frame& frame) { collector.take(frame); });
  auto started = link.watch({.samples = request.samples, .rate_hz = request.rate_hz});
  if (!started) return link.set_notice_taker({}), started.error();
  collector.begin_at(started->next_sample);
  // Frames come at least every two samples; a second more for a slow line.
  const auto patience = 1000ms + std::chrono::milliseconds(
                                     static_cast<int>(2000.0F / std::max(started->rate_hz, 0.1F)));
  Status heard;
  for (std::uint64_t before = ~std::uint64_t{0}; heard && !collector.done();) {
    const std::uint64_t now = link.traffic().notices;
    if (now == before) break;  // nothing came in all the time
    before = now;
    auto listened = link.listen(patience);
    if (!listened) heard = listened.error();
    if (listened && !*listened) heard = Error{ErrorKind::unavailable, "the mcu was started anew"};
  }
  link.set_notice_taker({});
  if (!heard) return heard.error();
  return collector.counts(started->rate_hz);
}

}  // namespace haltere::agent
