#include "fusion/align.hpp"

#include <algorithm>
#include <cmath>

#include "fusion/ahrs/vector.hpp"

namespace haltere::fusion {
namespace {

using sensors::TimeNs;

constexpr double pi = 3.14159265358979323846;
constexpr double passband = 0.45;                // of the lower rate: below half of it
constexpr double crowded_at = 4.0;               // times the nominal rate
constexpr TimeNs furthest_ns = TimeNs{1} << 61;  // differences of any two stamps fit

TimeNs nanoseconds(double s) { return static_cast<TimeNs>(std::llround(1e9 * s)); }

// Half the width of the filter's response, and its cut-off.
double cut_off_hz(const AlignStream& stream, double row_rate_hz) {
  return passband * std::min(stream.rate_hz, row_rate_hz);
}

double reach_s(const AlignStream& stream, double row_rate_hz) {
  switch (stream.method) {
    case AlignMethod::hold: return 0.0;
    case AlignMethod::linear: return 1.0 / stream.rate_hz;
    case AlignMethod::sinc: return Aligner::sinc_lobes / (2.0 * cut_off_hz(stream, row_rate_hz));
  }
  return 0.0;
}

// By our own sine and cosine, so that every machine gives the same bits.
double weight(double offset_s, double cut_hz, double half_width_s) {
  const double x = 2.0 * pi * cut_hz * offset_s;
  const auto twice = [](double angle) { return static_cast<float>(2.0 * angle); };
  const float edge = ahrs::from_turn_about_z(twice(0.5 * pi * offset_s / half_width_s)).w;
  const float sine = ahrs::from_turn_about_z(twice(x)).z;
  const double sinc = std::abs(x) < 1e-4 ? 1.0 : static_cast<double>(sine) / x;
  return sinc * static_cast<double>(edge) * static_cast<double>(edge);
}

// How long sample `k` stands for, of those from `first` to before `last`, in ns.
double share_of(const std::vector<TimeNs>& times, std::size_t first, std::size_t k,
                std::size_t last) {
  const std::size_t from = k > first ? k - 1 : k;
  const std::size_t to = k + 1 < last ? k + 1 : k;
  if (from == to) return 1.0;
  return static_cast<double>(times[to] - times[from]) / static_cast<double>(to - from);
}

}  // namespace

Aligner::Aligner(const AlignSettings& settings)
    : settings_(settings), late_ns_(nanoseconds(settings.late_s)) {
  std::size_t channels = 0;
  for (const AlignStream& one : settings.streams) {
    Stream& stream = streams_.emplace_back();
    stream.settings = one;
    const double reach = reach_s(one, settings.rate_hz);
    stream.reach_ns = nanoseconds(reach);
    stream.gap_ns = nanoseconds(one.gap_s);
    // Over half of what it looks at, the filter cannot say anything.
    if (one.method == AlignMethod::sinc)
      stream.gap_ns = std::min(stream.gap_ns, stream.reach_ns / 2);
    stream.latency_ns = nanoseconds(one.latency_s);
    stream.first_channel = channels;
    channels += one.channels;
    const double kept_s = 2.0 * (reach + settings.late_s + one.gap_s);
    stream.capacity = 16 + static_cast<std::size_t>(crowded_at * kept_s * one.rate_hz);
    stream.times.resize(stream.capacity);
    stream.values.resize(stream.capacity * one.channels);
    stream.breaks.resize(stream.capacity);
    most_late_in_a_row_ += 1 + static_cast<std::uint64_t>(one.rate_hz);
  }
  row_.resize(channels);
  sums_.resize(channels);
}

double Aligner::delay_s() const {
  TimeNs longest = 0;
  for (const Stream& stream : streams_)
    longest = std::max(longest, stream.reach_ns + stream.latency_ns);
  return 1e-9 * static_cast<double>(longest);
}

TimeNs Aligner::tick_after(TimeNs time_ns) const {
  return static_cast<TimeNs>(std::ceil(1e-9 * static_cast<double>(time_ns) * settings_.rate_hz));
}

bool Aligner::push(std::size_t index, TimeNs time_ns, std::span<const float> values,
                   bool after_break) {
  Stream& stream = streams_[index];
  const bool finite = std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
  if (!finite || time_ns > furthest_ns || time_ns < -furthest_ns) {
    ++stream.counts.refused;
    return false;
  }
  time_ns -= stream.latency_ns;
  if (is_late(stream, time_ns, after_break)) return false;
  if (!insert(stream, {time_ns, values, after_break})) return false;
  ++stream.counts.samples;
  return true;
}

bool Aligner::is_late(Stream& stream, TimeNs time_ns, bool after_break) {
  if (!started_ || time_ns >= row_ns_ - stream.reach_ns) {
    late_in_a_row_ = 0;
    return false;
  }
  ++late_in_a_row_;
  const bool set_back = after_break && time_ns < row_ns_ - stream.reach_ns - late_ns_;
  if (set_back || late_in_a_row_ > most_late_in_a_row_) {
    restart();
    return false;
  }
  ++stream.counts.late;
  // As its stream's newest it still tells what to hold, or where the next line starts.
  return stream.count > 0 && time_ns <= stream.times[stream.count - 1];
}

void Aligner::restart() {
  for (Stream& stream : streams_) stream.count = 0;
  started_ = false;
  gone_ = true;
  late_in_a_row_ = 0;
}

bool Aligner::insert(Stream& stream, const Arrival& arrival) {
  const auto begin = stream.times.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(stream.count);
  auto place = std::lower_bound(begin, end, arrival.time_ns);
  if (place != end && *place == arrival.time_ns) {
    ++stream.counts.refused;
    return false;
  }
  const auto channels = static_cast<std::ptrdiff_t>(stream.settings.channels);
  const auto value_at = [&](auto at) { return stream.values.begin() + (at - begin) * channels; };
  const auto break_at = [&](auto at) { return stream.breaks.begin() + (at - begin); };
  if (stream.count == stream.capacity) {
    ++stream.counts.crowded;
    if (place == begin) return false;
    std::copy(begin + 1, place, begin);
    std::copy(value_at(begin + 1), value_at(place), value_at(begin));
    std::copy(break_at(begin + 1), break_at(place), break_at(begin));
    --place;
  } else {
    std::copy_backward(place, end, end + 1);
    std::copy_backward(value_at(place), value_at(end), value_at(end + 1));
    std::copy_backward(break_at(place), break_at(end), break_at(end + 1));
    ++stream.count;
  }
  *place = arrival.time_ns;
  *break_at(place) = arrival.after_break ? 1 : 0;
  std::ranges::copy(arrival.values, value_at(place));
  return true;
}

// When every stream has what it needs, or the others are too far ahead of it to wait.
bool Aligner::is_due(bool to_the_end) const {
  const TimeNs row_ns = nanoseconds(static_cast<double>(tick_) / settings_.rate_hz);
  bool all = true;
  bool waited = false;
  bool any = false;
  for (const Stream& stream : streams_) {
    if (stream.count == 0) {
      all = false;
      continue;
    }
    const TimeNs ahead_ns = stream.times[stream.count - 1] - row_ns;
    any = any || ahead_ns >= 0;
    all = all && ahead_ns >= stream.reach_ns;
    waited = waited || ahead_ns >= stream.reach_ns + late_ns_;
  }
  return all || waited || (to_the_end && any);
}

// Over a hole in all streams at once, however long: to the tick before the next sample.
bool Aligner::skip_empty() {
  TimeNs next_ns = furthest_ns;
  const TimeNs row_ns = nanoseconds(static_cast<double>(tick_) / settings_.rate_hz);
  for (const Stream& stream : streams_) {
    const auto end = stream.times.begin() + static_cast<std::ptrdiff_t>(stream.count);
    const auto after = std::lower_bound(stream.times.begin(), end, row_ns);
    if (after != end) next_ns = std::min(next_ns, *after);
  }
  gone_ = gone_ || started_;
  const std::int64_t tick = next_ns < furthest_ns ? tick_after(next_ns) : tick_ + 1;
  tick_ = std::max(tick, tick_ + 1);
  row_ns_ = nanoseconds(static_cast<double>(tick_ - 1) / settings_.rate_hz);
  return next_ns < furthest_ns;
}

bool Aligner::start() {
  TimeNs first_ns = furthest_ns;
  for (const Stream& stream : streams_) {
    if (stream.count > 0) first_ns = std::min(first_ns, stream.times[0]);
  }
  tick_ = tick_after(first_ns);
  return first_ns < furthest_ns;
}

// False when every stream has a gap.
bool Aligner::make_row() {
  row_ns_ = nanoseconds(static_cast<double>(tick_) / settings_.rate_hz);
  bool any = false;
  for (Stream& stream : streams_) {
    stream.valid =
        evaluate(stream, std::span(row_).subspan(stream.first_channel, stream.settings.channels));
    any = any || stream.valid;
  }
  if (!any) return false;
  for (Stream& stream : streams_) stream.counts.gap_rows += stream.valid ? 0 : 1;
  after_gap_ = gone_;
  started_ = true;
  gone_ = false;
  ++tick_;
  return true;
}

bool Aligner::next(bool to_the_end) {
  if (!started_ && !start()) return false;
  while (is_due(to_the_end)) {
    const bool made = make_row();
    const bool more = made || skip_empty();
    if (more) forget_old();
    if (made || !more) return made;
  }
  return false;
}

bool Aligner::evaluate(const Stream& stream, std::span<float> out) {
  const auto end = stream.times.begin() + static_cast<std::ptrdiff_t>(stream.count);
  const auto after = static_cast<std::size_t>(std::upper_bound(stream.times.begin(), end, row_ns_) -
                                              stream.times.begin());
  if (after == 0) return false;
  if (stream.settings.method == AlignMethod::sinc) return filter(stream, after, out);
  return interpolate(stream, after, out);
}

bool Aligner::interpolate(const Stream& stream, std::size_t after, std::span<float> out) const {
  const std::size_t channels = stream.settings.channels;
  const float* before = &stream.values[(after - 1) * channels];
  const TimeNs since_ns = row_ns_ - stream.times[after - 1];
  if (stream.settings.method == AlignMethod::hold || since_ns == 0) {
    if (since_ns > stream.gap_ns) return false;
    std::copy_n(before, channels, out.begin());
    return true;
  }
  if (after == stream.count) return false;
  const TimeNs step_ns = stream.times[after] - stream.times[after - 1];
  if (step_ns > stream.gap_ns || stream.breaks[after] != 0) return false;
  const auto share =
      static_cast<float>(static_cast<double>(since_ns) / static_cast<double>(step_ns));
  const float* next = &stream.values[after * channels];
  // Weights, not a difference: that of two large numbers might not be finite.
  for (std::size_t i = 0; i < channels; ++i) out[i] = (1.0F - share) * before[i] + share * next[i];
  return true;
}

// From end to end of the filter's window no two neighbours, nor an end, may be a gap apart.
bool Aligner::has_gap(const Stream& stream, std::size_t first, std::size_t last) const {
  TimeNs before_ns = row_ns_ - stream.reach_ns;
  for (std::size_t k = first; k < last; ++k) {
    if (stream.times[k] - before_ns > stream.gap_ns) return true;
    if (k > first && stream.breaks[k] != 0) return true;
    before_ns = stream.times[k];
  }
  return first == last || row_ns_ + stream.reach_ns - before_ns > stream.gap_ns;
}

bool Aligner::filter(const Stream& stream, std::size_t after, std::span<float> out) {
  const double cut_hz = cut_off_hz(stream.settings, settings_.rate_hz);
  const double half_s = 1e-9 * static_cast<double>(stream.reach_ns);
  std::size_t first = after;
  while (first > 0 && row_ns_ - stream.times[first - 1] < stream.reach_ns) --first;
  std::size_t last = after;
  while (last < stream.count && stream.times[last] - row_ns_ < stream.reach_ns) ++last;
  if (has_gap(stream, first, last)) return false;
  const std::size_t channels = stream.settings.channels;
  double total = 0.0;
  double positive = 0.0;
  std::ranges::fill(sums_, 0.0);
  for (std::size_t k = first; k < last; ++k) {
    const double w = weight(1e-9 * static_cast<double>(row_ns_ - stream.times[k]), cut_hz, half_s) *
                     share_of(stream.times, first, k, last);
    total += w;
    positive += std::abs(w);
    for (std::size_t i = 0; i < channels; ++i) {
      sums_[i] += w * static_cast<double>(stream.values[k * channels + i]);
    }
  }
  if (!(total > 0.1 * positive)) return false;  // too uneven to say anything
  for (std::size_t i = 0; i < channels; ++i) out[i] = static_cast<float>(sums_[i] / total);
  return std::ranges::all_of(out, [](float v) { return std::isfinite(v); });
}

// What no row to come reaches; the newest before them stays, to be held.
void Aligner::forget_old() {
  const TimeNs row_ns = nanoseconds(static_cast<double>(tick_) / settings_.rate_hz);
  for (Stream& stream : streams_) {
    std::size_t old = 0;
    while (old + 1 < stream.count && stream.times[old + 1] <= row_ns - stream.reach_ns) ++old;
    if (old == 0) continue;
    const auto skip = static_cast<std::ptrdiff_t>(old);
    const auto count = static_cast<std::ptrdiff_t>(stream.count);
    const auto channels = static_cast<std::ptrdiff_t>(stream.settings.channels);
    std::copy(stream.times.begin() + skip, stream.times.begin() + count, stream.times.begin());
    std::copy(stream.values.begin() + skip * channels, stream.values.begin() + count * channels,
              stream.values.begin());
    std::copy(stream.breaks.begin() + skip, stream.breaks.begin() + count, stream.breaks.begin());
    stream.count -= old;
  }
}

}  // namespace haltere::fusion
