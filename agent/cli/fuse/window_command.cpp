#include "agent/cli/fuse/window_command.hpp"

#include <iostream>
#include <memory>
#include <string>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/fuse/table_rate.hpp"
#include "agent/fuse/window_run.hpp"
#include "agent/learn/windowing.hpp"
#include "config/units.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  WindowRequest request;
  WindowTexts texts;
};

/// The rate that the file's times show, if none was given and something needs it.
Status settle_rate(Arguments& arguments) {
  if (!arguments.texts.rate.empty()) return {};
  const Result<double> rate_hz = rate_of_table(arguments.request.table);
  if (!rate_hz) return rate_hz.error();
  if (*rate_hz > 0.0)
    arguments.texts.rate = config::format_quantity(*rate_hz, config::Dimension::frequency);
  return {};
}

Result<WindowCounts> run(Arguments& arguments) {
  if (const Status settled = settle_rate(arguments); !settled) return settled.error();
  const Result<std::optional<Windowing>> windowing = read_windowing(arguments.texts);
  if (!windowing) return windowing.error();
  arguments.request.windowing = **windowing;
  return run_windows(arguments.request);
}

int fuse_window(Arguments& arguments) {
  const Result<WindowCounts> counts = run(arguments);
  if (!counts) {
    print_error(counts.error().message);
    return counts.error().kind == ErrorKind::invalid ? exit_usage : exit_failed;
  }
  for (const std::string& remark : counts->remarks) std::cerr << remark << '\n';
  std::cerr << counts->rows << " rows, " << counts->windows << " windows of " << counts->features
            << " features\n";
  return exit_done;
}

}  // namespace

void add_fuse_window(Command fuse, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  arguments->texts.length_option = "--length";
  arguments->texts.rate_option = "--rate";
  Command command =
      fuse.add_subcommand("window", "Features of the windows of a recording, as a model sees them");
  command.add_option("file", arguments->request.table, "CSV file with columns of numbers")
      .required();
  command
      .add_option(
          "-o,--output", arguments->request.output,
          "CSV file to write (- = standard output): a row per window, with the number and time "
          "of its last row")
      .required();
  command
      .add_option("--length", arguments->texts.length, "Of a window: rows, as 128, or time, as 2s")
      .required();
  command.add_option("--step", arguments->texts.step,
                     "From one window to the next, likewise; default: as long as the window");
  command
      .add_option("--features", arguments->texts.features,
                  "Computed of each column: " + feature_list() +
                      ", as mean,std,band_power:8:0.5Hz:50Hz; or all; default: " + default_features)
      .once_each()
      .delimiter(',');
  command.add_option("--taper", arguments->texts.taper,
                     "Before a spectrum is taken: hann (default), hamming, blackman or none");
  command.add_option(
      "--trigger", arguments->texts.trigger,
      "Windows about events instead of one after the other: where this column's number "
      "rises above --above, or its text changes");
  command.add_option("--above", arguments->texts.above, "That number; default: 0.5");
  command.add_option("--before", arguments->texts.before,
                     "Part of the window that lies before the event, as --length");
  command.add_option("--plot", arguments->request.plot,
                     "SVG file to draw: signals, windows and mean spectra");
  command.add_option("--rate", arguments->texts.rate,
                     "Rows a second, as 119Hz; default: as the file's times show");
  command.add_option("--segment", arguments->texts.segment,
                     "Column that changes where a recording ends: no window spans that");
  command.add_option("--columns", arguments->request.reading.columns, "These columns alone")
      .once_each()
      .delimiter(',');
  command.callback([arguments, &exit_code] { exit_code = fuse_window(*arguments); });
}

}  // namespace haltere::agent
