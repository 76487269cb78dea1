#include "agent/cli/model/run.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/cli/model/file.hpp"
#include "agent/store/atomic_file.hpp"
#include "models/interop/raw_model.hpp"

namespace haltere::agent {
namespace {

constexpr std::size_t max_tensor_file_bytes = std::size_t{1} << 30;

struct Arguments {
  ModelSource source;
  std::string input;
  std::string output;
};

int run_model(const Arguments& arguments) {
  const auto bytes = read_model(arguments.source);
  if (!bytes) return fail(bytes.error());
  auto model = models::interop::RawModel::create(*bytes);
  if (!model)
    return fail({model.error().kind, arguments.source.model + ": " + model.error().message});
  const auto input = read_whole_file(arguments.input, max_tensor_file_bytes);
  if (!input) return fail(input.error());
  const std::size_t size = model->input_bytes();
  if (input->size() % size != 0)
    return fail({ErrorKind::invalid, arguments.input + ": " + std::to_string(input->size()) +
                                         " bytes are no whole number of input tensors of " +
                                         std::to_string(size)});
  std::vector<std::uint8_t> output;
  output.reserve(input->size() / size * model->output_bytes());
  for (std::size_t at = 0; at < input->size(); at += size)
    model->run(std::span(*input).subspan(at, size), output);
  return write_output(arguments.output, output);
}

}  // namespace

void add_model_run(Command model, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command runner = model.add_subcommand("run", "Run a model on raw tensors");
  add_model_source(runner, arguments->source);
  runner
      .add_option("--input", arguments->input,
                  "Input tensors one after the other, in the model's own type")
      .required();
  runner.add_option("--output", arguments->output,
                    "Output tensors, likewise; standard output if absent");
  runner.callback([arguments, &exit_code] { exit_code = run_model(*arguments); });
}

}  // namespace haltere::agent
