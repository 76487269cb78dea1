#include "agent/cli/model/export.hpp"

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/commands.hpp"
#include "agent/cli/model/file.hpp"
#include "models/bundle.hpp"
#include "models/interop/c_source.hpp"
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

constexpr const char* two_files = "tfjs";

struct Format {
  std::string_view name;
  Result<Bytes> (*write)(std::span<const std::uint8_t> bundle);
};

constexpr std::array formats{
    Format{"hb", as_bundle},
    Format{"json", as_json},
    Format{"tflite", models::interop::export_tflite},
    Format{"onnx", models::interop::export_onnx},
    Format{"c", models::interop::export_c},
    Format{"c-array", models::interop::export_c_array},
};

/// A layers model is two files: FILE, and FILE.weights.bin beside it.
int export_two_files(const Arguments& arguments, std::span<const std::uint8_t> bundle) {
  if (arguments.output.empty() || arguments.output == "-")
    return fail({ErrorKind::invalid, "tfjs writes two files, so it needs -o FILE"});
  const std::string weights = arguments.output + ".weights.bin";
  const auto files =
      models::interop::export_tfjs(bundle, std::filesystem::path(weights).filename().string());
  if (!files)
    return fail({files.error().kind, arguments.source.model + ": " + files.error().message});
  const int written = write_output(weights, files->weights);
  if (written != exit_done) return written;
  return write_output(arguments.output, Bytes(files->model_json.begin(), files->model_json.end()));
}

int export_model(const Arguments& arguments) {
  const auto bytes = read_model(arguments.source);
  if (!bytes) return fail(bytes.error());
  if (arguments.format == two_files) return export_two_files(arguments, *bytes);
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

void add_model_export(Command model, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  std::vector<std::string> names;
  names.reserve(formats.size() + 1);
  for (const Format& format : formats) names.emplace_back(format.name);
  names.emplace_back(two_files);
  Command exporter = model.add_subcommand("export", "Write one model to a file");
  add_model_source(exporter, arguments->source);
  exporter.add_option("--format", arguments->format, "hb is the bundle itself, json all its values")
      .one_of(names)
      .capture_default_str();
  exporter.add_option("-o,--output", arguments->output, "File to write; standard output if absent");
  exporter.callback([arguments, &exit_code] { exit_code = export_model(*arguments); });
}

}  // namespace haltere::agent
