#include "sensors/nmea_reader.hpp"

#include <utility>

namespace haltere::sensors {

void NmeaReader::feed(std::span<const std::uint8_t> bytes, TimeNs now_ns,
                      std::vector<NmeaEpoch>& fixes) {
  const bool silent = now_ns - quiet_since_ns_ >= silence_ns;
  if (silent && waiting() != nullptr && (epoch_.seen & nmea_gga) != 0) tell(fixes);
  if (bytes.empty()) return;
  quiet_since_ns_ = now_ns;
  bool first = true;
  for (const std::uint8_t byte : bytes) {
    const NmeaFramer::Outcome outcome = framer_.push(byte);
    if (byte == '$') {
      start_ns_ = now_ns;
      after_silence_ = silent && std::exchange(first, false);
    }
    if (outcome == NmeaFramer::Outcome::sentence) take_sentence(fixes);
    if (outcome == NmeaFramer::Outcome::rejected) reject(framer_.rejection());
  }
}

void NmeaReader::take_sentence(std::vector<NmeaEpoch>& fixes) {
  const NmeaFields fields(framer_.sentence());
  const std::optional<NmeaKind> kind = nmea_kind(fields.kind());
  if (!kind || !find_epoch(*kind, fields, fixes)) return;
  if (told_) {  // late, but to be waited for next time
    epoch_.seen |= *kind;
    return;
  }
  NmeaEpoch read = epoch_;
  if (const Status status = read_nmea(*kind, fields, read); !status) {
    return reject(std::string(fields.kind()) + ": " + status.error().message);
  }
  epoch_ = read;
  epoch_.seen |= *kind;
  const unsigned expected = kinds_ | kinds_before_;
  const bool whole = expected != 0 && (epoch_.seen & expected) == expected;
  if (whole && (epoch_.seen & nmea_gga) != 0) tell(fixes);
}

// Makes the sentence's epoch the open one; false if there is none for it.
bool NmeaReader::find_epoch(NmeaKind kind, const NmeaFields& fields,
                            std::vector<NmeaEpoch>& fixes) {
  if (!has_time(kind)) {
    // After a pause it is the first of a moment whose time comes with the next sentence.
    if (!open_ || (told_ && after_silence_)) {
      end_epoch(fixes);
      begin_epoch(unknown_ms);
    }
    return true;
  }
  if (fields[1].empty()) {
    end_epoch(fixes);
    reject("no fix: the receiver does not know the time yet");
    return false;
  }
  const std::optional<std::int64_t> utc_ms = read_utc_ms(fields[1]);
  if (!utc_ms) {
    reject(std::string(fields.kind()) + ": '" + std::string(fields[1]) + "' is no time");
    return false;
  }
  if (open_ && epoch_.utc_ms == *utc_ms) return true;
  if (*utc_ms == ended_ms_) {
    reject(std::string(fields.kind()) + " of " + std::string(fields[1]) +
           " came after a sentence of a later time");
    return false;
  }
  if (open_ && epoch_.utc_ms == unknown_ms) {
    epoch_.utc_ms = *utc_ms;
    return true;
  }
  end_epoch(fixes);
  begin_epoch(*utc_ms);
  return true;
}

void NmeaReader::begin_epoch(std::int64_t utc_ms) {
  epoch_ = {};
  epoch_.utc_ms = utc_ms;
  epoch_.arrival_ns = start_ns_;
  open_ = true;
  told_ = false;
}

void NmeaReader::end_epoch(std::vector<NmeaEpoch>& fixes) {
  if (!std::exchange(open_, false)) return;
  if (epoch_.utc_ms == unknown_ms) return;
  const bool cut = std::exchange(first_, false) && (epoch_.seen & nmea_gga) == 0;
  if (!told_ && !cut) tell(fixes);
  ended_ms_ = epoch_.utc_ms;
  kinds_before_ = std::exchange(kinds_, epoch_.seen);
}

void NmeaReader::tell(std::vector<NmeaEpoch>& fixes) {
  told_ = true;
  if (std::string why = why_no_fix(epoch_); !why.empty()) return reject(std::move(why));
  ++counters_.samples;
  fixes.push_back(epoch_);
}

void NmeaReader::reject(std::string why) {
  ++counters_.rejected;
  last_rejection_ = std::move(why);
}

}  // namespace haltere::sensors
