#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "config/result.hpp"
#include "sensors/local_frame.hpp"
#include "sensors/nmea_framer.hpp"
#include "sensors/sample.hpp"

namespace haltere::sensors {

inline constexpr double not_told = std::numeric_limits<double>::quiet_NaN();

/// Sentences that say something of a fix, as bits.
enum NmeaKind : std::uint8_t {
  nmea_rmc = 1,
  nmea_gga = 2,
  nmea_vtg = 4,
  nmea_gst = 8,
  nmea_gsa = 16,
};

/// What a receiver told of one moment, NaN where it did not.
struct NmeaEpoch {
  TimeNs arrival_ns = 0;    ///< of its first byte
  std::int64_t utc_ms = 0;  ///< since midnight
  std::uint8_t seen = 0;    ///< NmeaKind
  bool is_void = false;     ///< RMC says that it is no fix
  int quality = 0;          ///< GGA: 0 none, 1 GNSS, 2 differential, 4 RTK fixed, 5 RTK float ...
  int fix_type = 0;         ///< GSA: 1 none, 2 without height, 3 with; 0 = not told
  Place place{not_told, not_told, not_told};  ///< height: above mean sea level
  double satellites = not_told;               ///< in use
  double hdop = not_told;
  double vdop = not_told;
  double speed_mps = not_told;
  double course_deg = not_told;  ///< of motion, from true north to the east
  double sigma_east_m = not_told;
  double sigma_north_m = not_told;
  double sigma_up_m = not_told;
};

/// Reads what `fields`, a sentence of `kind`, says into `epoch`. Errors: invalid, naming the field
/// that is no number or out of its range; some of the others may then have been read.
[[nodiscard]] Status read_nmea(NmeaKind kind, const NmeaFields& fields, NmeaEpoch& epoch);

/// Which of the kinds above a sentence is.
[[nodiscard]] std::optional<NmeaKind> nmea_kind(std::string_view name);

/// Whether sentences of `kind` tell the time.
[[nodiscard]] constexpr bool has_time(NmeaKind kind) {
  return kind == nmea_rmc || kind == nmea_gga || kind == nmea_gst;
}

/// `hhmmss.sss` as ms since midnight; nothing unless it is one.
[[nodiscard]] std::optional<std::int64_t> read_utc_ms(std::string_view text);

/// Why `epoch` is no fix of a place and its height; empty if it is one.
[[nodiscard]] std::string why_no_fix(const NmeaEpoch& epoch);

}  // namespace haltere::sensors
