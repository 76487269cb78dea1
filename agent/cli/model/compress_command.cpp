#include "agent/cli/model/compress_command.hpp"

#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "agent/cli/commands.hpp"
#include "agent/cli/model/file.hpp"
#include "agent/compress/bundle_rows.hpp"
#include "agent/compress/report.hpp"
#include "agent/compress/search.hpp"
#include "agent/store/atomic_file.hpp"
#include "config/text.hpp"
#include "config/units.hpp"
#include "models/chip.hpp"

namespace haltere::agent {
namespace {

struct Arguments {
  ModelSource source;
  BundleRowsRequest rows;
  std::string ram;
  std::string flash;
  std::optional<double> milliseconds;
  std::string chip = "nrf52840";
  std::string output;
  bool json = false;
};

/// Bytes of `text`, as 2KiB; none of an empty one.
Result<std::optional<double>> parse_bytes(const char* option, const std::string& text) {
  if (text.empty()) return std::optional<double>();
  const Result<double> bytes = config::parse_quantity(text, config::Dimension::bytes);
  if (!bytes) return Error{ErrorKind::invalid, std::string(option) + ": " + bytes.error().message};
  return std::optional(*bytes);
}

Result<Budget> budget_of(const Arguments& arguments) {
  Budget budget;
  const auto ram = parse_bytes("--ram", arguments.ram);
  if (!ram) return ram.error();
  const auto flash = parse_bytes("--flash", arguments.flash);
  if (!flash) return flash.error();
  budget.ram_bytes = *ram;
  budget.flash_bytes = *flash;
  if (arguments.milliseconds) budget.seconds = 1e-3 * *arguments.milliseconds;
  return budget;
}

Result<CompressResult> run(const Arguments& arguments) {
  const Result<models::Chip> chip = models::chip_named(arguments.chip);
  if (!chip) return chip.error();
  const Result<Budget> budget = budget_of(arguments);
  if (!budget) return budget.error();
  const auto bytes = read_model(arguments.source);
  if (!bytes) return bytes.error();
  const Result<models::Bundle> bundle = models::decode(*bytes);
  if (!bundle)
    return Error{bundle.error().kind, arguments.source.model + ": " + bundle.error().message};
  const Result<BundleRows> rows = read_bundle_rows(*bundle, arguments.rows);
  if (!rows) return rows.error();
  return compress(*bundle, *rows, *chip, *budget);
}

int compress_model(const Arguments& arguments) {
  const Result<CompressResult> result = run(arguments);
  if (!result) return fail(result.error());
  if (arguments.json) {
    std::cout << compress_json(*result).dump(2) << '\n';
  } else {
    std::cout << compress_text(*result);
  }
  if (result->chosen == result->lines.size()) return exit_failed;
  if (arguments.output.empty()) return exit_done;
  const Status written =
      write_file_atomically(arguments.output, result->lines[result->chosen].bundle);
  return written ? exit_done : fail(written.error());
}

}  // namespace

void add_model_compress(Command model, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  Command command = model.add_subcommand(
      "compress", "Try smaller models in place of one, side by side, and keep the best that fits");
  add_model_source(command, arguments->source);
  command
      .add_option("--data", arguments->rows.path,
                  "CSV of what the model learned from: three quarters train, one judges")
      .required();
  command.add_option("--target", arguments->rows.target,
                     "Column with the truth; default: the one that suits the model");
  command.add_option("--segment", arguments->rows.segment,
                     "Column that changes where a recording ends: no window spans that");
  command
      .add_option("--missing", arguments->rows.reading.missing,
                  "A number or text that means a missing value, such as -200; may be repeated")
      .once_each();
  command.add_option("--ram", arguments->ram, "Most working memory, as 2KiB");
  command.add_option("--flash", arguments->flash, "Most flash for the bundle, as 4KiB");
  command.add_option("--ms", arguments->milliseconds, "Most milliseconds for an inference")
      .positive();
  command
      .add_option("--chip", arguments->chip,
                  "What it is to run on: a core with its clock, as cortex-m0@48MHz, or a part")
      .capture_default_str();
  command.add_option("-o,--output", arguments->output, "Write the chosen model to this file (.hb)");
  command.add_flag("--json", arguments->json, "Print JSON");
  command.callback([arguments, &exit_code] { exit_code = compress_model(*arguments); });
}

}  // namespace haltere::agent
