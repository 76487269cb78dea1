#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sensors/sample.hpp"

namespace haltere::fusion {

/// How a stream's value between its samples is found.
enum class AlignMethod : std::uint8_t {
  hold,    ///< the newest sample; no delay but for waiting for it
  linear,  ///< on the line between the samples around; delay: one sample
  sinc,    ///< band-limited to both rates' half: windowed sinc; delay: `sinc_lobes` of its periods
};

/// One stream to be aligned.
struct AlignStream {
  std::size_t channels = 1;
  double rate_hz = 100.0;  ///< nominal
  AlignMethod method = AlignMethod::linear;
  double latency_s = 0.0;  ///< of its stamps behind what they show
  double gap_s = 0.1;      ///< samples further apart than this have a gap between them (sinc: than
                           ///< four of its periods, if that is less)
};

struct AlignSettings {
  double rate_hz = 100.0;  ///< of the common clock
  double late_s = 0.1;     ///< how long a stream is waited for that is behind the others
  std::vector<AlignStream> streams;
};

/// What happened to one stream's samples.
struct AlignCounts {
  std::uint64_t samples = 0;
  std::uint64_t late = 0;      ///< came after the rows that they belong to: passed over
  std::uint64_t refused = 0;   ///< not a number, or stamped as another
  std::uint64_t crowded = 0;   ///< of more than the nominal rate: the oldest gave way
  std::uint64_t gap_rows = 0;  ///< made while this stream had a gap
};

/// Streams of different rates resampled onto one clock, whose ticks are whole multiples of its
/// period. A row comes when every stream has what it needs, or is waited for no longer. In a gap a
/// stream's values stand still and `valid` says so; while all have gaps there are no rows, and the
/// next says `after_gap`. Samples may come out of order while their row has not passed. When all
/// that comes is behind the rows for a second, or a stream that starts anew is, then the clock was
/// set back, and the rows start anew with it. Bounded memory, all of it allocated at construction;
/// reads no clock; no NaN comes out.
///
/// Windowed sinc: value(T) = sum w_k x_k / sum w_k, w = sinc(2 f (T - t_k)) cos^2(pi (T - t_k) /
/// 2W), f = 0.45 of the lower rate, W = sinc_lobes / 2f (A. Oppenheim, R. Schafer, "Discrete-time
/// signal processing", 3rd ed., sections 4.6 and 7.5); by the sample's own stamps, so that a little
/// jitter does no harm.
class Aligner {
 public:
  static constexpr double sinc_lobes = 8.0;

  explicit Aligner(const AlignSettings& settings);

  /// Takes a sample of stream `index`, `values` [channels]; `after_break`: not contiguous with the
  /// stream's sample before, so a gap lies between them. False when it was not used; counts say
  /// why.
  bool push(std::size_t index, sensors::TimeNs time_ns, std::span<const float> values,
            bool after_break = false);

  /// Makes the next row; false while there is none. `to_the_end`: nothing more will come.
  bool next(bool to_the_end = false);

  [[nodiscard]] sensors::TimeNs time_ns() const { return row_ns_; }
  [[nodiscard]] std::span<const float> row() const { return row_; }  ///< all streams' channels
  [[nodiscard]] bool valid(std::size_t stream) const { return streams_[stream].valid; }
  [[nodiscard]] bool after_gap() const { return after_gap_; }

  [[nodiscard]] const AlignCounts& counts(std::size_t stream) const {
    return streams_[stream].counts;
  }
  /// By how much rows come behind the newest samples of streams that are on time.
  [[nodiscard]] double delay_s() const;

 private:
  struct Stream {
    AlignStream settings;
    sensors::TimeNs reach_ns = 0;  ///< samples needed on both sides of a row
    sensors::TimeNs gap_ns = 0;
    sensors::TimeNs latency_ns = 0;
    std::size_t first_channel = 0;  ///< in the row
    std::size_t capacity = 0;
    std::vector<sensors::TimeNs> times;  ///< ascending, [0, count)
    std::vector<float> values;           ///< [count][channels]
    std::vector<std::uint8_t> breaks;    ///< [count]: a break before this one
    std::size_t count = 0;
    bool valid = false;
    AlignCounts counts;
  };

  struct Arrival {
    sensors::TimeNs time_ns;
    std::span<const float> values;
    bool after_break;
  };

  [[nodiscard]] static bool insert(Stream& stream, const Arrival& arrival);
  [[nodiscard]] bool is_late(Stream& stream, sensors::TimeNs time_ns, bool after_break);
  void restart();
  [[nodiscard]] sensors::TimeNs tick_after(sensors::TimeNs time_ns) const;
  [[nodiscard]] bool is_due(bool to_the_end) const;
  [[nodiscard]] bool start();
  [[nodiscard]] bool make_row();
  [[nodiscard]] bool skip_empty();
  [[nodiscard]] bool evaluate(const Stream& stream, std::span<float> out);
  [[nodiscard]] bool interpolate(const Stream& stream, std::size_t after,
                                 std::span<float> out) const;
  [[nodiscard]] bool has_gap(const Stream& stream, std::size_t first, std::size_t last) const;
  [[nodiscard]] bool filter(const Stream& stream, std::size_t after, std::span<float> out);
  void forget_old();

  AlignSettings settings_;
  std::vector<Stream> streams_;
  sensors::TimeNs late_ns_;
  std::int64_t tick_ = 0;  ///< of the next row
  bool started_ = false;
  bool gone_ = false;  ///< the rows before this one were all gaps
  std::uint64_t late_in_a_row_ = 0;
  std::uint64_t most_late_in_a_row_ = 0;
  bool after_gap_ = false;
  sensors::TimeNs row_ns_ = 0;
  std::vector<float> row_;
  std::vector<double> sums_;  ///< of the filter, by channel
};

}  // namespace haltere::fusion
