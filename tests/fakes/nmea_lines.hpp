#pragma once

#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

namespace haltere::fakes {

/// `text` as a receiver sends it: `$`, checksum, line end.
inline std::string nmea(std::string_view text) {
  unsigned sum = 0;
  for (const char c : text) sum ^= static_cast<unsigned char>(c);
  std::array<char, 8> end{};
  std::snprintf(end.data(), end.size(), "*%02X\r\n", sum);
  return "$" + std::string(text) + end.data();
}

/// `ddmm.mmmmmmm,N` (longitude: `dddmm.mmmmmmm,E`).
inline std::string nmea_angle(double degrees, bool is_latitude) {
  const double size = std::abs(degrees);
  const double whole = std::floor(size);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), is_latitude ? "%02.0f%010.7f,%c" : "%03.0f%010.7f,%c",
                whole, 60.0 * (size - whole),
                is_latitude ? (degrees < 0.0 ? 'S' : 'N') : (degrees < 0.0 ? 'W' : 'E'));
  return text.data();
}

/// `hhmmss.sss`, over midnight too.
inline std::string nmea_time(long long ms) {
  const long long day_ms = (ms % 86'400'000 + 86'400'000) % 86'400'000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02lld%02lld%02lld.%03lld", day_ms / 3'600'000,
                day_ms / 60'000 % 60, day_ms / 1000 % 60, day_ms % 1000);
  return text.data();
}

/// A GGA and an RMC of the same moment.
inline std::string gga(const std::string& time,
                       const std::string& place = "4717.11399,N,00833.91590,E",
                       const std::string& more = "1,08,1.01,499.6,M,48.0,M,,") {
  return nmea("GPGGA," + time + "," + place + "," + more);
}
inline std::string rmc(const std::string& time, const std::string& speed_course = "22.4,084.4",
                       const std::string& status = "A") {
  return nmea("GPRMC," + time + "," + status + ",4717.11399,N,00833.91590,E," + speed_course +
              ",230394,,,A");
}

}  // namespace haltere::fakes
