#include <gtest/gtest.h>

#include <cerrno>
#include <cmath>
#include <memory>
#include <numbers>

#include "sensors/mpu6050_setup.hpp"
#include "tests/fakes/fake_i2c_bus.hpp"
#include "tests/fakes/fake_mpu6050.hpp"
#include "tests/fakes/open_sensor.hpp"

namespace haltere::sensors {
namespace {

constexpr TimeNs ms = 1'000'000;
constexpr double gravity = 9.80665;

class Mpu6050 : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    bus->chips[0x68] = chip;
    buses.add_i2c("i2c1", std::weak_ptr<I2cBus>(bus));
  }

  void open(const std::string& more = "") {
    auto opened = fakes::open_sensor("mpu6050", "{bus: i2c1, rate: 100Hz" + more + "}", buses);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    sensor = std::move(*opened);
  }

  std::vector<Sample> read(TimeNs now_ns) {
    std::vector<Sample> samples;
    const Status status = sensor->read(now_ns, samples);
    EXPECT_TRUE(status.ok()) << status.error().message;
    return samples;
  }

  std::shared_ptr<fakes::FakeI2cBus> bus = std::make_shared<fakes::FakeI2cBus>(GetParam());
  std::shared_ptr<fakes::FakeMpu6050> chip = std::make_shared<fakes::FakeMpu6050>();
  Buses buses;
  std::unique_ptr<Sensor> sensor;
};

// Plain I2C and SMBus-only adapters differ in how much one transfer carries.
INSTANTIATE_TEST_SUITE_P(Transfers, Mpu6050, testing::Values(240, 32));

TEST_P(Mpu6050, GivesBackTheWholeRangeWithinItsResolution) {
  const std::array<std::string, 4> accel{"2g", "4g", "8g", "16g"};
  const std::array<std::string, 4> gyro{"250dps", "500dps", "1000dps", "2000dps"};
  for (std::size_t range = 0; range < 4; ++range) {
    open(", accel_range: " + accel[range] + ", gyro_range: " + gyro[range]);
    const double accel_step = (2 << range) * gravity / 32768.0;
    const double gyro_step = (250 << range) * std::numbers::pi / 180.0 / 32768.0;
    for (int percent = -100; percent < 100; percent += 9) {
      const double acceleration = percent / 100.0 * (2 << range) * gravity;
      const double rate = percent / 100.0 * (250 << range) * std::numbers::pi / 180.0;
      const int a = static_cast<int>(std::lround(acceleration / accel_step));
      const int w = static_cast<int>(std::lround(rate / gyro_step));
      chip->measure({a, 0, -a / 2, w, -w / 2, 0});
      const std::vector<Sample> samples = read(1);
      ASSERT_EQ(samples.size(), 1U);
      EXPECT_NEAR(static_cast<double>(samples[0].values[0]), acceleration, accel_step);
      EXPECT_NEAR(static_cast<double>(samples[0].values[2]), -acceleration / 2, accel_step);
      EXPECT_NEAR(static_cast<double>(samples[0].values[3]), rate, gyro_step);
      EXPECT_NEAR(static_cast<double>(samples[0].values[4]), -rate / 2, gyro_step);
    }
    chip->measure({32767, 0, 0, 0, 0, 32767});
    const Sample most = read(1).at(0);
    EXPECT_EQ(most.values[0], sensor->layout().channels[0].full_scale);
    EXPECT_EQ(most.values[5], sensor->layout().channels[5].full_scale);
  }
}

TEST_P(Mpu6050, SpreadsABurstOverTheTimeItCovers) {
  open();
  for (int i = 1; i <= 25; ++i) chip->measure({i, 0, 0, 0, 0, 0});
  const std::vector<Sample> first = read(1000 * ms);
  ASSERT_EQ(first.size(), 25U);
  EXPECT_TRUE(first[0].starts_segment);
  for (std::size_t i = 0; i < 25; ++i) {
    EXPECT_EQ(first[i].time_ns, (760 + 10 * static_cast<TimeNs>(i)) * ms);
    EXPECT_FLOAT_EQ(first[i].values[0] / first[0].values[0], static_cast<float>(i + 1));
  }
  for (int i = 0; i < 10; ++i) chip->measure({0, 0, 0, 0, 0, 0});
  const std::vector<Sample> second = read(1104 * ms);  // 4 ms late
  ASSERT_EQ(second.size(), 10U);
  EXPECT_FALSE(second[0].starts_segment);
  EXPECT_EQ(second[0].time_ns, 1010 * ms);
  EXPECT_EQ(second[9].time_ns, 1100 * ms);
}

TEST_P(Mpu6050, LeavesAHalfFrameForTheNextRead) {
  open();
  chip->measure({1, 2, 3, 4, 5, 6});
  chip->fifo.push_back(0x40);
  EXPECT_EQ(read(1).size(), 1U);
  for (int i = 0; i < 11; ++i) chip->fifo.push_back(0);
  const std::vector<Sample> rest = read(20 * ms);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_NEAR(static_cast<double>(rest[0].values[0]), 2 * gravity, 1e-3);
}

TEST_P(Mpu6050, CountsAnOverflowAndStartsAnew) {
  open();
  chip->measure({0, 0, 0, 0, 0, 0});
  ASSERT_EQ(read(1000 * ms).size(), 1U);
  for (int i = 0; i < 100; ++i) chip->measure({i, i, i, i, i, i});
  EXPECT_TRUE(read(2000 * ms).empty());
  EXPECT_EQ(sensor->counters().lost, 100U);
  EXPECT_TRUE(chip->fifo.empty());
  chip->measure({0, 0, 0, 0, 0, 0});
  const std::vector<Sample> after = read(2010 * ms);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_TRUE(after[0].starts_segment);
}

TEST_P(Mpu6050, FallsBackToTheDataRegistersWithoutAFifo) {
  open();
  chip->set(0x3B, {0x20, 0x00, 0, 0, 0xE0, 0x00, 1, 2, 0x40, 0, 0, 0, 0, 0});
  TimeNs now = 0;
  std::vector<Sample> samples;
  for (; samples.empty() && now < 2000 * ms; now += 100 * ms) samples = read(now);
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_NEAR(static_cast<double>(samples[0].values[0]), gravity, 1e-3);
  EXPECT_NEAR(static_cast<double>(samples[0].values[2]), -gravity, 1e-3);
  EXPECT_NEAR(static_cast<double>(samples[0].values[3]), 250 * std::numbers::pi / 180, 1e-3);
  EXPECT_EQ(sensor->wake().period, std::chrono::milliseconds(10));
}

TEST_P(Mpu6050, ResynchronisesAfterATransferThatFailed) {
  open();
  for (int i = 0; i < 30; ++i) chip->measure({i, 0, 0, 0, 0, 0});
  bus->fail_after(3, EIO);  // status, count, one part of the FIFO, then this
  std::vector<Sample> samples;
  const Status status = sensor->read(300 * ms, samples);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::io);
  EXPECT_FALSE(samples.empty());
  EXPECT_TRUE(read(400 * ms).empty());
  EXPECT_GT(sensor->counters().lost, 0U);
  chip->measure({0, 0, 0, 0, 0, 0});
  EXPECT_TRUE(read(410 * ms).at(0).starts_segment);
}

TEST_P(Mpu6050, NoticesAChipThatLostItsSetup) {
  open();
  chip->set(0x6B, {0x40});  // asleep, as after a brown-out
  std::vector<Sample> samples;
  Status status;
  for (int i = 0; i < 64 * 7 && status; ++i) status = sensor->read(i, samples);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::corrupt);
}

TEST(Mpu6050Setup, TakesTheNearestRateTheChipHas) {
  EXPECT_EQ(mpu6050_rate_hz(100.0), 100.0);
  EXPECT_NEAR(mpu6050_rate_hz(119.0), 125.0, 1e-9);
  EXPECT_EQ(mpu6050_rate_hz(1000.0), 1000.0);
  EXPECT_NEAR(mpu6050_rate_hz(4.0), 4.0, 1e-9);
  const auto setup = mpu6050_setup({.rate_hz = 100.0, .accel_range = 1, .gyro_range = 3});
  EXPECT_EQ(setup[1].set, 9);
  EXPECT_EQ(setup[2].set, 3);  // 44 Hz
  EXPECT_EQ(setup[3].set, 0x18);
  EXPECT_EQ(setup[4].set, 0x08);
}

}  // namespace
}  // namespace haltere::sensors
