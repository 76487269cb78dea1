// Sentences as in NMEA 0183 version 4.11 and the receivers' manuals (u-blox UBX-18010854, section
// 31.3; Trimble and CSI for GST).

#include "sensors/nmea_epoch.hpp"

#include <array>
#include <cmath>
#include <initializer_list>

#include "sensors/csv.hpp"

namespace haltere::sensors {
namespace {

constexpr double mps_per_knot = 1852.0 / 3600.0;
constexpr double mps_per_kmh = 1.0 / 3.6;
constexpr double highest_m = 1e6;
constexpr double fastest = 1e5;  // knots or km/h
constexpr double largest_dop = 1e3;
constexpr double largest_sigma_m = 1e7;
constexpr int estimated_quality = 6;  // dead reckoning; beyond: by hand, simulated

/// A number that may be left empty, between two others.
struct Field {
  std::string_view name;
  double min;
  double max;
};

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const bool whole = !text.empty() && parse_plain_decimal(text, 0, value) == text.size();
  return whole ? std::optional(value) : std::nullopt;
}

Error no_such(std::string_view name, std::string_view text) {
  return {ErrorKind::invalid, "'" + std::string(text) + "' is no " + std::string(name)};
}

/// Leaves `value` as it is where the field is empty.
Status read_number(std::string_view text, const Field& field, double& value) {
  if (text.empty()) return {};
  const std::optional<double> read = number(text);
  if (!read || *read < field.min || *read > field.max) return no_such(field.name, text);
  value = *read;
  return {};
}

/// `dddmm.mmmm` and its half of the earth.
Status read_angle(std::string_view text, std::string_view half, bool is_latitude, double& value) {
  if (text.empty() && half.empty()) return {};
  const std::string_view name = is_latitude ? "latitude" : "longitude";
  const std::optional<double> read = number(text);
  const bool positive = half == (is_latitude ? "N" : "E");
  const bool negative = half == (is_latitude ? "S" : "W");
  if (!read || *read < 0.0 || (!positive && !negative)) {
    return no_such(name, std::string(text) + "," + std::string(half));
  }
  const double degrees = std::floor(*read / 100.0);
  const double minutes = *read - 100.0 * degrees;
  const double angle = degrees + minutes / 60.0;
  if (minutes >= 60.0 || angle > (is_latitude ? 90.0 : 180.0)) return no_such(name, text);
  value = positive ? angle : -angle;
  return {};
}

Status first_failure(std::initializer_list<Status> all) {
  for (const Status& one : all) {
    if (!one) return one;
  }
  return {};
}

constexpr Field speed{"speed", 0.0, fastest};
constexpr Field course{"course", 0.0, 360.0};
constexpr Field dop{"dilution of precision", 0.0, largest_dop};
constexpr Field sigma{"standard deviation", 0.0, largest_sigma_m};

// time, status, latitude, N, longitude, E, knots, course, date, variation, E, mode, status
Status read_rmc(const NmeaFields& fields, NmeaEpoch& epoch) {
  const std::string_view mode = fields[12];
  epoch.is_void = fields[2] != "A" || mode == "N" || mode == "E";
  double knots = not_told;
  Status read = first_failure(
      {read_number(fields[7], speed, knots), read_number(fields[8], course, epoch.course_deg)});
  if (!std::isnan(knots)) epoch.speed_mps = knots * mps_per_knot;
  return read;
}

// time, latitude, N, longitude, E, quality, satellites, HDOP, altitude, M, separation, M, age, id
Status read_gga(const NmeaFields& fields, NmeaEpoch& epoch) {
  double quality = 0.0;
  Status read = first_failure({
      read_number(fields[6], {"quality", 0.0, 9.0}, quality),
      read_angle(fields[2], fields[3], true, epoch.place.latitude_deg),
      read_angle(fields[4], fields[5], false, epoch.place.longitude_deg),
      read_number(fields[7], {"number of satellites", 0.0, 999.0}, epoch.satellites),
      read_number(fields[8], dop, epoch.hdop),
      read_number(fields[9], {"altitude", -highest_m, highest_m}, epoch.place.height_m),
  });
  epoch.quality = static_cast<int>(quality);
  if (read && !fields[10].empty() && fields[10] != "M") {
    return no_such("unit of the altitude", fields[10]);
  }
  return read;
}

// course, T, magnetic course, M, knots, N, km/h, K, mode
Status read_vtg(const NmeaFields& fields, NmeaEpoch& epoch) {
  if (fields[9] == "N" || fields[9] == "E") return {};
  double knots = not_told;
  double kmh = not_told;
  double heading = not_told;
  Status read =
      first_failure({read_number(fields[5], speed, knots), read_number(fields[7], speed, kmh),
                     read_number(fields[1], course, heading)});
  if (!read) return read;
  // RMC says the same, and whether it is valid.
  if (std::isnan(epoch.speed_mps)) {
    epoch.speed_mps = std::isnan(knots) ? kmh * mps_per_kmh : knots * mps_per_knot;
  }
  if (std::isnan(epoch.course_deg)) epoch.course_deg = heading;
  return {};
}

// time, RMS of ranges, semi-major, semi-minor, orientation, latitude, longitude, altitude
Status read_gst(const NmeaFields& fields, NmeaEpoch& epoch) {
  return first_failure({read_number(fields[6], sigma, epoch.sigma_north_m),
                        read_number(fields[7], sigma, epoch.sigma_east_m),
                        read_number(fields[8], sigma, epoch.sigma_up_m)});
}

// mode, type, 12 satellites, PDOP, HDOP, VDOP, system
Status read_gsa(const NmeaFields& fields, NmeaEpoch& epoch) {
  double type = 0.0;
  double hdop = not_told;
  double vdop = not_told;
  Status read =
      first_failure({read_number(fields[2], {"type of fix", 1.0, 3.0}, type),
                     read_number(fields[16], dop, hdop), read_number(fields[17], dop, vdop)});
  // One for each constellation: those without satellites have nothing to say.
  if (static_cast<int>(type) <= epoch.fix_type) return read;
  epoch.fix_type = static_cast<int>(type);
  epoch.vdop = vdop;
  if (std::isnan(epoch.hdop)) epoch.hdop = hdop;
  return read;
}

}  // namespace

std::optional<NmeaKind> nmea_kind(std::string_view name) {
  if (name == "RMC") return nmea_rmc;
  if (name == "GGA") return nmea_gga;
  if (name == "VTG") return nmea_vtg;
  if (name == "GST") return nmea_gst;
  if (name == "GSA") return nmea_gsa;
  return std::nullopt;
}

std::optional<std::int64_t> read_utc_ms(std::string_view text) {
  const std::optional<double> read = number(text);
  if (!read || *read < 0.0 || *read >= 240000.0) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(*read);
  const std::int64_t minutes = whole / 100 % 100;
  const std::int64_t seconds = whole % 100;
  if (minutes > 59 || seconds > 60) return std::nullopt;  // 60: a leap second
  const std::int64_t ms = std::llround((*read - static_cast<double>(whole)) * 1000.0);
  return ((whole / 10000 * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

Status read_nmea(NmeaKind kind, const NmeaFields& fields, NmeaEpoch& epoch) {
  switch (kind) {
    case nmea_rmc: return read_rmc(fields, epoch);
    case nmea_gga: return read_gga(fields, epoch);
    case nmea_vtg: return read_vtg(fields, epoch);
    case nmea_gst: return read_gst(fields, epoch);
    case nmea_gsa: return read_gsa(fields, epoch);
  }
  return {};
}

std::string why_no_fix(const NmeaEpoch& epoch) {
  if ((epoch.seen & nmea_gga) == 0) {
    return "no GGA sentence, which alone tells the height: let the receiver send it";
  }
  if (epoch.is_void || epoch.quality == 0) {
    const bool counted = !std::isnan(epoch.satellites);
    return "no fix" +
           (counted ? " (" + std::to_string(std::lround(epoch.satellites)) + " satellites in use)"
                    : std::string());
  }
  if (epoch.quality >= estimated_quality) {
    return "quality " + std::to_string(epoch.quality) + " is an estimate, no measurement";
  }
  const Place& place = epoch.place;
  if (std::isnan(place.latitude_deg) || std::isnan(place.longitude_deg)) return "no position";
  if (epoch.fix_type == 2 || std::isnan(place.height_m)) return "a fix without a height (2D)";
  return {};
}

}  // namespace haltere::sensors
