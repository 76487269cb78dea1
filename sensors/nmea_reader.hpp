#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sensors/nmea_epoch.hpp"
#include "sensors/nmea_framer.hpp"
#include "sensors/sensor.hpp"

namespace haltere::sensors {

/// Turns a receiver's bytes into fixes: all sentences of one UTC time are one. A fix goes out as
/// soon as every kind of sentence has come that the two before it had, when the line falls silent,
/// or when the next time begins. What is no fix is counted and yields nothing. Times of day only
/// tell moments apart, so that midnight and leap seconds are moments like others.
class NmeaReader {
 public:
  /// A pause this long ends a burst of sentences.
  static constexpr TimeNs silence_ns = 100'000'000;

  /// Takes what arrived by `now_ns`; that nothing did is news too. Appends the fixes it completes.
  void feed(std::span<const std::uint8_t> bytes, TimeNs now_ns, std::vector<NmeaEpoch>& fixes);

  /// The moment of which it waits for more, or for silence; nullptr if there is none.
  [[nodiscard]] const NmeaEpoch* waiting() const { return open_ && !told_ ? &epoch_ : nullptr; }

  /// Sentences and moments that were rejected, and fixes.
  [[nodiscard]] const SensorCounters& counters() const { return counters_; }
  [[nodiscard]] const std::string& last_rejection() const { return last_rejection_; }

 private:
  static constexpr std::int64_t unknown_ms = -1;

  void take_sentence(std::vector<NmeaEpoch>& fixes);
  [[nodiscard]] bool find_epoch(NmeaKind kind, const NmeaFields& fields,
                                std::vector<NmeaEpoch>& fixes);
  void begin_epoch(std::int64_t utc_ms);
  void end_epoch(std::vector<NmeaEpoch>& fixes);
  void tell(std::vector<NmeaEpoch>& fixes);
  void reject(std::string why);

  NmeaFramer framer_;
  NmeaEpoch epoch_;
  bool open_ = false;  ///< sentences of `epoch_` may come
  bool told_ = false;  ///< it went out, or was rejected
  bool first_ = true;  ///< epoch; its start may be missing
  std::int64_t ended_ms_ = unknown_ms;
  std::uint8_t kinds_ = 0;         ///< of the epoch before
  std::uint8_t kinds_before_ = 0;  ///< of the one before that: one sentence may be lost
  TimeNs start_ns_ = 0;            ///< of the sentence under way
  TimeNs quiet_since_ns_ = 0;
  bool after_silence_ = false;  ///< the sentence under way
  SensorCounters counters_;
  std::string last_rejection_;
};

}  // namespace haltere::sensors
