#include "agent/cli/fuse/align_command.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/fuse/stream_run.hpp"
#include "config/units.hpp"

namespace haltere::agent {
namespace {

using config::Node;

struct Arguments {
  std::vector<std::string> tables;
  std::string out;
  std::string rate;
  std::vector<std::string> methods;
  std::vector<std::string> latencies;
  std::vector<std::string> gaps;
  std::string in_gap = "hold";
};

/// Of VALUE, or ID=VALUE, the one for `id`; the later ones win. Empty if there is none.
std::string value_for(const std::vector<std::string>& texts, const std::string& id) {
  std::string value;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      value = text;
    } else if (text.substr(0, equals) == id) {
      value = text.substr(equals + 1);
    }
  }
  return value;
}

/// That each ID of an ID=VALUE is a table's.
Status check_ids(const TableSensors& tables, const std::vector<std::string>& texts) {
  std::vector<std::string_view> ids;
  for (const SensorSpec& sensor : tables.spec.sensors) ids.emplace_back(sensor.id);
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const std::string id = text.substr(0, equals);
    if (equals == std::string::npos || std::ranges::find(ids, id) != ids.end()) continue;
    std::string message = "'" + text;
    message.append("': '").append(id).append("' is none of the files");
    return Error{ErrorKind::invalid, message + config::suggestion_or_list(id, ids, "they are")};
  }
  return {};
}

Node stream_node(const Arguments& arguments, const std::string& id) {
  Node stream = mapping_node({{"stream", {}, scalar_node(id)}});
  const auto add = [&](const char* key, const std::vector<std::string>& texts) {
    const std::string value = value_for(texts, id);
    if (!value.empty()) stream.entries.push_back({key, {}, scalar_node(value)});
  };
  add("method", arguments.methods);
  add("latency", arguments.latencies);
  add("gap", arguments.gaps);
  return stream;
}

Result<StreamCounts> align(const Arguments& arguments) {
  auto tables = table_sensors(arguments.tables, 0.0);
  if (!tables) return tables.error();
  for (const auto* texts : {&arguments.methods, &arguments.latencies, &arguments.gaps}) {
    if (const Status known = check_ids(*tables, *texts); !known) return known.error();
  }
  std::vector<Node> streams;
  double fastest_hz = 0.0;
  for (const SensorSpec& sensor : tables->spec.sensors) {
    streams.push_back(stream_node(arguments, sensor.id));
    fastest_hz = std::max(fastest_hz, sensor.layout.rate_hz);
  }
  const std::string rate = arguments.rate.empty()
                               ? config::format_quantity(fastest_hz, config::Dimension::frequency)
                               : arguments.rate;
  const Node settings = mapping_node({{"id", {}, scalar_node("aligned")},
                                      {"platform", {}, scalar_node("align")},
                                      {"rate", {}, scalar_node(rate)},
                                      {"in_gap", {}, scalar_node(arguments.in_gap)},
                                      {"streams", {}, list_node(std::move(streams))}});
  return run_stream(std::move(*tables), settings, arguments.out);
}

int fuse_align(const Arguments& arguments) {
  const Result<StreamCounts> counts = align(arguments);
  if (!counts) {
    print_error(counts.error().message);
    return counts.error().kind == ErrorKind::invalid ? exit_usage : exit_failed;
  }
  std::cerr << counts->rows << " rows\n";
  for (const MergedTable& table : counts->merged) {
    std::cerr << "  " << table.stream << ": " << table.counts.samples << " samples";
    if (table.counts.late > 0) std::cerr << ", " << table.counts.late << " too late";
    if (table.counts.refused > 0) std::cerr << ", " << table.counts.refused << " refused";
    if (table.counts.gap_rows > 0) std::cerr << ", " << table.counts.gap_rows << " rows in gaps";
    std::cerr << "\n";
  }
  return exit_done;
}

}  // namespace

void add_fuse_align(Command fuse, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command =
      fuse.add_subcommand("align", "Recordings of different rates, resampled onto one clock");
  command.add_option("files", arguments->tables, "CSV files with a column 't' of times").required();
  command
      .add_option("-o,--output", arguments->out,
                  "CSV file to write (- = standard output): time, each file's columns, and for "
                  "each file whether its values are valid or stand still in a gap")
      .required();
  command.add_option("--rate", arguments->rate,
                     "Rows a second, as 100Hz; default: the fastest file's");
  command
      .add_option("--method", arguments->methods,
                  "Between samples: hold, linear or sinc; for one file: ID=METHOD")
      .once_each();
  command
      .add_option("--latency", arguments->latencies,
                  "ID=TIME by which a file's times are late, as imu=2ms; repeatable")
      .once_each();
  command
      .add_option("--gap", arguments->gaps,
                  "Samples further apart have a gap between them: TIME or ID=TIME; default: "
                  "five periods, at least 250ms")
      .once_each();
  command.add_option("--in-gap", arguments->in_gap, "hold: rows marked invalid; stop: no rows")
      .one_of({"hold", "stop"})
      .capture_default_str();
  command.callback([arguments, &exit_code] { exit_code = fuse_align(*arguments); });
}

}  // namespace haltere::agent
