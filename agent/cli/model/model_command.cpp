#include "agent/cli/model/model_command.hpp"

#include <cstdint>
#include <iomanip>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "agent/cli/model/compress_command.hpp"
#include "agent/cli/model/export.hpp"
#include "agent/cli/model/file.hpp"
#include "agent/cli/model/import.hpp"
#include "agent/cli/model/quantize.hpp"
#include "agent/cli/model/run.hpp"
#include "agent/cli/model/sign.hpp"
#include "agent/deploy/registry.hpp"
#include "agent/store/state_folder.hpp"
#include "config/json.hpp"
#include "config/text.hpp"
#include "models/bundle.hpp"
#include "models/float_model.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  ModelSource source;
  bool json = false;
};

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
  const Registry registry(state_folder(arguments.source.state));
  std::vector<Line> lines;
  for (const auto& stored : registry.list()) lines.push_back(line_of(registry, stored));
  if (arguments.json) {
    print_json(lines);
    return exit_done;
  }
  if (lines.empty()) {
    std::cerr << "no models in " << (state_folder(arguments.source.state) / "models").string()
              << '\n';
    return exit_done;
  }
  print_table(lines);
  return exit_done;
}

int show_float(const Arguments& arguments, std::span<const std::uint8_t> bytes) {
  const auto model = models::decode_float(bytes);
  if (!model)
    return fail({model.error().kind, arguments.source.model + ": " + model.error().message});
  std::cout << (arguments.json ? models::describe_float_json(*model) + '\n'
                               : models::describe_float(*model));
  return exit_done;
}

int show(const Arguments& arguments) {
  const auto bytes = read_model(arguments.source);
  if (!bytes) return fail(bytes.error());
  if (models::is_float_bundle(*bytes)) return show_float(arguments, *bytes);
  const auto model = models::Int8Model::create(*bytes);
  if (!model)
    return fail({model.error().kind, arguments.source.model + ": " + model.error().message});
  if (arguments.json) {
    std::cout << models::describe_json(model->view()) << '\n';
  } else {
    std::cout << models::describe(model->view());
  }
  return exit_done;
}

}  // namespace

void add_model_command(Command app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command model = app.add_subcommand("model", "Look at the models that were learned and stored");
  model.require_subcommand();

  Command lister = model.add_subcommand("list", "All stored models and versions");
  add_model_state(lister, arguments->source);
  lister.add_flag("--json", arguments->json, "Print JSON");
  lister.callback([arguments, &exit_code] { exit_code = list(*arguments); });

  Command shower = model.add_subcommand("show", "What one model is and where it comes from");
  add_model_source(shower, arguments->source);
  shower.add_flag("--json", arguments->json, "Print JSON");
  shower.callback([arguments, &exit_code] { exit_code = show(*arguments); });

  add_model_compress(model, exit_code);
  add_model_export(model, exit_code);
  add_model_import(model, exit_code);
  add_model_quantize(model, exit_code);
  add_model_run(model, exit_code);
  add_model_sign(model, exit_code);
}

}  // namespace haltere::agent
