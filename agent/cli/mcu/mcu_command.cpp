#include "agent/cli/mcu/mcu_command.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/cli/mcu/action.hpp"
#include "agent/cli/mcu/sensing.hpp"
#include "agent/cli/mcu/several.hpp"
#include "agent/cli/mcu/status.hpp"
#include "agent/cli/mcu/study.hpp"
#include "agent/deploy/mcu_link.hpp"
#include "agent/deploy/mcu_text.hpp"
#include "agent/deploy/registry.hpp"
#include "agent/deploy/signature.hpp"
#include "agent/store/state_folder.hpp"
#include "config/json.hpp"
#include "models/bundle.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

using Arguments = McuArguments;

Result<std::unique_ptr<McuLink>> connect(const Arguments& arguments) {
  auto port = sensors::open_serial_port(arguments.device, arguments.baud);
  if (!port) return port.error();
  auto link = std::make_unique<McuLink>(std::move(port).value(), arguments.device);
  link->set_keys(McuKeys(state_folder(arguments.state)));
  if (auto hello = link->hello(); !hello) return hello.error();
  return link;
}

Registry registry_of(const Arguments& arguments) { return Registry(state_folder(arguments.state)); }

Status show_status(McuLink& link, const Arguments& arguments) {
  return show_mcu_status(link, registry_of(arguments), arguments.json);
}

/// Draws on a terminal, prints a line per quarter elsewhere.
class ProgressBar {
 public:
  /// One of several: `name` is before each line, and nothing is drawn over.
  explicit ProgressBar(std::string name) : name_(std::move(name)) {
    if (name_.empty()) return;
    name_ += ": ";
    terminal_ = false;
  }

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
      std::fprintf(stderr, "%ssent %zu of %zu bytes\n", name_.c_str(), done, total);
    }
  }

 private:
  std::string name_;
  bool terminal_ = isatty(STDERR_FILENO) == 1;
  int quarter_ = 0;
};

Result<std::vector<std::uint8_t>> read_bundle(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorKind::not_found, "cannot read '" + path + "'"};
  return std::vector<std::uint8_t>(std::istreambuf_iterator<char>(file), {});
}

void print_model(const ActiveModel& model, const ModelThere& there, bool json) {
  if (json) {
    const ordered_json report{{"slot", model.slot},
                              {"version", model.model_version},
                              {"hash", format_hash(model.model_hash)},
                              {"source", source_json(there)}};
    std::cout << report.dump(2) << '\n';
    return;
  }
  std::cout << "active: model version " << model.model_version << " (" << to_text(there)
            << ") in slot " << model.slot << '\n';
}

/// The file that was handed over; its weights may have been packed on the way.
std::optional<RecognisedModel> recognise(const std::vector<std::uint8_t>& bundle,
                                         const std::string& path) {
  const auto view = models::open(bundle);
  if (!view) return std::nullopt;
  const models::Provenance provenance = models::provenance_of(*view);
  return RecognisedModel{{provenance.model_id, provenance.version, bundle.size(), path},
                         kernels::bundle_identity(*view)};
}

Status push(McuLink& link, const Arguments& arguments) {
  auto bundle = read_bundle(arguments.file);
  if (!bundle) return bundle.error();
  const TrustedKeys trusted(state_folder(arguments.state));
  if (auto signature = trusted.check(*bundle, arguments.file); !signature) return signature;
  ProgressBar bar(arguments.devices.size() > 1 ? arguments.device : "");
  auto active =
      link.push(*bundle, [&bar](std::size_t done, std::size_t total) { bar.show(done, total); });
  if (!active) return active.error();
  print_model(*active, {active->model_hash, recognise(*bundle, arguments.file)}, arguments.json);
  return {};
}

Status roll_back(McuLink& link, const Arguments& arguments) {
  auto active = link.rollback();
  if (!active) return active.error();
  const ModelThere there = model_there(active->model_hash, link.info(), registry_of(arguments));
  print_model(*active, there, arguments.json);
  return {};
}

Status enroll(McuLink& link, const Arguments& arguments) {
  const auto device = link.enroll();
  if (!device) return device.error();
  if (arguments.json) {
    std::cout << ordered_json{{"device", *device}}.dump(2) << '\n';
    return {};
  }
  std::cout << "enrolled as " << *device << "; it runs no model until one is handed over\n";
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

int run_one(McuAction action, const Arguments& arguments) {
  auto link = connect(arguments);
  const Status done = link ? action(**link, arguments) : Status(link.error());
  if (done) return exit_done;
  print_error(done.error().message);
  return exit_failed;
}

int run(McuAction action, Arguments& arguments) {
  const auto one = [action, &arguments](const std::string& device) {
    arguments.device = device;
    return run_one(action, arguments);
  };
  if (arguments.devices.size() == 1) return one(arguments.devices.front());
  if (!arguments.output.empty()) {
    print_error("-o is one file, but there are " + std::to_string(arguments.devices.size()) +
                " devices; ask them one by one");
    return exit_usage;
  }
  return on_each_device(arguments.devices, arguments.json, one);
}

}  // namespace

Command add_mcu_action(const McuActions& actions, const std::string& name,
                       const std::string& description, McuAction action) {
  Command mcu = actions.mcu;
  Command command = mcu.add_subcommand(name, description);
  const auto& arguments = actions.arguments;
  command
      .add_option("--device", arguments->devices,
                  "Serial port, or tcp://HOST:PORT; several with commas between, for all at once")
      .delimiter(',')
      .required();
  command.add_option("--baud", arguments->baud, "Bits per second on the line")
      .capture_default_str();
  command.add_option(
      "--state", arguments->state,
      "State folder with its key and models to recognise; default as for `haltere run`");
  command.add_flag("--json", arguments->json, "Print the result as JSON");
  command.callback([arguments, action, &exit_code = *actions.exit_code] {
    exit_code = run(action, *arguments);
  });
  return command;
}

void add_mcu_command(Command app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command mcu = app.add_subcommand("mcu", "Talk to microcontrollers");
  mcu.require_subcommand();
  const McuActions actions{mcu, arguments, &exit_code};
  add_mcu_action(actions, "status", "What it is, what it runs, what it counted", show_status);
  add_mcu_action(actions, "push", "Hand a model over", push)
      .add_option("file", arguments->file, "Bundle (.hb)")
      .required();
  add_mcu_action(actions, "rollback", "Go back to the model before", roll_back);
  add_mcu_action(actions, "enroll", "Share a key with it, so that it obeys this board alone",
                 enroll);
  Command measure = add_mcu_action(actions, "bench", "Time its model's inference there", bench);
  measure.add_option("--count", arguments->count, "Inferences to run")
      .whole_between(1, link::max_bench_count)
      .capture_default_str();
  measure.add_option("--limit", arguments->limit_s, "Seconds to wait for the result")
      .between(1.0, 3600.0)
      .capture_default_str();
  add_mcu_sensing_actions(actions);
  add_mcu_study_actions(actions);
}

}  // namespace haltere::agent
