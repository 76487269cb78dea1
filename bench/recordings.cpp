#include "bench/recordings.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>
#include <string_view>

#include "models/kernels/recipe_writer.hpp"
#include "sensors/csv.hpp"

namespace haltere::bench {
namespace {

/// Where the named columns stand. Errors: invalid for one that is not there.
Result<std::vector<std::size_t>> find_columns(const sensors::CsvReader& csv,
                                              std::span<const std::string_view> names) {
  std::vector<std::size_t> columns;
  for (const std::string_view name : names) {
    const int column = sensors::find_csv_column(csv.header(), name);
    if (column < 0) return Error{ErrorKind::invalid, "there is no column " + std::string(name)};
    columns.push_back(static_cast<std::size_t>(column));
  }
  return columns;
}

/// The numbers in the named columns, row by row; NaN where there is none.
Result<std::vector<double>> read_columns(const std::string& path,
                                         std::span<const std::string_view> names) {
  Result<sensors::CsvReader> csv = sensors::CsvReader::open(path);
  if (!csv) return csv.error();
  const Result<std::vector<std::size_t>> columns = find_columns(*csv, names);
  if (!columns) return Error{ErrorKind::invalid, path + ": " + columns.error().message};
  std::vector<double> numbers;
  sensors::CsvRow row;
  while (true) {
    const Result<bool> more = csv->next(row);
    if (!more) return more.error();
    if (!*more) return numbers;
    for (const std::size_t column : *columns) {
      // Text leaves NaN, as a missing number does.
      [[maybe_unused]] const sensors::Cell cell =
          sensors::parse_cell(row[column], numbers.emplace_back());
    }
  }
}

/// Appends the rows of a table whose named columns are the features, then the label's number.
Status append_table(Recording& recording, const std::string& path,
                    std::span<const std::string_view> names, int group) {
  const Result<std::vector<double>> numbers = read_columns(path, names);
  if (!numbers) return numbers.error();
  recording.inputs = names.size() - 1;
  for (std::size_t at = 0; at < numbers->size(); at += names.size()) {
    for (std::size_t i = 0; i < recording.inputs; ++i)
      recording.features.push_back(static_cast<float>((*numbers)[at + i]));
    recording.targets.push_back({static_cast<int>((*numbers)[at + recording.inputs]), 0.0F});
    recording.groups.push_back(group);
  }
  return {};
}

/// Little-endian float32 of a whole file.
Result<std::vector<float>> read_floats(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return Error{ErrorKind::not_found, path + " cannot be read"};
  const auto bytes = static_cast<std::size_t>(file.tellg());
  std::vector<char> content(bytes);
  file.seekg(0).read(content.data(), static_cast<std::streamsize>(bytes));
  std::vector<float> floats(bytes / sizeof(float));
  std::memcpy(floats.data(), content.data(), floats.size() * sizeof(float));
  return floats;
}

/// numpy.random.RandomState.permutation of first..last-1.
std::vector<std::size_t> permutation(std::mt19937& random, std::size_t first, std::size_t last) {
  std::vector<std::size_t> order;
  for (std::size_t i = first; i < last; ++i) order.push_back(i);
  for (std::size_t i = order.size() - 1; i > 0; --i) {
    std::size_t mask = i;
    for (const unsigned shift : {1U, 2U, 4U, 8U, 16U}) mask |= mask >> shift;
    std::size_t j = random() & mask;
    while (j > i) j = random() & mask;
    std::swap(order[i], order[j]);
  }
  return order;
}

constexpr std::size_t cwru_window = 1024;
constexpr std::size_t cwru_step = 512;

/// A recipe of one channel: four statistics and 58 bands up to half the rate.
std::vector<std::uint8_t> cwru_recipe() {
  using kernels::FeatureKind;
  constexpr std::array<kernels::FeatureSpec, 5> features{{{FeatureKind::std, 0, 0.0F, 0.0F},
                                                          {FeatureKind::mean_absolute, 0, 0, 0},
                                                          {FeatureKind::peak_to_peak, 0, 0, 0},
                                                          {FeatureKind::zero_crossings, 0, 0, 0},
                                                          {FeatureKind::band_power, 58, 0, 6000}}};
  const kernels::RecipeChannel channel{"vibration", 0};
  const kernels::RecipeContents contents{12000.0F, cwru_window,     cwru_step,      &channel,
                                         1,        features.data(), features.size()};
  std::vector<std::uint8_t> bytes(kernels::recipe_bytes(contents));
  kernels::write_recipe(contents, bytes.data());
  return bytes;
}

}  // namespace

Result<Recording> read_gas_drift(const std::string& data) {
  const Result<std::vector<float>> features = read_floats(data + "/gas_drift/features.f32");
  if (!features) return features.error();
  constexpr std::array<std::string_view, 2> names{"batch", "label"};
  const Result<std::vector<double>> meta = read_columns(data + "/gas_drift/meta.csv", names);
  if (!meta) return meta.error();
  Recording recording{
      128, {"ethanol", "ethylene", "ammonia", "acetaldehyde", "acetone", "toluene"}, {}, {}, {}};
  const std::size_t count = meta->size() / 2;
  std::mt19937 random(0);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the protocol's seed
  for (std::size_t first = 0; first < count;) {
    std::size_t last = first;
    while (last < count && (*meta)[2 * last] == (*meta)[2 * first]) ++last;
    for (const std::size_t index : permutation(random, first, last)) {
      const auto row = std::span(*features).subspan(index * recording.inputs, recording.inputs);
      recording.features.insert(recording.features.end(), row.begin(), row.end());
      recording.targets.push_back({static_cast<int>((*meta)[2 * index + 1]), 0.0F});
      recording.groups.push_back(static_cast<int>((*meta)[2 * index]));
    }
    first = last;
  }
  return recording;
}

Result<Recording> read_elec2(const std::string& data) {
  constexpr std::array<std::string_view, 8> names{"day",      "period",    "nswprice", "nswdemand",
                                                  "vicprice", "vicdemand", "transfer", "label"};
  Recording recording{0, {"up", "down"}, {}, {}, {}};
  const Status read = append_table(recording, data + "/elec2/elec2.csv", names, 0);
  if (!read) return read.error();
  return recording;
}

Result<Recording> read_occupancy(const std::string& data) {
  constexpr std::array<std::string_view, 6> names{"temperature_c", "humidity_pct",   "light_lux",
                                                  "co2_ppm",       "humidity_ratio", "occupied"};
  Recording recording{0, {"empty", "occupied"}, {}, {}, {}};
  const std::string folder = data + "/occupancy/";
  Status read = append_table(recording, folder + "test1_door_closed.csv", names, 1);
  if (read.ok()) read = append_table(recording, folder + "train.csv", names, 0);
  if (read.ok()) read = append_table(recording, folder + "test2_door_open.csv", names, 2);
  if (!read) return read.error();
  return recording;
}

Result<Recording> read_air_quality(const std::string& data) {
  constexpr std::array<std::string_view, 9> names{
      "PT08.S1(CO)", "PT08.S2(NMHC)", "PT08.S3(NOx)", "PT08.S4(NO2)", "PT08.S5(O3)", "T", "RH",
      "AH",          "CO(GT)"};
  const Result<std::vector<double>> numbers =
      read_columns(data + "/air_quality/air_quality.csv", names);
  if (!numbers) return numbers.error();
  constexpr double missing = -200.0;
  Recording recording{names.size() - 1, {}, {}, {}, {}};
  for (std::size_t at = 0; at < numbers->size(); at += names.size()) {
    const auto row = std::span(*numbers).subspan(at, names.size());
    bool complete = true;
    for (const double value : row) complete = complete && value != missing;
    if (!complete) continue;
    for (const double value : row.first(recording.inputs))
      recording.features.push_back(static_cast<float>(value));
    recording.targets.push_back({-1, static_cast<float>(row.back())});
    recording.groups.push_back(0);
  }
  return recording;
}

Result<Recording> read_cwru(const std::string& data) {
  const std::string folder = data + "/cwru_drive_end/";
  const Result<std::vector<float>> signal = read_floats(folder + "signals.f32");
  if (!signal) return signal.error();
  constexpr std::array<std::string_view, 4> names{"rec", "label", "first_sample", "samples"};
  const Result<std::vector<double>> list = read_columns(folder + "recordings.csv", names);
  if (!list) return list.error();
  const std::vector<std::uint8_t> bytes = cwru_recipe();
  kernels::RecipeView view{};
  if (!kernels::open_recipe(bytes.data(), bytes.size(), view))
    return Error{ErrorKind::invalid, "the vibration recipe is not valid"};
  Recording recording{view.inputs,
                      {"normal", "ball7", "ball14", "ball21", "inner7", "inner14", "inner21",
                       "outer7", "outer14", "outer21"},
                      {},
                      {},
                      {}};
  std::vector<float> features(view.inputs);
  std::vector<float> scratch(kernels::recipe_scratch_floats(view));
  for (std::size_t at = 0; at < list->size(); at += names.size()) {
    const auto first = static_cast<std::size_t>((*list)[at + 2]);
    const std::size_t end = first + static_cast<std::size_t>((*list)[at + 3]);
    for (std::size_t start = first; start + cwru_window <= end; start += cwru_step) {
      kernels::evaluate_recipe(view, signal->data() + start, cwru_window, features.data(),
                               scratch.data());
      recording.features.insert(recording.features.end(), features.begin(), features.end());
      recording.targets.push_back({static_cast<int>((*list)[at + 1]), 0.0F});
      recording.groups.push_back(static_cast<int>((*list)[at]));
    }
  }
  return recording;
}

Result<std::vector<int>> read_cwru_loads(const std::string& data) {
  constexpr std::array<std::string_view, 1> names{"load_hp"};
  const Result<std::vector<double>> loads =
      read_columns(data + "/cwru_drive_end/recordings.csv", names);
  if (!loads) return loads.error();
  return std::vector<int>(loads->begin(), loads->end());
}

}  // namespace haltere::bench
