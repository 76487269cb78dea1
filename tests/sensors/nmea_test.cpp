#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "fusion/navigation/geodesy.hpp"
#include "sensors/local_frame.hpp"
#include "tests/fakes/far_end.hpp"
#include "tests/fakes/nmea_lines.hpp"
#include "tests/fakes/open_sensor.hpp"

namespace haltere::sensors {
namespace {

using fakes::gga;
using fakes::rmc;

constexpr TimeNs ms = 1'000'000;

class Gnss : public testing::Test {
 protected:
  void open(const fakes::FarEnd& line, const std::string& more = "") {
    auto opened = fakes::open_sensor("nmea", "{device: " + line.name() + more + "}", buses_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    sensor_ = std::move(*opened);
  }
  /// What has come by `now_ns`, and another look after the silence that follows.
  Status read(TimeNs now_ns) {
    pollfd wait{.fd = sensor_->wake().fd, .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&wait, 1, 5000), 1);
    if (Status got = sensor_->read(now_ns, samples_); !got) return got;
    return sensor_->read(now_ns + 200 * ms, samples_);
  }
  [[nodiscard]] double value(std::string_view channel) const {
    const auto& channels = sensor_->layout().channels;
    for (std::size_t i = 0; i < channels.size(); ++i) {
      if (channels[i].name == channel) return static_cast<double>(samples_.back().values[i]);
    }
    ADD_FAILURE() << channel;
    return 0.0;
  }

  fakes::FarEnd line_;
  Buses buses_;
  std::unique_ptr<Sensor> sensor_;
  std::vector<Sample> samples_;
};

TEST_F(Gnss, IsOneSampleForEachMoment) {
  open(line_);
  line_.send(rmc("120000.00", "20.0,150.0") + gga("120000.00"));
  ASSERT_TRUE(read(5000 * ms).ok());
  ASSERT_EQ(samples_.size(), 1U);
  EXPECT_EQ(samples_[0].count, sensor_->layout().channels.size());
  EXPECT_EQ(samples_[0].time_ns, 5000 * ms);
  EXPECT_TRUE(samples_[0].starts_segment);
  EXPECT_NEAR(value("latitude"), 47.285233, 4e-6);
  EXPECT_NEAR(value("longitude"), 8.565265, 1e-6);
  EXPECT_NEAR(value("altitude"), 499.6, 1e-4);
  EXPECT_EQ(value("position.e"), 0.0);
  // 20 knots are 10.28889 m/s; sine and cosine of 150 degrees are 1/2 and -0.8660254.
  EXPECT_NEAR(value("speed"), 10.28889, 1e-5);
  EXPECT_NEAR(value("velocity.e"), 5.144444, 1e-5);
  EXPECT_NEAR(value("velocity.n"), -8.910439, 1e-5);
  EXPECT_EQ(value("course"), 150.0);
  EXPECT_EQ(value("satellites"), 8.0);
  EXPECT_NEAR(value("hdop"), 1.01, 1e-6);
  EXPECT_EQ(value("quality"), 1.0);
  // Without GST: 3 m x 1.01 / sqrt(2) each way; up 3 m x 1.6 x 1.01.
  EXPECT_NEAR(value("position_sigma.e"), 2.14253, 1e-4);
  EXPECT_NEAR(value("position_sigma.u"), 4.848, 1e-4);
}

// A degree at 47.285233 degrees north has 111 176.40 m to the north and 75 650.26 m to the east
// (111132.954 - 559.822 cos 2p + 1.175 cos 4p and 111412.84 cos p - 93.5 cos 3p + 0.118 cos 5p:
// the series of U.S. NGA's degree calculator); a tenth of a minute is a 600th of it.
TEST_F(Gnss, GivesMetresFromTheFirstFix) {
  open(line_);
  line_.send(gga("120000.00") +
             gga("120001.00", "4717.21399,N,00834.01590,E", "1,08,1.01,502.6,M,48.0,M,,"));
  ASSERT_TRUE(read(0).ok());
  ASSERT_EQ(samples_.size(), 2U);
  EXPECT_NEAR(value("position.e"), 126.0838, 0.02);
  EXPECT_NEAR(value("position.n"), 185.2940, 0.02);
  EXPECT_NEAR(value("position.u"), 2.996, 0.001);  // 224 m off, the earth has fallen by 4 mm
}

TEST_F(Gnss, GivesMetresFromAnOriginThatIsGiven) {
  open(line_, ", origin: {latitude: 47.285deg, longitude: 8.565deg, altitude: 490m}");
  line_.send(gga("120000.00", "4717.10000,N,00833.90000,E"));
  ASSERT_TRUE(read(0).ok());
  EXPECT_NEAR(value("position.e"), 0.0, 0.001);
  EXPECT_NEAR(value("position.n"), 0.0, 0.001);
  EXPECT_NEAR(value("position.u"), 9.6, 0.001);
}

TEST_F(Gnss, AgreesWithTheFusionsOwnFrame) {
  using fusion::navigation::Geodetic;
  const auto radians = [](const Place& p) {
    return Geodetic{p.latitude_deg * radian_per_degree, p.longitude_deg * radian_per_degree,
                    p.height_m};
  };
  for (const Place& origin : {Place{47.3, 8.6, 500.0}, Place{-33.9, 151.2, 5.0},
                              Place{69.6, -179.999, 0.0}, Place{0.0, 0.0, 4000.0}}) {
    const Place place{origin.latitude_deg + 0.03, origin.longitude_deg - 0.05,
                      origin.height_m + 60.0};
    const auto ours = LocalFrame(origin).local_m(place);
    const auto theirs = fusion::navigation::LocalFrame(radians(origin)).local(radians(place));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(ours[i], theirs[i], 1e-4);
  }
}

TEST_F(Gnss, SaysNothingOfWhatItWasNotTold) {
  open(line_);
  line_.send(rmc("120000.00", "0.05,") + gga("120000.00"));
  ASSERT_TRUE(read(0).ok());
  EXPECT_TRUE(std::isnan(value("course")));
  EXPECT_EQ(value("velocity.e"), 0.0) << "at rest there is no course";
  line_.send(rmc("120001.00", "5.0,") + gga("120001.00"));
  ASSERT_TRUE(read(1000 * ms).ok());
  EXPECT_TRUE(std::isnan(value("velocity.e")));
  line_.send(gga("120002.00"));
  ASSERT_TRUE(read(2000 * ms).ok());
  ASSERT_EQ(samples_.size(), 3U);
  EXPECT_TRUE(std::isnan(value("speed")));
}

TEST_F(Gnss, CountsWhatWasDamagedAndGoesOn) {
  open(line_);
  std::string broken = gga("120001.00");
  broken[25] = '?';
  line_.send(gga("120000.00") + broken + gga("120002.00").substr(0, 40) + gga("120003.00"));
  ASSERT_TRUE(read(0).ok());
  EXPECT_EQ(samples_.size(), 2U);
  EXPECT_EQ(sensor_->counters().samples, 2U);
  EXPECT_EQ(sensor_->counters().rejected, 2U);
  EXPECT_EQ(sensor_->last_rejection(), "a sentence cut off by the next one");
}

TEST_F(Gnss, SpreadsMomentsThatWaitedTogether) {
  open(line_);
  line_.send(gga("235959.80") + gga("235959.90") + gga("000000.00"));
  ASSERT_TRUE(read(5000 * ms).ok());
  ASSERT_EQ(samples_.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(samples_[static_cast<std::size_t>(i)].time_ns, (4800 + 100 * i) * ms);
  }
}

TEST_F(Gnss, KeepsItsOriginWhenItWasUnpluggedMidSentence) {
  const std::string name = testing::TempDir() + "nmea_test." + std::to_string(getpid());
  const auto plug_in = [&](const fakes::FarEnd& line) {
    unlink(name.c_str());
    ASSERT_EQ(symlink(line.name().c_str(), name.c_str()), 0);
    auto opened = fakes::open_sensor("nmea", "{device: " + name + "}", buses_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    sensor_ = std::move(*opened);
  };
  plug_in(line_);
  line_.send(gga("120000.00") + gga("120001.00").substr(0, 33));
  ASSERT_TRUE(read(0).ok());
  ASSERT_EQ(samples_.size(), 1U);
  line_.hang_up();
  const Status gone = read(1000 * ms);
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().kind, ErrorKind::unavailable);
  sensor_.reset();

  const fakes::FarEnd another;
  plug_in(another);
  another.send(gga("120009.00", "4717.21399,N,00833.91590,E"));
  ASSERT_TRUE(read(9000 * ms).ok());
  ASSERT_EQ(samples_.size(), 2U);
  EXPECT_NEAR(value("position.n"), 185.294, 0.02);
  unlink(name.c_str());
}

TEST_F(Gnss, IsPatientWhileAMomentIsUnderWay) {
  open(line_);
  EXPECT_EQ(sensor_->wake().period.count(), 0);
  line_.send(rmc("120000.00"));
  pollfd wait{.fd = sensor_->wake().fd, .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&wait, 1, 5000), 1);
  ASSERT_TRUE(sensor_->read(0, samples_).ok());
  EXPECT_EQ(sensor_->wake().period.count(), 100 * ms);
  line_.send(gga("120000.00"));
  ASSERT_TRUE(read(300 * ms).ok());
  EXPECT_EQ(samples_.size(), 1U);
  EXPECT_EQ(sensor_->wake().period.count(), 0);
}

TEST_F(Gnss, SurvivesAFloodOfNoise) {
  open(line_);
  fcntl(line_.fd(), F_SETFL, O_NONBLOCK);
  unsigned state = 20261122;
  for (int i = 0; i < 200; ++i) {
    std::string noise;
    for (int k = 0; k < 1000; ++k)
      noise += static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
    [[maybe_unused]] const ssize_t sent = write(line_.fd(), noise.data(), noise.size());
    ASSERT_TRUE(sensor_->read(i * ms, samples_).ok());
  }
  EXPECT_GT(sensor_->counters().rejected, 0U);
  EXPECT_TRUE(samples_.empty());
}

TEST(Nmea, SaysWhatIsWrongWithTheOrigin) {
  EXPECT_EQ(fakes::problem_with("nmea",
                                "{device: x, origin: {latitude: 47.3, longitude: 8deg, "
                                "altitude: 0m}}"),
            "'47.3' has no unit; did you mean '47.3deg'?");
}

}  // namespace
}  // namespace haltere::sensors
