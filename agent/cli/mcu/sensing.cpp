#include "agent/cli/mcu/sensing.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <optional>
#include <utility>
#include <vector>

#include "agent/cli/mcu/statistics.hpp"
#include "agent/deploy/mcu_stream.hpp"
#include "agent/deploy/mcu_text.hpp"
#include "agent/outputs/output_file.hpp"
#include "config/units.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

Result<double> quantity(const char* option, const std::string& text, config::Dimension dimension) {
  const auto value = config::parse_quantity(text, dimension);
  if (value && *value > 0.0) return *value;
  const std::string why = value ? "it must be above 0" : value.error().message;
  return Error{ErrorKind::invalid, std::string(option) + ": " + why};
}

Status show_statistics(McuLink& link, const McuArguments& arguments) {
  auto watch = link.watch();
  if (!watch) return watch.error();
  auto statistics = link.statistics();
  if (!statistics) return statistics.error();
  const ModelNames names = model_names(link.info(), Registry(state_folder(arguments.state)));
  if (arguments.json) {
    std::cout << statistics_json(*watch, *statistics, names).dump(2) << '\n';
  } else {
    print_statistics(*watch, *statistics, names);
  }
  return {};
}

void print_change(const link::Frame& frame, const ModelNames& names,
                  const McuArguments& arguments) {
  link::ChangeNotice change;
  if (frame.type != static_cast<std::uint8_t>(link::MessageType::changed) ||
      !decode(frame.payload, frame.payload_bytes, change)) {
    return;
  }
  const std::string now = names.verdict(change.decision);
  const std::string before = names.verdict(change.before);
  if (arguments.json) {
    const ordered_json line{{"sample", change.sample}, {"window", change.windows},
                            {"decision", now},         {"before", before},
                            {"score", change.score},   {"model_version", change.model_version}};
    std::cout << line.dump() << std::endl;
    return;
  }
  std::cout << "sample " << change.sample << ": " << before << " -> " << now << " (score "
            << change.score << ")" << std::endl;
}

using TimePoint = std::chrono::steady_clock::time_point;

/// Asks for reports and listens until `end`; asks again when it was started anew.
Status listen_until(McuLink& link, const link::WatchRequest& request, TimePoint end) {
  Result<link::WatchReply> asked = link.watch(request);
  while (asked && std::chrono::steady_clock::now() < end) {
    const auto left = end - std::chrono::steady_clock::now();
    const auto heard = link.listen(std::chrono::ceil<std::chrono::milliseconds>(left));
    if (!heard) return heard.error();
    if (*heard) continue;
    if (auto there = link.hello(); !there) return there.error();
    asked = link.watch(request);
  }
  if (asked) asked = link.watch();
  return asked ? Status() : Status(asked.error());
}

Status watch_changes(McuLink& link, const McuArguments& arguments) {
  auto span_s = quantity("--for", arguments.span, config::Dimension::time);
  if (!span_s) return span_s.error();
  if (arguments.votes > arguments.of || (arguments.votes == 0 && arguments.of > 0))
    return Error{ErrorKind::invalid, "--votes: at least one, and of them --of are looked at"};
  const ModelNames names = model_names(link.info(), Registry(state_folder(arguments.state)));
  link.set_notice_taker([&](const link::Frame& frame) { print_change(frame, names, arguments); });
  const link::WatchRequest request{.report = true,
                                   .votes = static_cast<std::uint8_t>(arguments.votes),
                                   .of = static_cast<std::uint8_t>(arguments.of)};
  const std::chrono::duration<double> span(*span_s);
  return listen_until(link, request,
                      std::chrono::time_point_cast<std::chrono::steady_clock::duration>(
                          std::chrono::steady_clock::now() + span));
}

/// The stream's table: time, channels in their units, and the label if there is one.
class StreamTable {
 public:
  StreamTable(OutputFile file, const link::SensorReply& sensor, std::string label)
      : file_(std::move(file)), label_(std::move(label)) {
    file_.text("t");
    for (std::uint8_t c = 0; c < sensor.channels; ++c) {
      file_.text(",").field(channel_name(sensor.channel[c]));
      scales_.push_back(sensor.channel[c].scale);
    }
    file_.text(label_.empty() ? "\n" : ",label\n");
  }

  void add(double time_s, std::span<const std::int16_t> counts) {
    file_.number(static_cast<float>(time_s));
    for (std::size_t c = 0; c < counts.size() && c < scales_.size(); ++c) {
      file_.text(",").number(scales_[c] * static_cast<float>(counts[c]));
    }
    if (!label_.empty()) file_.text(",").field(label_);
    file_.text("\n");
  }
  Status finish() { return file_.finish(); }

 private:
  OutputFile file_;
  std::string label_;
  std::vector<float> scales_;
};

Result<StreamRequest> stream_request(const McuArguments& arguments,
                                     const link::SensorReply& sensor) {
  if (sensor.channels == 0) return Error{ErrorKind::refused, "it has no sensor of its own"};
  auto span_s = quantity("--for", arguments.span, config::Dimension::time);
  if (!span_s) return span_s.error();
  auto rate_hz = quantity("--rate", arguments.rate, config::Dimension::frequency);
  if (!rate_hz) return rate_hz.error();
  const double samples = std::round(*span_s * *rate_hz);
  if (samples < 1.0 || samples > 4e9)
    return Error{ErrorKind::invalid, "--for: not one sample, or more than can be counted"};
  return StreamRequest{static_cast<std::uint32_t>(samples), static_cast<float>(*rate_hz)};
}

Status report_stream(const StreamCounts& counts, const McuLink& link,
                     const McuArguments& arguments) {
  const ordered_json report{{"received", counts.received},
                            {"lost", counts.lost},
                            {"rate_hz", counts.rate_hz},
                            {"wire_bytes", link.traffic().received_bytes}};
  if (arguments.json) {
    std::cout << report.dump(2) << '\n';
  } else {
    std::cout << counts.received << " samples received, " << counts.lost << " lost, at "
              << config::format_quantity(static_cast<double>(counts.rate_hz),
                                         config::Dimension::frequency)
              << '\n';
  }
  return {};
}

Status stream_samples(McuLink& link, const McuArguments& arguments) {
  auto sensor = link.sensor();
  if (!sensor) return sensor.error();
  auto request = stream_request(arguments, *sensor);
  if (!request) return request.error();
  std::optional<StreamTable> table;
  if (!arguments.output.empty()) {
    auto file = OutputFile::create(arguments.output);
    if (!file) return file.error();
    table.emplace(std::move(file).value(), *sensor, arguments.label);
  }
  auto counts = receive_stream(link, *request,
                               [&](std::uint64_t number, std::span<const std::int16_t> values) {
                                 const auto rate_hz = static_cast<double>(request->rate_hz);
                                 if (table)
                                   table->add(static_cast<double>(number) / rate_hz, values);
                               });
  if (!counts) return counts.error();
  if (table) {
    if (auto written = table->finish(); !written) return written;
  }
  return report_stream(*counts, link, arguments);
}

}  // namespace

void add_mcu_sensing_actions(const McuActions& actions) {
  add_mcu_action(actions, "stats", "What it made of its own sensor: decisions, their shares, drift",
                 show_statistics);
  const auto& arguments = actions.arguments;
  Command watch =
      add_mcu_action(actions, "watch", "Print its decisions as they change", watch_changes);
  watch.add_option("--for", arguments->span, "How long, as 10s").capture_default_str();
  watch
      .add_option("--votes", arguments->votes,
                  "From now on a decision needs so many equal windows ...")
      .whole_between(1, link::most_votes);
  watch.add_option("--of", arguments->of, "... of the last so many")
      .whole_between(1, link::most_votes);
  Command stream = add_mcu_action(actions, "stream",
                                  "Receive raw samples of its own sensor, as a table to learn from",
                                  stream_samples);
  stream.add_option("--rate", arguments->rate, "Samples a second, as 119Hz").required();
  stream.add_option("--for", arguments->span, "How long, as 10s").capture_default_str();
  stream.add_option("-o,--output", arguments->output, "CSV file to write them to");
  stream.add_option("--label", arguments->label, "What is happening: a column beside them");
}

}  // namespace haltere::agent
