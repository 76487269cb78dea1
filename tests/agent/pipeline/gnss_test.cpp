// A satellite receiver and an inertial sensor, each on a line, through their keepers and the order
// of their times to a position: a drive with an outage.
#include <poll.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "agent/pipeline/live_parts.hpp"
#include "agent/pipeline/time_order.hpp"
#include "tests/agent/pipeline/live_fixture.hpp"
#include "tests/fakes/nmea_lines.hpp"
#include "tests/fusion/made_up_drive.hpp"

namespace haltere::agent {
namespace {

using fusion::navigation::MadeUpDrive;
using fusion::navigation::Vec3;
using sensors::TimeNs;

constexpr double speed_mps = 2.0;
constexpr double pulse_radps = 2.0;
constexpr double latitude_deg = 47.285;
constexpr double longitude_deg = 8.565;
// Of a degree there; the series stands beside the test of the sensor's metres.
constexpr double north_m_per_deg = 111'176.39;
constexpr double east_m_per_deg = 75'650.59;

/// What two devices send of a drive.
class Senders {
 public:
  Senders(const fakes::FarEnd& imu, const fakes::FarEnd& gnss) : imu_(imu), gnss_(gnss) {}
  bool outage = false;

  void inertial(TimeNs time_ns, const Vec3& acceleration, const Vec3& rate) {
    time_ns_ = time_ns;
    std::string line = std::to_string(time_ns / 1'000'000);
    for (const Vec3& v : {acceleration, rate}) {
      for (const double value : v.axes) line += "," + std::to_string(value);
    }
    imu_.send(line + "\n");
  }
  void velocity(TimeNs, const Vec3& v) { velocity_mps_ = v; }
  void fix(TimeNs, const Vec3& p) {
    // The time of day of the measurement: midnight comes three seconds after the start.
    const std::string time = fakes::nmea_time(86'397'000 + (time_ns_ - 100'000'000) / 1'000'000);
    if (outage) {
      gnss_.send(fakes::nmea("GNRMC," + time + ",V,,,,,,,,,,N") +
                 fakes::nmea("GNGGA," + time + ",,,,,0,02,99.99,,,,,,"));
      return;
    }
    const std::string place = fakes::nmea_angle(latitude_deg + p[1] / north_m_per_deg, true) + "," +
                              fakes::nmea_angle(longitude_deg + p[0] / east_m_per_deg, false);
    const double knots = std::hypot(velocity_mps_[0], velocity_mps_[1]) * 3600.0 / 1852.0;
    const double course = std::fmod(
        std::atan2(velocity_mps_[0], velocity_mps_[1]) * 180.0 / std::numbers::pi + 360.0, 360.0);
    gnss_.send(fakes::nmea("GNRMC," + time + ",A," + place + "," + std::to_string(knots) + "," +
                           std::to_string(course) + ",221126,,,A"));
    gnss_.send(fakes::nmea("GNGGA," + time + "," + place + ",1,09,0.9," +
                           std::to_string(400.0 + p[2]) + ",M,48.0,M,,"));
    gnss_.send(fakes::nmea("GNGST," + time + ",1.0,,,,0.5,0.5,0.8"));
  }

 private:
  const fakes::FarEnd& imu_;
  const fakes::FarEnd& gnss_;
  TimeNs time_ns_ = 0;
  Vec3 velocity_mps_;
};

/// What the fusion said, and when.
class Track final : public ModelObserver {
 public:
  struct Point {
    TimeNs time_ns;
    std::vector<float> row;
  };
  void on_window(const WindowEvent& /*event*/) override {}
  void on_promotion(std::size_t, std::span<const std::uint8_t>) override {}
  void on_output(std::size_t, TimeNs time_ns, std::span<const float> row) override {
    points.push_back({time_ns, {row.begin(), row.end()}});
  }
  std::vector<Point> points;
};

std::string yaml(const std::string& imu, const std::string& gnss) {
  return "agent: {merge_wait: 200ms}\n"
         "sensors:\n"
         "  - {id: imu, platform: serial_lines, device: " +
         imu +
         ", rate: 100Hz, clock: host, columns: ['t:ms', 'ax:m/s2', 'ay:m/s2', 'az:m/s2', "
         "'gx:rad/s', 'gy:rad/s', 'gz:rad/s']}\n"
         "  - {id: gnss, platform: nmea, device: " +
         gnss +
         ", rate: 5Hz, origin: {latitude: 47.285deg, longitude: 8.565deg, altitude: 400m}}\n"
         "fusion:\n"
         "  - {id: place, platform: position, accelerometer: imu.acceleration, gyroscope: "
         "imu.angular_rate, position: gnss.position, velocity: gnss.velocity, position_sigma: "
         "gnss.position_sigma, tilt_noise: 5deg}\n";
}

class GnssPipeline : public testing::Test {
 protected:
  /// Both lines, the sensors behind them and the graph: all but the threads, whose time the test
  /// tells instead, so that a busy machine does not make samples late.
  void build(const std::string& text) {
    spec_ = load_yaml_text(scratch_, text);
    auto graph = Graph::create(spec_, {});
    ASSERT_TRUE(graph.ok()) << graph.error().message;
    graph_ = std::move(graph).value();
    buses_ = make_bus_threads(spec_, make_buses(spec_), bell_);
    order_.emplace(spec_.sensors.size(), 256, spec_.merge_wait);
  }
  /// Drives, and takes what comes of it.
  void drive(double seconds) {
    MadeUpDrive drive(speed_mps, 0.0, 20261122);
    drive.pulse_radps = pulse_radps;  // stops and goes
    drive.errors = {.acceleration_sigma_mps2 = 0.005,
                    .rate_sigma_radps = 0.0002,
                    .fix_sigma_m = {0.5, 0.5, 0.8},
                    .velocity_sigma_mps = 0.05,
                    .accelerometer_bias_mps2 = {},
                    .gyro_bias_radps = {}};
    Senders senders(imu_, gnss_);
    for (const std::size_t sensor : {0U, 1U}) serve(sensor, start_ns, false);  // opens it
    for (int i = 1; i <= static_cast<int>(100.0 * seconds); ++i) {
      senders.outage = i >= 700 && i < 1000;
      drive.tick(senders);
      serve(0, start_ns + drive.now_ns(), true);
      serve(1, start_ns + drive.now_ns(), i % 20 == 0);
    }
    TimeOrder::Entry entry;
    while (order_->next_anyway(entry)) graph_->push(entry.sample, track_);
  }
  /// Lets a sensor read; `sent`: something is on the line.
  void serve(std::size_t sensor, TimeNs now_ns, bool sent) {
    SensorKeeper& keeper = *buses_[sensor]->keepers()[0];
    pollfd line{.fd = keeper.next().fd, .events = POLLIN, .revents = 0};
    const bool ready = poll(&line, 1, sent ? 5000 : 0) == 1;
    EXPECT_TRUE(ready || !sent);
    std::vector<sensors::Sample> samples;
    keeper.service(now_ns, ready, samples);
    const TimeOrder::Clock::time_point now{std::chrono::nanoseconds(now_ns)};
    for (const sensors::Sample& sample : samples) order_->add(sample, now);
    TimeOrder::Entry entry;
    while (order_->next(entry, now)) graph_->push(entry.sample, track_);
  }
  /// The true east at `time_ns` of this host's clock.
  [[nodiscard]] static double true_east_m(TimeNs time_ns) {
    const double t = 1e-9 * static_cast<double>(time_ns - start_ns);
    return speed_mps * (t - std::sin(pulse_radps * t) / pulse_radps);
  }
  [[nodiscard]] SensorHealth health(std::size_t sensor) const {
    return buses_[sensor]->keepers()[0]->health();
  }

  static constexpr TimeNs start_ns = 1'000'000'000'000;
  ScratchFolder scratch_;
  fakes::FarEnd imu_;
  fakes::FarEnd gnss_;
  sensors::Doorbell bell_;
  PipelineSpec spec_;
  std::optional<Graph> graph_;
  std::vector<std::unique_ptr<BusThread>> buses_;
  std::optional<TimeOrder> order_;
  Track track_;
};

TEST_F(GnssPipeline, staysWithinItsStatedDeviationThroughAnOutage) {
  build(yaml(imu_.name(), gnss_.name()));
  drive(12.0);

  ASSERT_GT(track_.points.size(), 1000U);
  std::size_t in_outage = 0;
  std::size_t judged = 0;
  std::size_t beyond = 0;
  double worst_m = 0.0;
  double widest_m = 0.0;
  for (const Track::Point& point : track_.points) {
    const std::vector<float>& row = point.row;
    for (const float value : row) ASSERT_TRUE(std::isfinite(value));
    if (row[23] < 0.5F) continue;  // not aligned yet
    const std::array<double, 3> truth{true_east_m(point.time_ns), 0.0, 0.0};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double error_m = std::abs(static_cast<double>(row[axis]) - truth[axis]);
      const auto sigma_m = static_cast<double>(row[10 + axis]);
      worst_m = std::max(worst_m, error_m);
      widest_m = std::max(widest_m, sigma_m);
      ++judged;
      beyond += error_m > 3.0 * sigma_m ? 1 : 0;
      EXPECT_LT(error_m, 5.0 * sigma_m + 0.05) << "axis " << axis;
    }
    in_outage += row[25] > 0.5F ? 1U : 0U;
  }
  EXPECT_GT(judged, 1500U);
  EXPECT_LT(static_cast<double>(beyond), 0.05 * static_cast<double>(judged));
  EXPECT_GT(in_outage, 80U) << "the last second and more of three";
  EXPECT_EQ(track_.points.back().row[25], 0.0F);
  EXPECT_LT(worst_m, 3.0);
  EXPECT_EQ(health(1).counters.samples, 45U);
  EXPECT_EQ(health(1).counters.rejected, 15U);
  EXPECT_EQ(health(1).last_fault, "no fix (2 satellites in use)");
  std::printf("%zu judged, %zu beyond 3 sigma, worst error %.2f m, widest sigma %.2f m\n", judged,
              beyond, worst_m, widest_m);
}

// A receiver that stands still says the same again and again.
TEST_F(GnssPipeline, takesARestingReceiverForNoOutage) {
  build(yaml("/dev/null", "/dev/zero"));
  sensors::Sample imu;
  imu.count = 6;
  imu.values[2] = 9.80665F;
  sensors::Sample gnss;
  gnss.sensor = 1;
  gnss.count = 16;
  gnss.values[3] = 12.5F;
  const auto outage_after = [&](int from, int to, bool receives) {
    for (int i = from; i < to; ++i) {
      imu.time_ns = gnss.time_ns = TimeNs{i} * 10'000'000;
      if (receives && i % 20 == 0) graph_->push(gnss, track_);
      graph_->push(imu, track_);
    }
    return track_.points.back().row[25] > 0.5F;
  };
  EXPECT_FALSE(outage_after(0, 6000, true));
  EXPECT_EQ(track_.points.back().row[0], 12.5F);
  EXPECT_TRUE(outage_after(6000, 6300, false));
  EXPECT_FALSE(outage_after(6300, 6400, true));
}

TEST(GnssExample, isRightAndFeedsTheFilter) {
  const auto spec = load_pipeline("config/gnss.yaml", {});
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(spec->filters[0].inputs.size(), 5U);
}

}  // namespace
}  // namespace haltere::agent
