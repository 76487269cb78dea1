#include "mcu/firmware/sensing.hpp"

namespace haltere {
namespace firmware {
namespace {

constexpr float rate_tolerance = 0.01f;
constexpr float frames_per_s = 20.0f;  // at least, so that a slow stream comes soon

}  // namespace

Sensing::Sensing(const Platform& platform, const Memory& memory)
    : platform_(platform), memory_(memory), sensor_(platform.sensor) {}

float Sensing::model_rate_hz() const {
  const float rate_hz = model_->recipe.rate_hz;
  return rate_hz > 0.0f ? rate_hz : sensor_.most_hz;
}

bool Sensing::suits_model(float rate_hz) const {
  const float wanted = model_->recipe.rate_hz;
  return wanted <= 0.0f || (rate_hz <= wanted * (1.0f + rate_tolerance) &&
                            rate_hz >= wanted * (1.0f - rate_tolerance));
}

link::Blocked Sensing::why_blocked() const {
  if (sensor_.channels == 0) return link::Blocked::sensor;
  if (model_ == nullptr || model_->recipe.channel_count == 0) return link::Blocked::model;
  if (!Watch::has_channels(*model_, sensor_)) return link::Blocked::channels;
  const size_t model_bytes = kernels::self_test_scratch_bytes(*model_);
  const size_t used = model_bytes > lent_bytes_ ? model_bytes : lent_bytes_;
  if (used > memory_.arena_bytes || Watch::region_bytes(*model_) > memory_.arena_bytes - used) {
    return link::Blocked::ram;
  }
  return rate_hz_ > 0.0f && suits_model(rate_hz_) ? link::Blocked::none : link::Blocked::rate;
}

size_t Sensing::region_bytes() const {
  const link::Blocked blocked = why_blocked();
  const bool may_watch = blocked == link::Blocked::none || blocked == link::Blocked::rate;
  return may_watch ? Watch::region_bytes(*model_) : 0;
}

void Sensing::set_model(const kernels::BundleView* view) {
  watch_.stop();
  model_ = view;
  samples_ = 0;
  lost_samples_ = 0;
  asleep_ticks_ = 0;
  ticks_ = 0;
  settle();
}

bool Sensing::stream(uint32_t samples, float rate_hz) {
  if (samples == 0) {
    stream_left_ = 0;
    settle();
    return true;
  }
  if (sensor_.channels == 0 || memory_.stream == nullptr) return false;
  if (rate_hz <= 0.0f) rate_hz = rate_hz_ > 0.0f ? rate_hz_ : sensor_.most_hz;
  if (!(rate_hz <= sensor_.most_hz)) return false;
  // A board that makes sure of its stream loses nothing of it.
  if (streaming() && rate_hz == stream_hz_) return stream_left_ = samples, true;
  stream_hz_ = rate_hz;
  stream_left_ = samples;
  frame_samples_ = 0;
  settle();
  if (rate_hz_ != rate_hz) return stream_left_ = 0, settle(), false;
  const size_t fit = memory_.stream_bytes / (size_t{2} * sensor_.channels);
  const float soon = rate_hz / frames_per_s;
  frame_room_ = static_cast<uint16_t>(soon < 1.0f ? 1.0f : soon);
  if (rate_hz > frames_per_s * static_cast<float>(fit)) frame_room_ = static_cast<uint16_t>(fit);
  return true;
}

// Samples at the rate that is wanted now: a stream's before the model's.
void Sensing::settle() {
  link::Blocked blocked = why_blocked();
  float wanted = stream_left_ > 0 ? stream_hz_ : 0.0f;
  const bool may_watch = blocked == link::Blocked::none || blocked == link::Blocked::rate;
  if (stream_left_ == 0 && may_watch) wanted = model_rate_hz();
  if (wanted != rate_hz_) sample_at(wanted);
  blocked = why_blocked();
  if (blocked != link::Blocked::none && blocked != link::Blocked::rate) watch_.stop();
  if (blocked == link::Blocked::none && !watch_.on()) start_watch();
}

void Sensing::sample_at(float rate_hz) {
  if (rate_hz_ > 0.0f) {
    count_time();
    sensor_.stop(sensor_.context);
  }
  rate_hz_ = 0.0f;
  next_sample_ = 0;
  if (watch_.on()) watch_.forget();
  if (rate_hz <= 0.0f || !sensor_.start(sensor_.context, rate_hz)) return;
  rate_hz_ = rate_hz;
  counted_until_ = platform_.ticks(platform_.context);
}

void Sensing::pause() { sample_at(0.0f); }

void Sensing::lend(size_t bytes) {
  lent_bytes_ = bytes;
  settle();
}

void Sensing::start_watch() {
  const size_t bytes = Watch::region_bytes(*model_);
  const size_t end = memory_.arena_bytes / 8 * 8;
  watch_.start(*model_, sensor_, memory_.arena + (end - bytes));
}

void Sensing::count_time() {
  const uint32_t now = platform_.ticks(platform_.context);
  ticks_ += now - counted_until_;
  counted_until_ = now;
}

uint8_t Sensing::take() {
  if (rate_hz_ <= 0.0f) return 0;
  int16_t sample[link::max_sensor_channels];
  uint32_t number = 0;
  if (!sensor_.read(sensor_.context, sample, number)) return 0;
  count_time();
  uint8_t became = took_sample;
  if (number != next_sample_) {
    lost_samples_ += number - next_sample_;
    watch_.forget();
  }
  next_sample_ = number + 1;
  ++samples_;
  if (watch_.on() && suits_model(rate_hz_) && watch_.add(sample)) became |= window_due;
  if (stream_left_ > 0 && keep(sample, number)) became |= frame_due;
  return became;
}

// True when the frame must go: no room for another sample, or none will come.
bool Sensing::keep(const int16_t* sample, uint32_t number) {
  // A gap inside a frame cannot be told: what was before it is given up, and shows as lost.
  if (frame_samples_ > 0 && number != frame_first_ + frame_samples_) frame_samples_ = 0;
  if (frame_samples_ == 0) frame_first_ = number;
  const size_t bytes = size_t{2} * sensor_.channels;
  link::ByteWriter writer(memory_.stream + frame_samples_ * bytes, bytes);
  for (uint8_t i = 0; i < sensor_.channels; ++i) writer.u16(static_cast<uint16_t>(sample[i]));
  ++frame_samples_;
  --stream_left_;
  return frame_samples_ >= frame_room_ || stream_left_ == 0;
}

void Sensing::write_frame(link::ByteWriter& writer) {
  link::SamplesNotice notice;
  notice.first = frame_first_;
  notice.channels = sensor_.channels;
  notice.values = memory_.stream;
  notice.count = frame_samples_;
  encode(notice, writer);
  frame_samples_ = 0;
  if (stream_left_ == 0) settle();
}

void Sensing::describe(link::WatchReply& reply) const {
  reply.blocked = why_blocked();
  if (rate_hz_ > 0.0f) reply.state |= link::watch_sampling;
  if (streaming()) reply.state |= link::watch_streaming;
  reply.votes = watch_.debounce().votes();
  reply.of = watch_.debounce().of();
  reply.rate_hz = rate_hz_;
  reply.next_sample = next_sample_;
  if (model_ == nullptr || model_->recipe.channel_count == 0) return;
  reply.ram_bytes = Watch::region_bytes(*model_);
  const size_t model_bytes = kernels::self_test_scratch_bytes(*model_);
  const size_t free = memory_.arena_bytes > model_bytes ? memory_.arena_bytes - model_bytes : 0;
  if (reply.ram_bytes > free) {
    reply.missing_bytes = reply.ram_bytes - static_cast<uint32_t>(free);
  }
}

void Sensing::describe(link::StatisticsReply& reply) const {
  reply.samples = samples_;
  reply.lost_samples = lost_samples_;
  reply.asleep_ticks = asleep_ticks_;
  reply.ticks = ticks_;
  if (!watch_.on()) return;
  reply.windows = watch_.windows();
  reply.changes = watch_.changes();
  reply.decision = watch_.debounce().decision();
  reply.counts = watch_.counts();
  reply.histogram = watch_.histogram();
  reply.mean_score = watch_.mean_score();
  reply.saturated = watch_.saturated();
}

}  // namespace firmware
}  // namespace haltere
