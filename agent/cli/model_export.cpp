#include "agent/cli/model_export.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/model_file.hpp"
#include "models/bundle.hpp"
#include "models/interop/formats.hpp"

namespace haltere::agent {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Arguments {
  ModelSource source;
  std::string format = "hb";
  std::string output;
};

Result<Bytes> as_bundle(std::span<const std::uint8_t> bundle) {
  return Bytes(bundle.begin(), bundle.end());
}

Result<Bytes> as_json(std::span<const std::uint8_t> bundle) {
  const auto text = models::to_json(bundle);
  if (!text) return text.error();
  Bytes json(text->begin(), text->end());
  json.push_back('\n');
  return json;
}

struct Format {
  std::string_view name;
  Result<Bytes> (*write)(std::span<const std::uint8_t> bundle);
};

constexpr std::array formats{
    Format{"hb", as_bundle},
    Format{"json", as_json},
    Format{"tflite", models::interop::export_tflite},
};

int export_model(const Arguments& arguments) {
  const auto bytes = read_model(arguments.source);
  if (!bytes) return fail(bytes.error());
  for (const Format& format : formats) {
    if (format.name != arguments.format) continue;
    const auto file = format.write(*bytes);
    if (!file)
      return fail({file.error().kind, arguments.source.model + ": " + file.error().message});
    return write_output(arguments.output, *file);
  }
  return fail({ErrorKind::invalid, "there is no format '" + arguments.format + "'"});
}

}  // namespace

void add_model_export(CLI::App& model, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  std::vector<std::string> names;
  for (const Format& format : formats) names.emplace_back(format.name);
  CLI::App* exporter = model.add_subcommand("export", "Write one model to a file");
  add_model_source(*exporter, arguments->source);
  exporter
      ->add_option("--format", arguments->format, "hb is the bundle itself, json all its values")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  exporter->add_option("-o,--output", arguments->output,
                       "File to write; standard output if absent");
  exporter->callback([arguments, &exit_code] { exit_code = export_model(*arguments); });
}

}  // namespace haltere::agent
