#include "agent/cli/mcu/study.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>
#include <utility>
#include <vector>

#include "agent/compress/bundle_rows.hpp"
#include "agent/deploy/registry.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/state_folder.hpp"
#include "config/json.hpp"
#include "config/text.hpp"
#include "config/units.hpp"
#include "models/bundle.hpp"
#include "models/head_merge.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;
using Bytes = std::vector<std::uint8_t>;

Status show_study(const link::StudyReply& study, bool json) {
  if (json) {
    const ordered_json report{{"learns", study.on},           {"steps", study.steps},
                              {"error", study.error},         {"kept_error", study.kept_error},
                              {"kept_step", study.kept_step}, {"returns", study.returns},
                              {"weights", study.weights},     {"ram_bytes", study.ram_bytes}};
    std::cout << report.dump(2) << '\n';
    return {};
  }
  if (!study.on) {
    std::cout << "it does not learn\n";
    return {};
  }
  std::cout << fmt::format(
      "learns {} numbers in {} B of RAM: {} steps, mean error {:.3f}; kept those after step {} "
      "({:.3f}), "
      "went back to them {} times\n",
      study.weights, study.ram_bytes, study.steps, study.error, study.kept_step, study.kept_error,
      study.returns);
  return {};
}

Status study(McuLink& link, const McuArguments& arguments) {
  auto reply = link.study(!arguments.end, static_cast<float>(arguments.learning_rate));
  return reply ? show_study(*reply, arguments.json) : Status(reply.error());
}

/// The bundle that runs there, as this board keeps it.
Result<Bytes> model_there(const McuLink& link, const McuArguments& arguments) {
  const Registry registry(state_folder(arguments.state));
  const auto found = registry.recognise(link.info().model_hash, packing_for(link.info()));
  if (found) return registry.load(found->stored.id, found->stored.version);
  return Error{ErrorKind::not_found,
               "the model that runs there is not in the state folder; --state names another"};
}

Result<int> label_number(const models::Bundle& bundle, const std::string& label) {
  const auto at = std::ranges::find(bundle.labels, label);
  if (at != bundle.labels.end()) return static_cast<int>(at - bundle.labels.begin());
  return Error{ErrorKind::invalid,
               "the model has no label '" + label + "', but " + config::join(bundle.labels)};
}

Status label_windows(McuLink& link, const McuArguments& arguments) {
  const auto span_s = config::parse_quantity(arguments.span, config::Dimension::time);
  if (!span_s) return span_s.error();
  auto bytes = model_there(link, arguments);
  if (!bytes) return bytes.error();
  auto bundle = models::decode(*bytes);
  if (!bundle) return bundle.error();
  auto label = label_number(*bundle, arguments.label);
  if (!label) return label.error();
  auto watch = link.watch();
  if (!watch) return watch.error();
  if (watch->blocked != link::Blocked::none)
    return Error{ErrorKind::refused, "it does not infer by itself: see `mcu stats`"};
  if (auto begun = link.study(true); !begun) return begun.error();
  const auto samples = static_cast<std::uint32_t>(*span_s * static_cast<double>(watch->rate_hz));
  auto told = link.label(*label, watch->next_sample + samples);
  if (!told) return told.error();
  std::this_thread::sleep_for(std::chrono::duration<double>(*span_s));
  auto done = link.study(true);
  return done ? show_study(*done, arguments.json) : Status(done.error());
}

Result<BundleRows> labelled_rows(const models::Bundle& bundle, const McuArguments& arguments) {
  BundleRowsRequest request;
  request.path = arguments.file;
  request.target = arguments.target;
  request.segment = arguments.segment;
  return read_bundle_rows(bundle, request);
}

Status teach(McuLink& link, const McuArguments& arguments) {
  auto bytes = model_there(link, arguments);
  if (!bytes) return bytes.error();
  auto bundle = models::decode(*bytes);
  if (!bundle) return bundle.error();
  auto rows = labelled_rows(*bundle, arguments);
  if (!rows) return rows.error();
  auto state = link.study(true, static_cast<float>(arguments.learning_rate));
  for (std::size_t i = 0; state && i < rows->targets.size(); ++i) {
    const auto row = std::span(rows->values).subspan(i * rows->inputs, rows->inputs);
    state = link.teach(state->steps, rows->targets[i].label, row);
  }
  return state ? show_study(*state, arguments.json) : Status(state.error());
}

Result<double> accuracy(const Bytes& bytes, const BundleRows& rows) {
  auto model = models::Int8Model::create(bytes);
  if (!model) return model.error();
  if (rows.targets.empty()) return Error{ErrorKind::invalid, "no row to check it on"};
  std::size_t hits = 0;
  for (std::size_t i = 0; i < rows.targets.size(); ++i) {
    const auto row = std::span(rows.values).subspan(i * rows.inputs, rows.inputs);
    if (model->run(row).label == rows.targets[i].label) ++hits;
  }
  return static_cast<double>(hits) / static_cast<double>(rows.targets.size());
}

/// What was pulled, checked and merged.
struct Merged {
  std::uint32_t step = 0;
  std::uint32_t version = 0;
  std::optional<double> before;  ///< accuracy on the rows given
  std::optional<double> after;
  Bytes bytes;
};

Status check(Merged& merged, const Bytes& base, const models::Bundle& bundle,
             const McuArguments& arguments) {
  // Creating it runs its self-test.
  if (auto runs = models::Int8Model::create(merged.bytes); !runs) return runs.error();
  if (arguments.file.empty()) return {};
  auto rows = labelled_rows(bundle, arguments);
  if (!rows) return rows.error();
  auto before = accuracy(base, *rows);
  auto after = accuracy(merged.bytes, *rows);
  if (!before) return before.error();
  if (!after) return after.error();
  merged.before = *before;
  merged.after = *after;
  if (*after >= *before) return {};
  return Error{
      ErrorKind::refused,
      fmt::format("what it learned is worse: {:.1f} % of {} rows right instead of {:.1f} %",
                  100.0 * *after, rows->targets.size(), 100.0 * *before)};
}

Result<Merged> pull_and_merge(McuLink& link, const McuArguments& arguments) {
  auto base = model_there(link, arguments);
  if (!base) return base.error();
  auto bundle = models::decode(*base);
  if (!bundle) return bundle.error();
  auto head = link.pull();
  if (!head) return head.error();
  if (head->kept_step == 0)
    return Error{ErrorKind::refused, "it learned nothing worth keeping yet"};
  auto merged = models::merge_head(*bundle, head->delta);
  if (!merged) return merged.error();
  const Registry registry(state_folder(arguments.state));
  if (const auto newest = registry.newest(bundle->provenance.model_id))
    merged->provenance.version = newest->version + 1;
  merged->provenance.windows_learned += head->kept_step;
  auto bytes = models::encode(*merged);
  if (!bytes) return bytes.error();
  Merged result{.step = head->kept_step,
                .version = merged->provenance.version,
                .before = {},
                .after = {},
                .bytes = std::move(*bytes)};
  if (auto good = check(result, *base, *bundle, arguments); !good) return good.error();
  return result;
}

Status pull(McuLink& link, const McuArguments& arguments) {
  auto merged = pull_and_merge(link, arguments);
  if (!merged) return merged.error();
  auto stored = Registry(state_folder(arguments.state)).store(merged->bytes);
  if (!stored) return stored.error();
  if (!arguments.output.empty()) {
    if (auto written = write_file_atomically(arguments.output, merged->bytes); !written)
      return written.error();
  }
  if (arguments.json) {
    ordered_json report{{"id", stored->id},
                        {"version", merged->version},
                        {"step", merged->step},
                        {"path", stored->path.string()}};
    report["accuracy_before"] = merged->before ? ordered_json(*merged->before) : ordered_json();
    report["accuracy"] = merged->after ? ordered_json(*merged->after) : ordered_json();
    std::cout << report.dump(2) << '\n';
    return {};
  }
  std::cout << stored->id << " version " << merged->version << ", as learned there after step "
            << merged->step << ": " << stored->path.string() << '\n';
  if (merged->after)
    std::cout << fmt::format("{:.1f} % of the rows right, {:.1f} % before\n",
                             100.0 * *merged->after, 100.0 * *merged->before);
  return {};
}

void add_rows(Command command, McuArguments& arguments, bool required) {
  auto data = command.add_option(
      "--data", arguments.file,
      required ? "CSV file of labelled rows" : "CSV file of labelled rows to check it on");
  if (required) data.required();
  command.add_option("--target", arguments.target, "Its column of labels; default: one that suits");
  command.add_option("--segment", arguments.segment,
                     "Column that changes where a recording ends: no window spans that");
}

}  // namespace

void add_mcu_study_actions(const McuActions& actions) {
  const auto& arguments = actions.arguments;
  Command begin = add_mcu_action(actions, "study",
                                 "Let its model's last layer learn there, and show how", study);
  begin.add_option("--rate", arguments->learning_rate, "Learning rate; 0: the usual one")
      .between(0.0, 10.0);
  begin.add_flag("--end", arguments->end, "End that, and forget what was learned");
  Command label = add_mcu_action(
      actions, "label", "Tell it what its own sensor sees from now on; it learns from that",
      label_windows);
  label.add_option("label", arguments->label, "One of its model's labels").required();
  label.add_option("--for", arguments->span, "How long, as 10s").capture_default_str();
  Command teaching = add_mcu_action(actions, "teach", "Teach it labelled rows of a table", teach);
  teaching.add_option("--rate", arguments->learning_rate, "Learning rate; 0: the usual one")
      .between(0.0, 10.0);
  add_rows(teaching, *arguments, true);
  Command fetch = add_mcu_action(
      actions, "pull", "Fetch what it learned, check it, and keep it as the model's next version",
      pull);
  add_rows(fetch, *arguments, false);
  fetch.add_option("-o,--output", arguments->output, "Also write the bundle (.hb) to this file");
}

}  // namespace haltere::agent
