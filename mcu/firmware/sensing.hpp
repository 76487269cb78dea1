#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/platform.hpp"
#include "mcu/firmware/watch.hpp"

namespace haltere {
namespace firmware {

/// Decides when the sensor samples and at which rate, for the active model and for a stream, and
/// hands samples to both.
class Sensing {
 public:
  Sensing(const Platform& platform, const Memory& memory);

  /// Another model is active, or none (null). Its counts begin anew.
  void set_model(const kernels::BundleView* view);

  /// Streams `samples` from now on; 0: none any more. At `rate_hz`, 0: as it samples already.
  /// False: the sensor cannot at that rate, or there is none; then nothing changes.
  bool stream(uint32_t samples, float rate_hz);

  /// Takes no samples until `resume`, for what must not be disturbed.
  void pause();
  void resume() { settle(); }

  /// Keeps away from the first `bytes` of the arena. Where that is more than is left, the model's
  /// counts are lost, and begin anew once `bytes` is 0 again.
  void lend(size_t bytes);

  /// What became of the sensor's next sample; several bits.
  static constexpr uint8_t took_sample = 1;
  static constexpr uint8_t window_due = 2;
  static constexpr uint8_t frame_due = 4;

  /// Takes the next sample if one waits; 0: none.
  uint8_t take();

  /// Composes the samples that wait for the board, and forgets them.
  void write_frame(link::ByteWriter& writer);

  /// Bytes at the end of the arena that the active model's windows take, now or after a stream.
  size_t region_bytes() const;

  void slept(uint32_t ticks) { asleep_ticks_ += ticks; }

  Watch& watch() { return watch_; }
  const Watch& watch() const { return watch_; }
  const Sensor& sensor() const { return sensor_; }
  float rate_hz() const { return rate_hz_; }
  bool streaming() const { return stream_left_ > 0; }
  uint32_t next_sample() const { return next_sample_; }

  /// Fills in what only this knows.
  void describe(link::WatchReply& reply) const;
  void describe(link::StatisticsReply& reply) const;

 private:
  void settle();
  void sample_at(float rate_hz);
  void start_watch();
  link::Blocked why_blocked() const;
  float model_rate_hz() const;
  bool suits_model(float rate_hz) const;
  bool keep(const int16_t* sample, uint32_t number);
  void count_time();

  const Platform& platform_;
  const Memory& memory_;
  const Sensor& sensor_;
  Watch watch_;
  const kernels::BundleView* model_ = nullptr;
  size_t lent_bytes_ = 0;
  float rate_hz_ = 0.0f;  // 0: it does not sample
  float stream_hz_ = 0.0f;
  uint32_t stream_left_ = 0;
  uint32_t next_sample_ = 0;
  uint32_t samples_ = 0;
  uint32_t lost_samples_ = 0;
  uint64_t asleep_ticks_ = 0;
  uint64_t ticks_ = 0;
  uint32_t counted_until_ = 0;

  // What waits for the board.
  uint32_t frame_first_ = 0;
  uint16_t frame_samples_ = 0;
  uint16_t frame_room_ = 0;  // samples that a frame takes
};

}  // namespace firmware
}  // namespace haltere
