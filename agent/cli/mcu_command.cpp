#include "agent/cli/mcu_command.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/deploy/mcu_link.hpp"
#include "agent/deploy/mcu_text.hpp"
#include "config/units.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string device;
  std::string file;
  int baud = 115200;
  std::uint32_t count = 100;
  double limit_s = 60.0;
  bool json = false;
};

std::string bytes_text(double bytes) {
  return config::format_quantity(bytes, config::Dimension::bytes);
}

Result<std::unique_ptr<McuLink>> connect(const Arguments& arguments) {
  auto port = sensors::open_serial_port(arguments.device, arguments.baud);
  if (!port) return port.error();
  auto link = std::make_unique<McuLink>(std::move(port).value(), arguments.device);
  if (auto hello = link->hello(); !hello) return hello.error();
  return link;
}

ordered_json model_json(const McuInfo& info) {
  if (info.active_slot == link::no_slot) return nullptr;
  return {{"slot", info.active_slot},
          {"version", info.model_version},
          {"hash", format_hash(info.model_hash)}};
}

ordered_json counters_json(const link::StatusReply& status) {
  return {{"inferences", status.inferences},
          {"infer_errors", status.infer_errors},
          {"frames", status.frames},
          {"crc_errors", status.crc_errors},
          {"cobs_errors", status.cobs_errors},
          {"oversize_frames", status.oversize_frames},
          {"short_frames", status.short_frames},
          {"overruns", status.overruns},
          {"refused_requests", status.refused_requests},
          {"commits", status.commits},
          {"refused_bundles", status.refused_bundles},
          {"switches", status.switches},
          {"rollbacks", status.rollbacks},
          {"boot_fallbacks", status.boot_fallbacks}};
}

ordered_json info_json(const McuInfo& info) {
  return {
      {"core", to_string(info.core)},
      {"firmware_version", format_version(info.firmware_version)},
      {"bundle_format", info.bundle_format},
      {"ram_bytes", info.ram_bytes},
      {"slot_bytes", info.slot_bytes},
      {"max_frame_bytes", info.max_content_bytes},
      {"window_frames", info.window_frames},
      {"boots", info.boots},
      {"reset_reason", to_string(info.reset_reason)},
      {"model", model_json(info)},
      {"previous_hash",
       info.previous_hash == 0 ? ordered_json() : ordered_json(format_hash(info.previous_hash))}};
}

void print_status(const McuInfo& info, const link::StatusReply& status) {
  std::cout << "core        " << to_string(info.core) << "\nfirmware    "
            << format_version(info.firmware_version) << ", started " << info.boots
            << " times, last by " << to_string(info.reset_reason) << "\nfree        "
            << bytes_text(info.ram_bytes) << " of RAM, " << bytes_text(info.slot_bytes)
            << " of flash per model\n";
  if (info.active_slot == link::no_slot) {
    std::cout << "model       none\n";
  } else {
    std::cout << "model       version " << info.model_version << " ("
              << format_hash(info.model_hash) << ") in slot " << int{info.active_slot}
              << "\nprevious    "
              << (info.previous_hash == 0
                      ? "none to roll back to; a push takes the older slot from its start on"
                      : format_hash(info.previous_hash))
              << '\n';
  }
  const ordered_json counters = counters_json(status);
  for (const auto& [name, count] : counters.items()) {
    if (count == 0) continue;
    const std::string gap(name.size() < 12 ? 12 - name.size() : 1, ' ');
    std::cout << name << gap << count << '\n';
  }
}

Status show_status(McuLink& link, const Arguments& arguments) {
  auto status = link.status();
  if (!status) return status.error();
  if (!arguments.json) {
    print_status(link.info(), *status);
    return {};
  }
  ordered_json report = info_json(link.info());
  report["counters"] = counters_json(*status);
  std::cout << report.dump(2) << '\n';
  return {};
}

/// Draws on a terminal, prints a line per quarter elsewhere.
class ProgressBar {
 public:
  void show(std::size_t done, std::size_t total) {
    const auto percent = static_cast<int>(done * 100 / total);
    if (terminal_) {
      constexpr int cells = 40;
      const int full = percent * cells / 100;
      std::fprintf(stderr, "\r[%s%s] %3d %%",
                   std::string(static_cast<std::size_t>(full), '#').c_str(),
                   std::string(static_cast<std::size_t>(cells - full), ' ').c_str(), percent);
      if (done == total) std::fputc('\n', stderr);
    } else if (percent / 25 > quarter_) {
      quarter_ = percent / 25;
      std::fprintf(stderr, "sent %zu of %zu bytes\n", done, total);
    }
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) == 1;
  int quarter_ = 0;
};

Result<std::vector<std::uint8_t>> read_bundle(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorKind::not_found, "cannot read '" + path + "'"};
  return std::vector<std::uint8_t>(std::istreambuf_iterator<char>(file), {});
}

void print_model(const ActiveModel& model, const Arguments& arguments) {
  if (arguments.json) {
    const ordered_json report{{"slot", model.slot},
                              {"version", model.model_version},
                              {"hash", format_hash(model.model_hash)}};
    std::cout << report.dump(2) << '\n';
    return;
  }
  std::cout << "active: model version " << model.model_version << " ("
            << format_hash(model.model_hash) << ") in slot " << model.slot << '\n';
}

Status push(McuLink& link, const Arguments& arguments) {
  auto bundle = read_bundle(arguments.file);
  if (!bundle) return bundle.error();
  ProgressBar bar;
  auto active =
      link.push(*bundle, [&bar](std::size_t done, std::size_t total) { bar.show(done, total); });
  if (!active) return active.error();
  print_model(*active, arguments);
  return {};
}

Status roll_back(McuLink& link, const Arguments& arguments) {
  auto active = link.rollback();
  if (!active) return active.error();
  print_model(*active, arguments);
  return {};
}

Status bench(McuLink& link, const Arguments& arguments) {
  const std::chrono::duration<double> limit(arguments.limit_s);
  auto reply =
      link.bench(arguments.count, std::chrono::duration_cast<std::chrono::milliseconds>(limit));
  if (!reply) return reply.error();
  if (reply->count == 0 || reply->tick_hz == 0) {
    return Error{ErrorKind::corrupt, "mcu '" + arguments.device + "' measured nothing"};
  }
  const double ticks = static_cast<double>(reply->ticks) / reply->count;
  const double microseconds = ticks * 1e6 / reply->tick_hz;
  if (arguments.json) {
    const ordered_json report{
        {"core", to_string(link.info().core)}, {"model_version", link.info().model_version},
        {"inferences", reply->count},          {"ticks_per_inference", ticks},
        {"tick_hz", reply->tick_hz},           {"us_per_inference", microseconds}};
    std::cout << report.dump(2) << '\n';
    return {};
  }
  std::printf("%s, model version %u: %.1f us per inference (%u runs, %.1f ticks of %u Hz each)\n",
              std::string(to_string(link.info().core)).c_str(), link.info().model_version,
              microseconds, reply->count, ticks, reply->tick_hz);
  return {};
}

using Action = Status (*)(McuLink& link, const Arguments& arguments);

int run(Action action, const Arguments& arguments) {
  auto link = connect(arguments);
  const Status done = link ? action(**link, arguments) : Status(link.error());
  if (done) return exit_done;
  print_error(done.error().message);
  return exit_failed;
}

CLI::App* add_action(CLI::App& mcu, const std::shared_ptr<Arguments>& arguments, int& exit_code,
                     const std::pair<std::string, std::string>& name_and_description,
                     Action action) {
  CLI::App* command = mcu.add_subcommand(name_and_description.first, name_and_description.second);
  command->add_option("--device", arguments->device, "Serial port, or tcp://HOST:PORT")->required();
  command->add_option("--baud", arguments->baud, "Bits per second on the line")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback([arguments, action, &exit_code] { exit_code = run(action, *arguments); });
  return command;
}

}  // namespace

void add_mcu_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* mcu = app.add_subcommand("mcu", "Talk to one microcontroller");
  mcu->require_subcommand(1);
  add_action(*mcu, arguments, exit_code, {"status", "What it is, what it runs, what it counted"},
             show_status);
  add_action(*mcu, arguments, exit_code, {"push", "Hand a model over"}, push)
      ->add_option("file", arguments->file, "Bundle (.hb)")
      ->required();
  add_action(*mcu, arguments, exit_code, {"rollback", "Go back to the model before"}, roll_back);
  CLI::App* measure =
      add_action(*mcu, arguments, exit_code, {"bench", "Time its model's inference there"}, bench);
  measure->add_option("--count", arguments->count, "Inferences to run")
      ->check(CLI::Range(1U, link::max_bench_count))
      ->capture_default_str();
  measure->add_option("--limit", arguments->limit_s, "Seconds to wait for the result")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
}

}  // namespace haltere::agent
