#include "agent/deploy/own_sensor.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "agent/deploy/mcu_text.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_listening = 50ms;  // a model that waits is not late
constexpr auto look_every = 2s;
constexpr std::size_t changes_kept = 8;
constexpr std::size_t unchecked_kept = 32;

// It is asked for anew long before it ends.
constexpr std::uint32_t endless = std::numeric_limits<std::uint32_t>::max();

Error no_channel(const std::string& name, const std::vector<McuChannel>& channels) {
  if (channels.empty()) return {ErrorKind::invalid, "its firmware has no sensor"};
  std::string known;
  for (const McuChannel& channel : channels)
    known.append(known.empty() ? "" : ", ").append(channel.name);
  return {ErrorKind::invalid, "its sensor has no channel '" + name + "'; it has " + known};
}

}  // namespace

OwnSensor::OwnSensor(std::shared_ptr<sensors::McuFeed> feed, FindModel find_model)
    : feed_(std::move(feed)), find_model_(std::move(find_model)) {}

OwnSensor::~OwnSensor() {
  if (link_ != nullptr) link_->set_notice_taker({});
  feed_->end(Error{ErrorKind::unavailable, "the microcontroller is not there"});
}

Status OwnSensor::begin(McuLink& link) {
  const auto sensor = link.sensor();
  if (!sensor) return sensor.error();
  if (auto found = find_channels(*sensor); !found) return found;
  check_ = DecisionCheck(channels_);
  unchecked_.clear();
  counting_ = false;
  link_ = &link;
  link.set_notice_taker([this](const link::Frame& notice) { take(notice); });
  return look(link);
}

Status OwnSensor::find_channels(const link::SensorReply& sensor) {
  channels_.clear();
  wanted_.clear();
  for (std::uint8_t c = 0; c < sensor.channels; ++c) {
    channels_.push_back({channel_name(sensor.channel[c]), sensor.channel[c].scale});
  }
  for (const std::string& name : feed_->wanted().channels) {
    const auto found = std::ranges::find(channels_, name, &McuChannel::name);
    if (found == channels_.end()) return no_channel(name, channels_);
    wanted_.push_back(static_cast<std::size_t>(found - channels_.begin()));
  }
  return {};
}

Status OwnSensor::ask(McuLink& link) {
  auto watch = link.watch({.report = true, .samples = endless, .rate_hz = feed_->wanted().rate_hz});
  if (!watch) return watch.error();
  figures_.watch = *watch;
  figures_.streams = true;
  // A number below those that came is one of another start.
  const auto low = static_cast<std::uint32_t>(number_);
  if (counting_ && static_cast<std::int32_t>(watch->next_sample - low) >= 0) return {};
  counting_ = true;
  number_ = watch->next_sample;
  feed_->begin();
  return {};
}

// Asking for a stream that runs changes nothing, and starts one that ended unheard.
Status OwnSensor::look(McuLink& link) {
  next_look_ = Clock::now() + look_every;
  if (auto asked = ask(link); !asked) return asked;
  auto statistics = link.statistics();
  if (!statistics) return statistics.error();
  figures_.statistics = std::move(statistics).value();
  return {};
}

Status OwnSensor::listen(McuLink& link) {
  if (Clock::now() >= next_look_) {
    if (auto looked = look(link); !looked) return looked;
  }
  const auto heard = link.listen(longest_listening);
  if (!heard) return heard.error();
  if (!*heard) return Error{ErrorKind::unavailable, "it was started anew"};
  return {};
}

void OwnSensor::take(const link::Frame& notice) {
  link::SamplesNotice samples;
  link::ChangeNotice change;
  if (notice.type == static_cast<std::uint8_t>(link::MessageType::samples)) {
    if (decode(notice.payload, notice.payload_bytes, samples)) take_samples(samples);
  } else if (decode(notice.payload, notice.payload_bytes, change)) {
    take_change(change);
  }
  check_changes();
}

void OwnSensor::take_samples(const link::SamplesNotice& notice) {
  const auto gap = static_cast<std::int32_t>(notice.first - static_cast<std::uint32_t>(number_));
  // An older number is a frame that came twice.
  if (!counting_ || gap < 0 || notice.channels != channels_.size()) return;
  number_ += static_cast<std::uint64_t>(gap);
  link::ByteReader reader(notice.values, 2 * notice.count * notice.channels);
  std::array<std::int16_t, link::max_sensor_channels> counts{};
  std::array<float, link::max_sensor_channels> values{};
  for (std::size_t i = 0; i < notice.count; ++i, ++number_) {
    for (std::size_t c = 0; c < notice.channels; ++c) {
      counts.at(c) = static_cast<std::int16_t>(reader.u16());
    }
    for (std::size_t w = 0; w < wanted_.size(); ++w) {
      const std::size_t c = wanted_[w];
      values.at(w) = channels_[c].scale * static_cast<float>(counts.at(c));
    }
    check_.add(static_cast<std::uint32_t>(number_), std::span(counts).first(notice.channels));
    feed_->put(number_, std::span(values).first(wanted_.size()));
  }
}

void OwnSensor::take_change(const link::ChangeNotice& change) {
  ++figures_.changes;
  figures_.last_changes.push_back({.decision = change.decision,
                                   .before = change.before,
                                   .sample = change.sample,
                                   .score = change.score,
                                   .model_version = change.model_version});
  if (figures_.last_changes.size() > changes_kept) {
    figures_.last_changes.erase(figures_.last_changes.begin());
  }
  unchecked_.push_back(change);
  if (unchecked_.size() > unchecked_kept) unchecked_.pop_front();
}

void OwnSensor::check_changes() {
  while (!unchecked_.empty() && check_.reaches(unchecked_.front().sample)) {
    const link::ChangeNotice& change = unchecked_.front();
    models::Int8Model* model = find_model_(change.model_version);
    const auto agrees =
        model == nullptr ? std::nullopt
                         : check_.agrees(change, *model, figures_.watch.votes, figures_.watch.of);
    if (agrees) ++figures_.compared;
    if (agrees.value_or(false)) ++figures_.agreed;
    unchecked_.pop_front();
  }
}

}  // namespace haltere::agent
