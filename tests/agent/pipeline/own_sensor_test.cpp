// A microcontroller whose own sensor the pipeline learns from: our firmware as a process of this
// machine, its made-up sensor going through four movements.
#include <charconv>
#include <string_view>

#include "agent/deploy/mcu_link.hpp"
#include "mcu/firmware/wave.hpp"
#include "tests/agent/pipeline/live_fixture.hpp"
#include "tests/fakes/subprocess.hpp"
#include "tests/read_file.hpp"

namespace haltere::agent {
namespace {

constexpr std::array labels{"still", "slow", "wide", "fast"};
constexpr double rate_hz = 2000.0;

std::string wave_yaml(const std::string& device) {
  return "sensors:\n"
         "  - {id: imu, platform: mcu_stream, mcu: tag, rate: 2000Hz, columns: [ax, ay, az, gz]}\n"
         "fusion:\n"
         "  - {id: features, platform: window, inputs: [imu], length_samples: 64,\n"
         "     features: [mean, std, min, max]}\n"
         "models:\n"
         "  - {id: motion, task: classify, input: features, labels: [still, slow, wide, fast],\n"
         "     layers: [12], label_from: [{column: imu}]}\n"
         "mcus:\n"
         "  - {id: tag, device: " +
         device + ", model: motion, hand_over: {after: 30 windows}}\n";
}

std::size_t movement_at(std::uint64_t sample) {
  return sample / firmware::wave_activity_samples % firmware::wave_activities;
}

/// What the sensor gives, as a recording with labels.
std::string wave_recording(std::uint32_t samples) {
  std::string text = "t,motion:label,ax,ay,az,gx,gy,gz\n";
  for (std::uint32_t number = 0; number < samples; ++number) {
    std::array<std::int16_t, firmware::wave_channels> counts{};
    firmware::wave_sample(number, counts.data());
    text += std::to_string(number / rate_hz) + "," + labels.at(movement_at(number));
    for (std::size_t c = 0; c < counts.size(); ++c) {
      std::array<char, 32> value{};
      const float scale = firmware::wave_channel_names()[c].scale;
      const auto end =
          std::to_chars(value.begin(), value.end(), scale * static_cast<float>(counts.at(c)));
      text += "," + std::string(value.begin(), end.ptr);
    }
    text += "\n";
  }
  return text;
}

/// The features of the first window in a file of them, without its time and label.
std::string first_features(const std::string& file) {
  const std::size_t line = file.find('\n') + 1;
  const std::size_t label = file.find(',', file.find(',', line) + 1);
  return file.substr(label, file.find('\n', label) - label);
}

class OwnSensorTest : public LiveRunTest {
 protected:
  OwnSensorTest() : device_(firmware_.read_line()) {}

  json status() const {
    const auto answer = ask_agent(file("control.sock"), {{"command", "status"}});
    return answer ? *answer : json::object();
  }
  json own_sensor() const { return status().value("/mcus/tag/own_sensor"_json_pointer, json()); }

  /// Says what the sensor goes through, until decisions were compared.
  void label_until_it_decides(const LiveRun& live) const {
    wait_until([&] {
      const json label{{"command", "label"},
                       {"label", labels.at(movement_at(live.samples()))},
                       {"seconds", 0.1}};
      if (!ask_agent(file("control.sock"), label)) return false;
      const json own = own_sensor();
      return own.is_object() && own["compared"] >= 3 && own["windows"] > 0;
    });
  }

  fakes::Subprocess firmware_{{FIRMWARE_HOST, "--sensor", "wave"}};
  std::string device_;
};

TEST_F(OwnSensorTest, IsLearnedFromAndTheMicrocontrollerThenDecidesByItself) {
  LiveOptions live_options = options(0);
  live_options.control = file("control.sock");
  live_options.files = files("live");
  const auto live = make_live(load_yaml_text(scratch_, wave_yaml(device_)), live_options);
  ASSERT_NE(live, nullptr);
  const sensors::Doorbell stop;
  std::jthread world([&] {
    label_until_it_decides(*live);
    stop.ring();
  });
  const json report = run(*live, stop.fd());
  const json own = report["mcus"]["tag"]["own_sensor"];
  EXPECT_EQ(own["infers_by_itself"], true) << own;
  EXPECT_GE(own["compared"], 3) << own;
  EXPECT_EQ(own["agreed"], own["compared"]) << own;
  EXPECT_EQ(report["mcus"]["tag"]["inferences"], 0) << "it is not asked about windows that it sees";
  EXPECT_GT(report["sensors"]["imu"]["samples"], 1000);

  const auto spec = load_yaml_text(scratch_, wave_yaml(device_));
  std::ofstream(file("wave.csv")) << wave_recording(8192);
  const json replayed = replay_inputs("replayed", spec, {{.sensor = 0, .path = file("wave.csv")}});
  EXPECT_GT(replayed["models"]["motion"]["prequential"]["accuracy"], 0.7);
  EXPECT_EQ(first_features(read_text(file("live.csv"))),
            first_features(read_text(file("replayed.csv"))));
}

TEST_F(OwnSensorTest, ThatGoesAwayAndComesBackIsReadAgain) {
  const std::string place = file("tag");
  std::filesystem::create_symlink(device_, place);
  LiveOptions live_options = options(0);
  live_options.control = file("control.sock");
  const auto live = make_live(load_yaml_text(scratch_, wave_yaml(place)), live_options);
  ASSERT_NE(live, nullptr);
  const sensors::Doorbell stop;
  std::jthread world([&] {
    const json::json_pointer connected("/sensors/imu/connected");
    wait_until([&] { return live->samples() > 100; });
    firmware_.kill();
    wait_until([&] { return !status().value(connected, true); });
    const std::uint64_t before = live->samples();
    std::filesystem::remove(place);
    fakes::Subprocess another({FIRMWARE_HOST, "--sensor", "wave", "--link", place});
    wait_until([&] { return live->samples() > before + 100; });
    wait_until([&] { return status().value(connected, false); });
    stop.ring();
    std::this_thread::sleep_for(50ms);
  });
  const json report = run(*live, stop.fd());
  EXPECT_EQ(report["sensors"]["imu"]["reopened"], 1) << report["sensors"];
  EXPECT_EQ(report["sensors"]["imu"]["connected"], true) << report["sensors"];
}

TEST_F(OwnSensorTest, OfUnknownChannelsIsAFaultThatNamesThem) {
  std::string yaml = wave_yaml(device_);
  yaml.replace(yaml.find("gz]"), 2, "wz");
  LiveOptions live_options = options(0);
  live_options.control = file("control.sock");
  const auto live = make_live(load_yaml_text(scratch_, yaml), live_options);
  ASSERT_NE(live, nullptr);
  const sensors::Doorbell stop;
  std::string fault;
  std::jthread world([&] {
    wait_until([&] {
      fault = status().value("/sensors/imu/last_fault"_json_pointer, std::string());
      return fault.find("channel") != std::string::npos;
    });
    stop.ring();
  });
  run(*live, stop.fd());
  world.join();
  EXPECT_EQ(fault, "mcu 'tag': its sensor has no channel 'wz'; it has ax, ay, az, gx, gy, gz");
}

}  // namespace
}  // namespace haltere::agent
