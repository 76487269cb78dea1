#include "agent/cli/model/import.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/cli/model/file.hpp"
#include "agent/store/atomic_file.hpp"
#include "models/interop/float_chain.hpp"
#include "models/interop/tflite_reader.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  std::string file;
  std::string output;
  std::string name;
  std::vector<std::string> labels;
};

/// The file's name without its ending, as long as a model's id may be.
std::string id_of(const std::string& file) {
  const std::string stem = std::filesystem::path(file).stem().string();
  return stem.empty() ? "imported" : stem.substr(0, kernels::name_bytes);
}

int import_model(const Arguments& arguments) {
  const auto file = read_whole_file(arguments.file, models::interop::max_tflite_bytes);
  if (!file) return fail(file.error());
  const models::interop::ImportNames names{
      arguments.name.empty() ? id_of(arguments.file) : arguments.name, arguments.labels};
  const bool is_onnx = arguments.file.ends_with(".onnx");
  const auto bundle = is_onnx ? models::interop::import_onnx(*file, names)
                              : models::interop::import_tflite(*file, names);
  if (!bundle) return fail({bundle.error().kind, arguments.file + ": " + bundle.error().message});
  return write_output(arguments.output, *bundle);
}

}  // namespace

void add_model_import(Command model, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command importer = model.add_subcommand(
      "import", "Make a bundle of another program's model: a .tflite or .onnx file");
  importer.add_option("file", arguments->file, "The model to import").required();
  importer.add_option("-o,--output", arguments->output,
                      "Bundle to write (.hb); standard output if absent");
  importer.add_option("--name", arguments->name, "Its id; the file's name if absent");
  importer.add_option("--labels", arguments->labels, "Names of its outputs, in their order")
      .delimiter(',');
  importer.callback([arguments, &exit_code] { exit_code = import_model(*arguments); });
}

}  // namespace haltere::agent
