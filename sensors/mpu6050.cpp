// MPU-6050 accelerometer and gyroscope, InvenSense RM-MPU-6000A-00 revision 4.2, through its FIFO.
// Channels: ax ay az (m/s²), gx gy gz (rad/s).

#include <algorithm>
#include <array>
#include <utility>

#include "sensors/burst_clock.hpp"
#include "sensors/drivers.hpp"
#include "sensors/i2c_sensor.hpp"
#include "sensors/mpu6050_setup.hpp"

namespace haltere::sensors {
namespace {

using config::Setting;
using config::Type;
using Register = Mpu6050Register;

constexpr std::uint8_t identity = 0x68;       // section 4.32
constexpr std::uint8_t fifo_on_reset = 0x44;  // USER_CTRL, section 4.27
constexpr std::uint8_t fifo_overflow = 0x10;  // INT_STATUS, section 4.15
constexpr std::size_t frame_bytes = 12;
constexpr std::size_t fifo_bytes = 1024;
constexpr float largest_count = 32767.0F;  // of 16 bits, with a sign
constexpr int empty_reads_before_fallback = 8;

constexpr std::array<std::string_view, 4> accel_ranges{"2g", "4g", "8g", "16g"};
constexpr std::array<std::string_view, 4> gyro_ranges{"250dps", "500dps", "1000dps", "2000dps"};

Mpu6050Options options_of(const config::Section& section) {
  return {.rate_hz = mpu6050_rate_hz(section.number("rate")),
          .accel_range = position_of(accel_ranges, section.text("accel_range")),
          .gyro_range = position_of(gyro_ranges, section.text("gyro_range"))};
}

class Mpu6050 final : public I2cSensor {
 public:
  /// Reads ten samples at a time, if that is no rarer than every 100 ms: the FIFO holds 85.
  Mpu6050(I2cChip chip, const Layout& layout, const config::Section& section)
      : I2cSensor(std::move(chip), layout, period_of(std::max(layout.rate_hz / 10, 10.0))),
        setup_(mpu6050_setup(options_of(section))),
        scale_(mpu6050_scale(options_of(section))),
        sample_period_(period_of(layout.rate_hz)),
        clock_(sample_period_.count()) {}

  Status set_up() {
    if (Status same = chip().expect_id(Register::who_am_i, identity, "MPU-6050"); !same)
      return same;
    if (Status applied = chip().apply(setup_); !applied) return applied;
    return chip().write(Register::user_control, fifo_on_reset);
  }

  [[nodiscard]] Wake wake() const override {
    return from_registers_ ? Wake{.fd = -1, .period = sample_period_} : I2cSensor::wake();
  }

  Status read(TimeNs now_ns, std::vector<Sample>& samples) override {
    if (should_verify()) {
      if (Status same = chip().verify(setup_[verified_++ % setup_.size()]); !same) return same;
    }
    const std::size_t before = samples.size();
    Status got = from_registers_ ? read_registers(samples) : read_fifo(now_ns, samples);
    const std::span<Sample> burst = std::span(samples).subspan(before);
    if (!burst.empty()) burst.front().starts_segment = clock_.restarted();
    clock_.stamp(now_ns, burst);
    counted().samples += burst.size();
    return got;
  }

 private:
  Status read_fifo(TimeNs now_ns, std::vector<Sample>& samples) {
    std::array<std::uint8_t, 2> count{};
    std::uint8_t status = 0;
    if (Status got = chip().read(Register::interrupt_status, {&status, 1}); !got) return got;
    if (Status got = chip().read(Register::fifo_count, count); !got) return got;
    const auto waiting = static_cast<std::size_t>(count[0] << 8 | count[1]);
    // An overflow or a transfer cut short leaves the FIFO starting anywhere inside a frame.
    if ((status & fifo_overflow) != 0 || waiting >= fifo_bytes || misaligned_) {
      misaligned_ = false;
      counted().lost += static_cast<std::uint64_t>(clock_.restart(now_ns));
      return chip().write(Register::user_control, fifo_on_reset);
    }
    // Simulated chips and some clones keep their FIFO empty.
    empty_reads_ = waiting == 0 ? empty_reads_ + 1 : 0;
    from_registers_ = counters().samples == 0 && empty_reads_ >= empty_reads_before_fallback;
    Status drained = read_frames<frame_bytes>(
        chip(), Register::fifo_data, waiting / frame_bytes, [&](auto frame) {
          decode_mpu6050(frame, frame.subspan(6), scale_, samples.emplace_back());
        });
    misaligned_ = !drained;
    return drained;
  }

  Status read_registers(std::vector<Sample>& samples) {
    std::array<std::uint8_t, 14> bytes{};
    if (Status got = chip().read(Register::data, bytes); !got) return got;
    const std::span<const std::uint8_t> all(bytes);
    decode_mpu6050(all, all.subspan(8), scale_, samples.emplace_back());  // 6: the temperature
    return {};
  }

  std::array<RegisterSetup, 7> setup_;
  Mpu6050Scale scale_;
  std::chrono::nanoseconds sample_period_;
  BurstClock clock_;
  std::size_t verified_ = 0;
  int empty_reads_ = 0;
  bool from_registers_ = false;
  bool misaligned_ = false;
};

constexpr std::array settings{
    bus_setting,
    address_setting(0x68, 0x69, "0x68"),
    Setting{.key = "rate",
            .type = Type::number,
            .description = "samples per second; the chip has 1000Hz divided by 1 to 256",
            .dimension = config::Dimension::frequency,
            .min = 4,
            .max = 1000,
            .default_text = "100Hz"},
    choice_setting("accel_range", "largest acceleration either way", "4g", accel_ranges),
    choice_setting("gyro_range", "fastest rotation either way", "500dps", gyro_ranges),
};

Layout layout(const config::Section& section, std::vector<config::Diagnostic>& /*diagnostics*/) {
  const Mpu6050Options options = options_of(section);
  const Mpu6050Scale scale = mpu6050_scale(options);
  const float largest_mps2 = largest_count * scale.acceleration_mps2;
  const float largest_radps = largest_count * scale.angular_rate_radps;
  return {.channels = {{"ax", Quantity::acceleration, largest_mps2},
                       {"ay", Quantity::acceleration, largest_mps2},
                       {"az", Quantity::acceleration, largest_mps2},
                       {"gx", Quantity::angular_rate, largest_radps},
                       {"gy", Quantity::angular_rate, largest_radps},
                       {"gz", Quantity::angular_rate, largest_radps}},
          .rate_hz = options.rate_hz};
}

Result<std::unique_ptr<Sensor>> open(const config::Section& section, Buses& buses) {
  std::vector<config::Diagnostic> none;
  return open_chip<Mpu6050>(section, buses, layout(section, none));
}

}  // namespace

Driver mpu6050_driver() {
  return {{"sensors", "mpu6050", "accelerometer and gyroscope MPU-6050 on I2C, through its FIFO",
           settings},
          layout,
          open};
}

}  // namespace haltere::sensors
