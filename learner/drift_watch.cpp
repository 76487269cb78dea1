#include "learner/drift_watch.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace haltere::learner {

namespace {

constexpr std::uint64_t scale_rows = 200;
constexpr double scale_limit = 4.0;
/// A deviation below this share of the mean is rounding, not signal.
constexpr double rounding_share = 1e-6;

bool watches_error(DriftSource source) { return source != DriftSource::inputs; }
bool watches_inputs(DriftSource source) { return source != DriftSource::error; }

std::size_t watched_inputs(const DriftSettings& settings, std::size_t inputs) {
  return settings.detector != DriftKind::off && watches_inputs(settings.on) ? inputs : 0;
}

}  // namespace

DriftWatch::DriftWatch(DriftSettings settings, std::size_t inputs)
    : settings_(settings),
      error_(watches_error(settings.on) ? settings.detector : DriftKind::off, DriftDirection::rise),
      inputs_(watched_inputs(settings, inputs),
              DriftDetector(settings.detector, DriftDirection::either, inputs)),
      scales_(inputs_.size()) {
  events_.reserve(max_events);
}

void DriftWatch::note(DriftEvent event) {
  if (event.level == DriftLevel::drift) ++drifts_;
  if (event.level == DriftLevel::warning) ++warnings_;
  if (events_.size() == max_events) events_.erase(events_.begin());
  events_.push_back(event);
}

DriftLevel DriftWatch::add_error(double error, std::uint64_t row) {
  const DriftLevel level = error_.update(error);
  const bool begins = level == DriftLevel::warning && error_level_ == DriftLevel::stable;
  if (begins || level == DriftLevel::drift) note({row, level, DriftEvent::of_error});
  error_level_ = level == DriftLevel::drift ? DriftLevel::stable : level;
  return level;
}

/// Takes a value into a scale that is not complete yet; false when it was.
bool DriftWatch::grow(Scale& scale, double value) {
  if (scale.rows >= scale_rows) return false;
  ++scale.rows;
  const double offset = value - scale.mean;
  scale.mean += offset / static_cast<double>(scale.rows);
  scale.squares += offset * (value - scale.mean);
  return true;
}

double DriftWatch::in_scale(const Scale& scale, double value) {
  const double deviation = std::sqrt(scale.squares / static_cast<double>(scale.rows));
  const double unit = std::max({deviation, rounding_share * std::abs(scale.mean), 1e-30});
  const double units = std::clamp((value - scale.mean) / unit, -scale_limit, scale_limit);
  return 0.5 + 0.5 * units / scale_limit;
}

DriftLevel DriftWatch::add_inputs(std::span<const float> row, std::uint64_t row_number) {
  assert(inputs_.empty() || row.size() == inputs_.size());
  DriftLevel highest = DriftLevel::stable;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto value = static_cast<double>(row[i]);
    if (grow(scales_[i], value)) continue;
    const DriftLevel level = inputs_[i].update(in_scale(scales_[i], value));
    highest = std::max(highest, level);
    if (level != DriftLevel::drift) continue;
    note({row_number, level, static_cast<std::int32_t>(i)});
    scales_[i] = {};
    inputs_[i].reset();
  }
  return highest;
}

void DriftWatch::exchange(Archive& archive, Scale& scale) {
  archive.exchange(scale.rows);
  archive.exchange(scale.mean);
  archive.exchange(scale.squares);
}

void DriftWatch::exchange_events(Archive& archive) {
  std::uint64_t count = events_.size();
  archive.exchange(count);
  if (count > max_events) return archive.fail();
  events_.resize(static_cast<std::size_t>(count));
  for (DriftEvent& event : events_) {
    archive.exchange(event.row);
    archive.exchange(event.input);
    auto level = static_cast<std::uint8_t>(event.level);
    archive.exchange(level);
    if (level > static_cast<std::uint8_t>(DriftLevel::drift)) return archive.fail();
    event.level = static_cast<DriftLevel>(level);
  }
  archive.exchange(drifts_);
  archive.exchange(warnings_);
}

void DriftWatch::exchange_state(Archive& archive) {
  error_.exchange(archive);
  bool warned = error_level_ == DriftLevel::warning;
  archive.exchange(warned);
  error_level_ = warned ? DriftLevel::warning : DriftLevel::stable;
  for (DriftDetector& detector : inputs_) detector.exchange(archive);
  for (Scale& scale : scales_) exchange(archive, scale);
}

void DriftWatch::exchange(Archive& archive) {
  exchange_events(archive);
  auto detector = static_cast<std::uint8_t>(settings_.detector);
  auto on = static_cast<std::uint8_t>(settings_.on);
  archive.exchange(detector);
  archive.exchange(on);
  std::vector<std::uint8_t> state;
  if (!archive.reading()) {
    Archive inner;
    exchange_state(inner);
    state = inner.bytes();
  }
  archive.exchange(state);
  const bool same = detector == static_cast<std::uint8_t>(settings_.detector) &&
                    on == static_cast<std::uint8_t>(settings_.on);
  if (!archive.reading() || archive.failed() || !same) return;
  Archive inner(state);
  exchange_state(inner);
  if (!inner.exhausted()) archive.fail();
}

}  // namespace haltere::learner
