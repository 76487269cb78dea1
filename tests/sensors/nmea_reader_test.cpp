// Sentences with a known answer are the receivers' manuals' own: u-blox UBX-13003221, section 31,
// and Trimble's page of GST; their checksums are as printed there.

#include "sensors/nmea_reader.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/fakes/nmea_lines.hpp"

namespace haltere::sensors {
namespace {

using fakes::gga;
using fakes::nmea;
using fakes::rmc;

constexpr TimeNs ms = 1'000'000;

class Receiver : public testing::Test {
 protected:
  void send(const std::string& text, TimeNs now_ns = 0) {
    reader.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, now_ns, fixes);
  }
  /// What has come is all there is.
  void fall_silent(TimeNs now_ns = 10'000 * ms) { reader.feed({}, now_ns, fixes); }
  [[nodiscard]] std::uint64_t rejected() const { return reader.counters().rejected; }

  NmeaReader reader;
  std::vector<NmeaEpoch> fixes;
};

TEST_F(Receiver, TellsTheValuesOfTheManuals) {
  send(
      "$GPRMC,083559.00,A,4717.11437,N,00833.91522,E,0.004,77.52,091202,,,A*57\r\n"
      "$GPGGA,092725.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,*5B\r\n"
      "$GPGSA,A,3,18,22,25,12,14,21,24,15,,,,,1.93,1.04,1.63*01\r\n");
  fall_silent();
  ASSERT_EQ(fixes.size(), 1U);
  const NmeaEpoch& fix = fixes[0];
  // 9 h 27 min 25 s; 47 + 17.11399 / 60 and 8 + 33.91590 / 60 degrees.
  EXPECT_EQ(fix.utc_ms, 34'045'000);
  EXPECT_NEAR(fix.place.latitude_deg, 47.285233167, 1e-9);
  EXPECT_NEAR(fix.place.longitude_deg, 8.565265000, 1e-9);
  EXPECT_DOUBLE_EQ(fix.place.height_m, 499.6);
  EXPECT_DOUBLE_EQ(fix.satellites, 8.0);
  EXPECT_DOUBLE_EQ(fix.hdop, 1.01);
  EXPECT_DOUBLE_EQ(fix.vdop, 1.63);
  EXPECT_EQ(fix.fix_type, 3);
  EXPECT_TRUE(std::isnan(fix.speed_mps)) << "the RMC was of another time";
  EXPECT_EQ(rejected(), 0U);
}

TEST_F(Receiver, TellsDeviationsOfGst) {
  send(gga("172814.0") + "$GPGST,172814.0,0.006,0.023,0.020,273.6,0.023,0.020,0.031*6A\r\n");
  fall_silent();
  ASSERT_EQ(fixes.size(), 1U);
  EXPECT_DOUBLE_EQ(fixes[0].sigma_north_m, 0.023);
  EXPECT_DOUBLE_EQ(fixes[0].sigma_east_m, 0.020);
  EXPECT_DOUBLE_EQ(fixes[0].sigma_up_m, 0.031);
}

TEST_F(Receiver, TakesKnotsAndKilometresPerHour) {
  send(rmc("120000.00", "22.4,084.4") + gga("120000.00"));
  send(gga("120001.00") + nmea("GNVTG,010.0,T,,M,,N,36.0,K,A"));
  fall_silent();
  ASSERT_EQ(fixes.size(), 2U);
  EXPECT_NEAR(fixes[0].speed_mps, 11.523556, 1e-6);  // 22.4 x 1852 / 3600
  EXPECT_DOUBLE_EQ(fixes[0].course_deg, 84.4);
  EXPECT_NEAR(fixes[1].speed_mps, 10.0, 1e-12);
  EXPECT_DOUBLE_EQ(fixes[1].course_deg, 10.0);
}

TEST_F(Receiver, SpeaksForAnyConstellationAndHalfOfTheEarth) {
  int second = 0;
  for (const std::string talker : {"GP", "GN", "GL", "GA", "GB", "BD", "GQ"}) {
    send(nmea(talker + "GGA,00000" + std::to_string(second++) +
              ",3351.000,S,15112.600,W,4,12,0.7,5.0,M,,M,,"));
  }
  fall_silent();
  ASSERT_EQ(fixes.size(), 7U);
  EXPECT_DOUBLE_EQ(fixes[6].place.latitude_deg, -33.85);
  EXPECT_DOUBLE_EQ(fixes[6].place.longitude_deg, -151.21);
  EXPECT_EQ(fixes[6].quality, 4);
}

TEST_F(Receiver, GivesAMomentOnceItsUsualSentencesHaveCome) {
  for (int i = 0; i < 3; ++i) {
    const std::string time = "12000" + std::to_string(i) + ".00";
    send(rmc(time) + nmea("GNVTG,084.4,T,,M,22.4,N,41.5,K,A"), i * 1000L * ms);
    EXPECT_EQ(fixes.size(), static_cast<std::size_t>(i));
    send(gga(time) + nmea("GNGSA,A,3,01,02,03,04,,,,,,,,,1.9,1.0,1.6"), (i * 1000L + 40) * ms);
    if (i == 0) fall_silent(500 * ms);
    EXPECT_EQ(fixes.size(), static_cast<std::size_t>(i) + 1) << "without waiting for the next";
    EXPECT_EQ(fixes.back().arrival_ns, i * 1000L * ms);
  }
  EXPECT_EQ(rejected(), 0U);
}

TEST_F(Receiver, WaitsForASentenceThatWasLostOnce) {
  send(gga("120000.00") + rmc("120000.00") + gga("120001.00") + rmc("120001.00"));
  send(gga("120002.00"));  // its RMC is lost
  send(gga("120003.00") + rmc("120003.00"));
  fall_silent();
  ASSERT_EQ(fixes.size(), 4U);
  EXPECT_TRUE(std::isnan(fixes[2].speed_mps));
  EXPECT_FALSE(std::isnan(fixes[3].speed_mps));
}

TEST_F(Receiver, GoesOnOverMidnightAndALeapSecond) {
  for (const char* time : {"235958.50", "235959.50", "235960.00", "000000.00", "000000.50"}) {
    send(gga(time) + rmc(time));
  }
  fall_silent();
  EXPECT_EQ(fixes.size(), 5U);
  EXPECT_EQ(rejected(), 0U);
}

TEST_F(Receiver, PassesOverWhatCameTooLate) {
  send(rmc("120000.00") + gga("120000.00") + gga("120001.00") + rmc("120000.00", "5.0,1.0") +
       rmc("120001.00"));
  fall_silent();
  ASSERT_EQ(fixes.size(), 2U);
  EXPECT_DOUBLE_EQ(fixes[1].course_deg, 84.4);
  EXPECT_EQ(rejected(), 1U);
  EXPECT_EQ(reader.last_rejection(), "RMC of 120000.00 came after a sentence of a later time");
}

TEST_F(Receiver, TakesASentenceWithoutATimeFirst) {
  send(rmc("120000.00") + gga("120000.00"), 0);
  send(nmea("GPVTG,010.0,T,,M,7.0,N,,K,A"), 1000 * ms);
  send(gga("120001.00"), 1040 * ms);
  fall_silent();
  ASSERT_EQ(fixes.size(), 2U);
  EXPECT_DOUBLE_EQ(fixes[1].course_deg, 10.0);
  EXPECT_EQ(fixes[1].arrival_ns, 1000 * ms);
}

TEST_F(Receiver, YieldsNothingWithoutAFix) {
  const auto reason = [&](const std::string& text) {
    const std::uint64_t before = rejected();
    send(text);
    fall_silent();
    EXPECT_EQ(rejected(), before + 1) << text;
    return reader.last_rejection();
  };
  EXPECT_EQ(reason(gga("120000", ",,,", "0,00,99.99,,,,,,")), "no fix (0 satellites in use)");
  EXPECT_EQ(reason(nmea("GNGGA,120001,,,,,0,,,,,,,,")), "no fix");
  EXPECT_EQ(reason(rmc("120002", ",", "V") + gga("120002")), "no fix (8 satellites in use)");
  EXPECT_EQ(reason(nmea("GNGGA,,,,,,0,00,99.99,,,,,,")),
            "no fix: the receiver does not know the time yet");
  EXPECT_EQ(reason(nmea("GNGSA,A,2,1,2,3,,,,,,,,,,3.0,2.8,1.0") + gga("120003")),
            "a fix without a height (2D)");
  EXPECT_EQ(reason(gga("120004", "4717.11399,N,00833.91590,E", "6,08,1.0,499.6,M,48.0,M,,")),
            "quality 6 is an estimate, no measurement");
  EXPECT_EQ(reason(gga("120005", "4717.11399,N,00833.91590,E", "1,08,1.0,,M,48.0,M,,")),
            "a fix without a height (2D)");
  EXPECT_EQ(reason(rmc("120006") + rmc("120007")),
            "no GGA sentence, which alone tells the height: let the receiver send it");
  EXPECT_TRUE(fixes.empty());
}

TEST_F(Receiver, SaysWhichFieldIsWrong) {
  const auto reason = [&](const std::string& text) {
    send(text);
    return reader.last_rejection();
  };
  EXPECT_EQ(reason(gga("120000", "4760.1,N,00833.9,E")), "GGA: '4760.1' is no latitude");
  EXPECT_EQ(reason(gga("120000", "4717.1,E,00833.9,E")), "GGA: '4717.1,E' is no latitude");
  EXPECT_EQ(reason(gga("120000", "4717.1,N,18100.0,W")), "GGA: '18100.0' is no longitude");
  EXPECT_EQ(reason(gga("126000")), "GGA: '126000' is no time");
  EXPECT_EQ(reason(rmc("120000", "fast,")), "RMC: 'fast' is no speed");
  EXPECT_EQ(reason(rmc("120000", "1,361")), "RMC: '361' is no course");
  EXPECT_EQ(reason(rmc("120000", "1e9,1")), "RMC: '1e9' is no speed");
}

TEST_F(Receiver, GoesOnAtTheNextDollarAfterDamage) {
  const std::string good = gga("120000.00");
  const auto reason = [&](const std::string& text) {
    send(text);
    return reader.last_rejection();
  };
  std::string flipped = good;
  flipped[20] ^= 1;
  EXPECT_EQ(reason(flipped), "a sentence whose checksum should be 52");
  EXPECT_EQ(reason(good.substr(0, 30) + gga("120001.00")), "a sentence cut off by the next one");
  EXPECT_EQ(reason("$GPGGA,120002.00\r\n"), "a sentence without a checksum");
  EXPECT_EQ(reason("$GPGGA,12\x80"), "a sentence with bytes that are no text");
  EXPECT_EQ(reason("$" + std::string(200, 'A')), "a sentence of more than 164 bytes");
  send("\xB5\x62\x01\x07 noise between sentences \r\n" + gga("120003.00") + gga("120004.00"));
  fall_silent();
  ASSERT_EQ(fixes.size(), 3U);
  EXPECT_EQ(rejected(), 5U);
}

TEST_F(Receiver, NoSingleFlippedBitPasses) {
  const std::string good = gga("120000.00");
  for (std::size_t i = 0; i + 2 < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      reader = NmeaReader{};
      std::string flipped = good;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      reader.feed({reinterpret_cast<const std::uint8_t*>(flipped.data()), flipped.size()}, 0,
                  fixes);
      reader.feed({}, 1000 * ms, fixes);
      // Small hexadecimal digits are as good as large ones.
      if (fixes.size() == 1) {
        EXPECT_EQ(std::tolower(flipped[i]), std::tolower(good[i]));
      }
      fixes.clear();
    }
  }
}

TEST_F(Receiver, AsksForTheRightSpeedOfTheLine) {
  std::string noise;
  unsigned state = 20261122;
  for (int i = 0; i < 5000; ++i) {
    noise += static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
  }
  send(noise);
  EXPECT_NE(reader.last_rejection().find("2048 bytes without a sentence"), std::string::npos)
      << reader.last_rejection();
}

}  // namespace
}  // namespace haltere::sensors
