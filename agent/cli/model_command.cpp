#include "agent/cli/model_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/deploy/registry.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/state_folder.hpp"
#include "config/text.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string state;
  std::string model;  ///< an id in the registry or a .hb file
  std::uint32_t version = 0;
  std::string format = "hb";
  std::string output;
  bool json = false;
};

int fail(const Error& error) {
  print_error(error.message);
  return exit_failed;
}

bool names_a_file(const std::string& model) {
  return model.ends_with(".hb") || model.find('/') != std::string::npos;
}

Result<std::vector<std::uint8_t>> read_bundle(const Arguments& arguments) {
  if (names_a_file(arguments.model)) return read_whole_file(arguments.model, max_bundle_bytes);
  const Registry registry(state_folder(arguments.state));
  if (arguments.version != 0) return registry.load(arguments.model, arguments.version);
  const auto newest = registry.newest(arguments.model);
  if (!newest)
    return Error{ErrorKind::not_found,
                 newest.error().message + "; see `haltere model list`, or give a .hb file"};
  return registry.load(newest->id, newest->version);
}

/// What `list` says of one stored model.
struct Line {
  StoredModel stored;
  std::string task = "damaged";
  std::string identity = "-";
  std::uint32_t windows_learned = 0;
  float score = 0.0F;
};

Line line_of(const Registry& registry, const StoredModel& stored) {
  Line line{.stored = stored};
  const auto bytes = registry.load(stored.id, stored.version);
  if (!bytes) return line;
  const auto view = models::open(*bytes);
  if (!view) return line;
  const models::Provenance provenance = models::provenance_of(*view);
  line.task = models::to_string(view->task);
  line.identity = models::identity_text(kernels::bundle_identity(*view));
  line.windows_learned = provenance.windows_learned;
  line.score = provenance.prequential_score;
  return line;
}

void print_table(const std::vector<Line>& lines) {
  std::cout << std::left << std::setw(18) << "MODEL" << std::setw(9) << "VERSION" << std::setw(10)
            << "TASK" << std::setw(9) << "WINDOWS" << std::setw(8) << "SCORE" << std::setw(8)
            << "BYTES"
            << "IDENTITY\n";
  for (const auto& line : lines)
    std::cout << std::setw(18) << line.stored.id << std::setw(9) << line.stored.version
              << std::setw(10) << line.task << std::setw(9) << line.windows_learned << std::setw(8)
              << std::setprecision(4) << line.score << std::setw(8) << line.stored.size
              << line.identity << '\n';
}

void print_json(const std::vector<Line>& lines) {
  ordered_json out = ordered_json::array();
  for (const auto& line : lines)
    out.push_back({{"id", line.stored.id},
                   {"version", line.stored.version},
                   {"task", line.task},
                   {"windows_learned", line.windows_learned},
                   {"prequential_score", config::as_written(line.score)},
                   {"bytes", line.stored.size},
                   {"identity", line.identity},
                   {"path", line.stored.path.string()}});
  std::cout << out.dump(2) << '\n';
}

int list(const Arguments& arguments) {
  const Registry registry(state_folder(arguments.state));
  std::vector<Line> lines;
  for (const auto& stored : registry.list()) lines.push_back(line_of(registry, stored));
  if (arguments.json) {
    print_json(lines);
    return exit_done;
  }
  if (lines.empty()) {
    std::cerr << "no models in " << (state_folder(arguments.state) / "models").string() << '\n';
    return exit_done;
  }
  print_table(lines);
  return exit_done;
}

int show(const Arguments& arguments) {
  const auto bytes = read_bundle(arguments);
  if (!bytes) return fail(bytes.error());
  const auto model = models::Int8Model::create(*bytes);
  if (!model) return fail({model.error().kind, arguments.model + ": " + model.error().message});
  if (arguments.json) {
    std::cout << models::describe_json(model->view()) << '\n';
  } else {
    std::cout << models::describe(model->view());
  }
  return exit_done;
}

int write_output(const std::string& output, std::span<const std::uint8_t> bytes) {
  if (output.empty() || output == "-") {
    for (const std::uint8_t byte : bytes) std::cout.put(static_cast<char>(byte));
    return exit_done;
  }
  const Status written = write_file_atomically(output, bytes);
  return written ? exit_done : fail(written.error());
}

int export_model(const Arguments& arguments) {
  const auto bytes = read_bundle(arguments);
  if (!bytes) return fail(bytes.error());
  const auto text = models::to_json(*bytes);
  if (!text) return fail({text.error().kind, arguments.model + ": " + text.error().message});
  if (arguments.format == "hb") return write_output(arguments.output, *bytes);
  std::vector<std::uint8_t> json(text->begin(), text->end());
  json.push_back('\n');
  return write_output(arguments.output, json);
}

void add_source(CLI::App& command, Arguments& arguments) {
  command.add_option("model", arguments.model, "Its id, or a .hb file")->required();
  command.add_option("--version", arguments.version, "Which version; the newest if absent")
      ->check(CLI::PositiveNumber);
}

void add_state(CLI::App& command, Arguments& arguments) {
  command.add_option("--state", arguments.state,
                     "The agent's state folder; default as for `haltere run`");
}

}  // namespace

void add_model_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* model = app.add_subcommand("model", "Look at the models that were learned and stored");
  model->require_subcommand(1);

  CLI::App* lister = model->add_subcommand("list", "All stored models and versions");
  add_state(*lister, *arguments);
  lister->add_flag("--json", arguments->json, "Print JSON");
  lister->callback([arguments, &exit_code] { exit_code = list(*arguments); });

  CLI::App* shower = model->add_subcommand("show", "What one model is and where it comes from");
  add_source(*shower, *arguments);
  add_state(*shower, *arguments);
  shower->add_flag("--json", arguments->json, "Print JSON");
  shower->callback([arguments, &exit_code] { exit_code = show(*arguments); });

  CLI::App* exporter = model->add_subcommand("export", "Write one model to a file");
  add_source(*exporter, *arguments);
  add_state(*exporter, *arguments);
  exporter->add_option("--format", arguments->format, "hb (bundle) or json (all values)")
      ->check(CLI::IsMember({"hb", "json"}))
      ->capture_default_str();
  exporter->add_option("-o,--output", arguments->output,
                       "File to write; standard output if absent");
  exporter->callback([arguments, &exit_code] { exit_code = export_model(*arguments); });
}

}  // namespace haltere::agent
