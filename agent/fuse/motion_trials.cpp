#include "agent/fuse/motion_trials.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "agent/store/atomic_file.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

constexpr std::size_t max_list_bytes = std::size_t{16} << 20;
constexpr std::size_t max_trial_bytes = std::size_t{4} << 30;
constexpr std::size_t columns = 9;

float float_at(const std::uint8_t* bytes) {
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < 4; ++i) bits |= std::uint32_t{bytes[i]} << (8 * i);
  return std::bit_cast<float>(bits);
}

// The id becomes part of file names.
bool is_plain_name(const std::string& id) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  };
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, plain);
}

double number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : std::nan("");
}

std::string text_of(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Result<MotionTrials> read_motion_trials(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "trials.json";
  const auto bytes = read_whole_file(path, max_list_bytes);
  if (!bytes) return bytes.error();
  const auto wrong = [&](const std::string& what) {
    return Error{ErrorKind::invalid, path.string() + ": " + what};
  };
  const json list = json::parse(bytes->begin(), bytes->end(), nullptr, false);
  if (!list.is_object() || !list.contains("trials") || !list["trials"].is_array()) {
    return wrong("should be an object with a list 'trials'");
  }
  MotionTrials trials{.folder = folder, .rate_hz = 0.0, .trials = {}};
  trials.rate_hz =
      number_of(list, "sampling_rate_hz_num") / number_of(list, "sampling_rate_hz_den");
  if (!(trials.rate_hz > 0.0 && trials.rate_hz < 1e6)) {
    return wrong("'sampling_rate_hz_num' / 'sampling_rate_hz_den' should be a rate in Hz");
  }
  for (const json& entry : list["trials"]) {
    const std::string id = text_of(entry, "id");
    if (!is_plain_name(id)) return wrong("each trial should have an 'id' of letters and digits");
    trials.trials.push_back({id, text_of(entry, "name")});
  }
  return trials;
}

Result<fusion::MotionRecording> read_motion_trial(const MotionTrials& trials,
                                                  const MotionTrial& trial) {
  const std::filesystem::path path = trials.folder / (trial.id + ".imu.f32");
  const auto bytes = read_whole_file(path, max_trial_bytes);
  if (!bytes) return bytes.error();
  constexpr std::size_t row_bytes = 4 * columns;
  if (bytes->size() % row_bytes != 0) {
    return Error{ErrorKind::invalid, path.string() + ": does not hold whole rows of nine float32"};
  }
  fusion::MotionRecording recording;
  const std::size_t rows = bytes->size() / row_bytes;
  for (std::size_t row = 0; row < rows; ++row) {
    std::array<float, columns> v{};
    for (std::size_t i = 0; i < columns; ++i)
      v[i] = float_at(bytes->data() + row * row_bytes + 4 * i);
    const auto time_ns = std::llround(1e9 * static_cast<double>(row) / trials.rate_hz);
    recording.gyroscope.push_back({time_ns, {v[0], v[1], v[2]}});
    recording.accelerometer.push_back({time_ns, {v[3], v[4], v[5]}});
    recording.magnetometer.push_back({time_ns, {v[6], v[7], v[8]}});
  }
  return recording;
}

std::vector<std::uint8_t> to_bytes(const std::vector<fusion::ahrs::Quat>& rows) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(16 * rows.size());
  for (const fusion::ahrs::Quat& q : rows) {
    for (const float value : {q.w, q.x, q.y, q.z}) {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
    }
  }
  return bytes;
}

}  // namespace haltere::agent
