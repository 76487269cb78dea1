#include "agent/fuse/stream_run.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <utility>

#include "agent/fuse/table_rate.hpp"
#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/spec_parts.hpp"
#include "agent/pipeline/stream_file.hpp"
#include "sensors/columns.hpp"

namespace haltere::agent {
namespace {

using config::Node;
using sensors::CsvReader;

constexpr int looked_at_rows = 100;

Error wrong(const std::string& path, const std::string& what) {
  return {ErrorKind::invalid, path + ": " + what};
}

/// A file's name as an id: `imu` of `walks/imu.csv`.
std::string id_of(const std::string& path, const std::vector<SensorSpec>& others) {
  std::string id = path == "-" ? "table" : std::filesystem::path(path).stem().string();
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  std::ranges::replace_if(
      id, [&](char c) { return !fits(static_cast<unsigned char>(c)); }, '_');
  if (id.empty()) id = "table";
  const auto taken = [&](const std::string& name) {
    return index_of(others, name) < others.size();
  };
  if (!taken(id)) return id;
  int number = 2;
  while (taken(id + "_" + std::to_string(number))) ++number;
  return id + "_" + std::to_string(number);
}

/// Whether a column has a number anywhere in the first rows.
Result<std::vector<bool>> columns_of_numbers(CsvReader& csv) {
  std::vector<bool> numbers(csv.header().size(), false);
  sensors::CsvRow row;
  for (int i = 0; i < looked_at_rows; ++i) {
    const Result<bool> more = csv.next(row);
    if (!more) return more.error();
    if (!*more) break;
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      double value = 0.0;
      if (sensors::parse_cell(row[k], value) == sensors::Cell::number) numbers[k] = true;
    }
  }
  return numbers;
}

bool is_value(const sensors::CsvColumn& column) {
  const bool pseudo = column.unit == "segment" || column.unit == "label" || column.unit == "skip";
  return column.name != "t" && !pseudo;
}

Result<sensors::Layout> layout_of_table(const std::string& path) {
  auto csv = CsvReader::open(path);
  if (!csv) return csv.error();
  const auto numbers = columns_of_numbers(*csv);
  if (!numbers) return numbers.error();
  sensors::Layout layout;
  for (std::size_t i = 0; i < numbers->size(); ++i) {
    const sensors::CsvColumn& column = csv->header()[i];
    if (!(*numbers)[i] || !is_value(column)) continue;
    const auto quantity = sensors::quantity_of(column.scale.dimension);
    layout.channels.push_back({column.name, quantity.value_or(sensors::Quantity::number)});
  }
  if (layout.channels.empty()) return wrong(path, "no column of numbers besides the time");
  if (layout.channels.size() > sensors::max_channels) {
    return wrong(path, "more than 32 columns of numbers; mark some as not wanted, as in 'x:skip'");
  }
  return layout;
}

/// Counts the rows and writes them.
class RowWriter final : public ModelObserver {
 public:
  explicit RowWriter(StreamFile& file) : file_(file) {}
  void on_window(const WindowEvent& /*event*/) override {}
  void on_promotion(std::size_t /*model*/, std::span<const std::uint8_t> /*bundle*/) override {}
  void on_output(std::size_t /*filter*/, sensors::TimeNs time_ns,
                 std::span<const float> row) override {
    file_.add(time_ns, row);
    ++rows_;
  }
  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  StreamFile& file_;
  std::size_t rows_ = 0;
};

/// Resolves the one fusion over the tables. Errors: invalid.
Status add_fusion(PipelineSpec& spec, const Node& settings) {
  const Node root = mapping_node({{"fusion", {}, list_node({settings})}});
  std::vector<config::Diagnostic> diagnostics;
  Resolution work{.root = root,
                  .diagnostics = diagnostics,
                  .spec = std::move(spec),
                  .streams = {},
                  .ids = {},
                  .broken = {}};
  for (std::size_t i = 0; i < work.spec.sensors.size(); ++i) {
    work.streams.add(i, work.spec.sensors[i].id, work.spec.sensors[i].layout);
  }
  resolve_filters(work);
  spec = std::move(work.spec);
  if (diagnostics.empty()) return {};
  std::string text;
  for (const config::Diagnostic& diagnostic : diagnostics) {
    text += (text.empty() ? "" : "\n") + diagnostic.message;
  }
  return Error{ErrorKind::invalid, text};
}

StreamCounts counts_of(const Graph& graph, std::size_t rows) {
  StreamCounts counts{.rows = rows, .merged = {}};
  const FilterSpec& filter = graph.spec().filters[0];
  if (graph.merger(0) == nullptr) return counts;
  for (const fusion::StreamName& input : filter.type->inputs(filter.settings)) {
    counts.merged.push_back({input.name, graph.merger(0)->counts(counts.merged.size())});
  }
  return counts;
}

}  // namespace

Node scalar_node(const std::string& text) {
  Node node = Node::make(Node::Kind::scalar);
  node.text = text;
  return node;
}

Node list_node(std::vector<Node> items) {
  Node node = Node::make(Node::Kind::sequence);
  node.items = std::move(items);
  return node;
}

Node mapping_node(std::vector<Node::Entry> entries) {
  Node node = Node::make(Node::Kind::mapping);
  node.entries = std::move(entries);
  return node;
}

Result<TableSensors> table_sensors(const std::vector<std::string>& tables, double rate_hz) {
  TableSensors all;
  for (const std::string& path : tables) {
    auto layout = layout_of_table(path);
    if (!layout) return layout.error();
    const Result<double> own_hz = rate_of_table(path);
    if (!own_hz) return own_hz.error();
    layout->rate_hz = *own_hz > 0.0 ? *own_hz : rate_hz;
    if (!(layout->rate_hz > 0.0)) {
      return wrong(path, "no column 't' with the time; say how many rows a second it has");
    }
    all.inputs.push_back({.sensor = all.spec.sensors.size(), .path = path});
    all.spec.sensors.push_back({.id = id_of(path, all.spec.sensors),
                                .driver = nullptr,
                                .settings = {},
                                .layout = std::move(*layout),
                                .bus = {},
                                .mcu = {}});
  }
  return all;
}

Result<StreamCounts> run_stream(TableSensors tables, const Node& settings,
                                const std::string& output) {
  if (const Status added = add_fusion(tables.spec, settings); !added) return added.error();
  auto graph = Graph::create(tables.spec, {});
  if (!graph) return graph.error();
  auto recordings = Recordings::open(tables.spec, tables.inputs);
  if (!recordings) return recordings.error();
  auto file = StreamFile::open(output, 0, tables.spec.filters[0].output);
  if (!file) return file.error();
  RowWriter writer(*file);
  if (const Status pumped = pump(*recordings, *graph, writer); !pumped) return pumped.error();
  if (const Status finished = file->finish(); !finished) return finished.error();
  return counts_of(*graph, writer.rows());
}

}  // namespace haltere::agent
