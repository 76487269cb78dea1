#include "agent/pipeline/live_run.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "agent/deploy/registry.hpp"
#include "agent/pipeline/live_figures.hpp"
#include "agent/pipeline/live_parts.hpp"
#include "agent/pipeline/report.hpp"
#include "agent/store/checkpoint.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

// Together well below the 2 s in which a stop must be over.
constexpr std::chrono::milliseconds mcu_patience{700};
constexpr std::chrono::milliseconds answer_patience{500};
constexpr std::chrono::milliseconds longest_sleep{500};
constexpr double longest_label_s = 24.0 * 3600.0;

std::chrono::nanoseconds in_ns(double seconds) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

}  // namespace

LiveRun::LiveRun(PipelineSpec spec, LiveOptions options)
    : spec_(std::move(spec)), options_(std::move(options)) {}

LiveRun::~LiveRun() { finish_threads(); }

Result<std::unique_ptr<LiveRun>> LiveRun::create(PipelineSpec spec, LiveOptions options) {
  std::unique_ptr<LiveRun> run(new LiveRun(std::move(spec), std::move(options)));
  if (Status built = run->build(); !built) return built.error();
  run->resume();
  run->connect();
  run->open_control();
  return run;
}

Status LiveRun::build() {
  auto graph = Graph::create(spec_, options_.learn);
  if (!graph) return graph.error();
  graph_ = std::move(graph).value();
  auto files = RunFiles::open(options_.files, *graph_);
  if (!files) return files.error();
  files_ = std::move(files).value();
  return {};
}

void LiveRun::resume() {
  for (ModelNode& model : graph_->models()) {
    const Status pruned = Registry(options_.state).prune(model.spec().id, kept_versions);
    if (!pruned) spdlog::warn("{}", pruned.error().message);
    const auto resumed = resume_model(options_.state, model);
    if (!resumed) {
      spdlog::warn("{}", resumed.error().message);
    } else if (*resumed) {
      spdlog::info("model '{}' goes on after {} learned windows", model.spec().id,
                   model.model().counters().learned);
    }
  }
}

void LiveRun::connect() {
  if (options_.buses == nullptr) options_.buses = make_buses(spec_);
  add_mcu_feeds(spec_, *options_.buses);
  intake_.emplace(spec_, options_.buses, bell_);
  workers_ = make_mcu_workers(spec_, options_.state, *options_.buses);
  for (std::size_t i = 0; i < graph_->models().size(); ++i) {
    const models::Int8Model* deployed = graph_->models()[i].promotion().deployed();
    if (deployed != nullptr) offer(i, deployed->bytes());
  }
}

void LiveRun::open_control() {
  if (options_.control.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(options_.control.parent_path(), ignored);
  auto control = ControlSocket::open(options_.control);
  if (!control) {
    spdlog::warn("no control socket, so no `haltere label` and `haltere status`: {}",
                 control.error().message);
    return;
  }
  control_ = std::move(control).value();
  control_->on("label", [this](const json& request) { return on_label(request); });
  control_->on("relabel", [this](const json& request) { return on_relabel(request); });
  control_->on("wanted", [this](const json&) { return on_wanted(); });
  control_->on("status", [this](const json&) { return on_status(); });
  control_->on("mcu_status", [this](const json&) -> Result<json> {
    return json{{"mcus", mcu_report(spec_, mcus())}};
  });
}

Result<json> LiveRun::on_label(const json& request) {
  const std::string label = request.value("label", std::string());
  const double seconds = request.value("seconds", 0.0);
  if (label.empty() || !(seconds > 0.0) || seconds > longest_label_s) {
    return Error{ErrorKind::invalid, "a label needs a name and a time between 0 and 24 h"};
  }
  const std::chrono::nanoseconds span = in_ns(seconds);
  const auto takers = mailbox_.ask<std::size_t>(
      [this, label, span] { return graph_->give_label(label, span); }, answer_patience);
  if (!takers) return Error{ErrorKind::timeout, "the pipeline does not answer"};
  if (*takers > 0) return json{{"models", *takers}};
  return unknown_label(label);
}

Error LiveRun::unknown_label(const std::string& label) const {
  std::vector<std::string_view> known;
  for (const ModelSpec& model : spec_.models) {
    known.insert(known.end(), model.settings.labels.begin(), model.settings.labels.end());
  }
  return {ErrorKind::not_found,
          "no model has the label '" + label + "'" + config::suggestion(label, known)};
}

Result<json> LiveRun::on_relabel(const json& request) {
  const std::string label = request.value("label", std::string());
  const double ago_s = request.value("ago", 0.0);
  const double seconds = request.value("seconds", 0.0);
  if (!(seconds > 0.0) || !(ago_s >= seconds) || ago_s > longest_label_s) {
    return Error{ErrorKind::invalid,
                 "a label after the fact begins at most 24 h ago and ends before now"};
  }
  const auto relabelled = mailbox_.ask<Relabelled>(
      [this, label, ago_s, seconds] {
        return graph_->relabel(label, in_ns(ago_s), in_ns(seconds));
      },
      answer_patience);
  if (!relabelled) return Error{ErrorKind::timeout, "the pipeline does not answer"};
  if (relabelled->models == 0) return unknown_label(label);
  return json{{"models", relabelled->models}, {"windows", relabelled->windows}};
}

Result<json> LiveRun::on_wanted() {
  auto answer = mailbox_.ask<json>([this] { return wanted_report(*graph_); }, answer_patience);
  if (!answer) return Error{ErrorKind::timeout, "the pipeline does not answer"};
  return json{{"wanted", *std::move(answer)}};
}

Result<json> LiveRun::on_status() {
  auto answer = mailbox_.ask<json>([this] { return report(); }, answer_patience);
  if (!answer) return Error{ErrorKind::timeout, "the pipeline does not answer"};
  return *std::move(answer);
}

void LiveRun::start() {
  started_ = Clock::now();
  next_checkpoint_ = started_ + spec_.checkpoint_every;
  for (const auto& worker : workers_) worker->start();
  if (control_ != nullptr) control_->start();
  intake_->start();
}

void LiveRun::finish_threads() {
  if (intake_) intake_->stop();
  control_.reset();
  const auto deadline = Clock::now() + mcu_patience;
  for (const auto& worker : workers_) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() > 0 && worker->snapshot().connected) worker->drain(left);
    // Stopping takes the connection down, which is not what a report is asked for.
    if (!ended_) mcus_at_end_.push_back(worker->snapshot());
    worker->stop();
  }
  ended_ = true;
}

bool LiveRun::is_over(int stop_fd) const {
  if (options_.longest && Clock::now() - started_ >= *options_.longest) return true;
  if (options_.most_samples > 0 && samples_ >= options_.most_samples) return true;
  pollfd stop{stop_fd, POLLIN, 0};
  return poll(&stop, 1, 0) > 0;
}

void LiveRun::keep_house() {
  const auto now = Clock::now();
  if (options_.show_status && status_line_.is_due(now))
    status_line_.show(status_figures(*graph_, intake_->buses(), mcus()), now);
  if (now < next_checkpoint_) return;
  next_checkpoint_ = now + spec_.checkpoint_every;
  save_checkpoints();
  if (options_.report.empty()) return;
  const std::string text = report().dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  store_.write(options_.report, {text.begin(), text.end()});
}

Result<json> LiveRun::run(int stop_fd) {
  start();
  bool more = false;
  while (!is_over(stop_fd)) {
    if (!more) bell_.wait(static_cast<int>(intake_->idle_time(longest_sleep).count()), stop_fd);
    bell_.clear();
    mailbox_.work_off();
    more = intake_->drain(*graph_, *this);
    samples_ = graph_->samples();
    keep_house();
  }
  intake_->finish(*graph_, *this);
  samples_ = graph_->samples();
  if (options_.show_status) {
    status_line_.show(status_figures(*graph_, intake_->buses(), mcus()), Clock::now());
    status_line_.end();
  }
  finish_threads();
  save_checkpoints();
  store_.flush();
  if (Status finished = files_->finish(*graph_); !finished) return finished.error();
  json final_report = report();
  for (ModelNode& model : graph_->models()) {
    if (auto held_out = model.test_held_out()) {
      final_report["models"][model.spec().id]["held_out"] = held_out_report(*held_out);
    }
  }
  return final_report;
}

void LiveRun::save_checkpoints() {
  for (const ModelNode& model : graph_->models()) {
    if (model.counters().labelled == 0) continue;  // nothing new since the start
    store_.write(checkpoint_path(options_.state, model.spec().id), model.save());
  }
}

void LiveRun::on_window(const WindowEvent& event) {
  files_->on_window(*graph_, event);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const McuSpec& mcu = spec_.mcus[i];
    // One that sees the windows itself is not asked.
    if (mcu.model == event.model && !mcu.sees_windows) workers_[i]->infer(event.features);
  }
}

void LiveRun::on_promotion(std::size_t model, std::span<const std::uint8_t> bundle) {
  next_checkpoint_ = Clock::now();  // a power cut must not leave a model newer than what made it
  const models::Int8Model* deployed = graph_->models()[model].promotion().deployed();
  const std::uint32_t version = deployed == nullptr ? 0 : deployed->view().version;
  store_.write(bundle_path(options_.state, spec_.models[model].id, version),
               {bundle.begin(), bundle.end()});
  if (version > kept_versions)
    store_.remove(bundle_path(options_.state, spec_.models[model].id, version - kept_versions));
  offer(model, bundle);
}

void LiveRun::offer(std::size_t model, std::span<const std::uint8_t> bundle) {
  const auto shared =
      std::make_shared<const std::vector<std::uint8_t>>(bundle.begin(), bundle.end());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (spec_.mcus[i].model == model) workers_[i]->offer(shared);
  }
}

std::vector<McuSnapshot> LiveRun::mcus() const {
  if (ended_) return mcus_at_end_;
  std::vector<McuSnapshot> mcus;
  for (const auto& worker : workers_) mcus.push_back(worker->snapshot());
  return mcus;
}

json LiveRun::report() const {
  const std::chrono::duration<double> elapsed = Clock::now() - started_;
  const RunFigures figures{.seconds = elapsed.count(),
                           .dropped = dropped_samples(intake_->buses()),
                           .sensors = sensor_health(spec_, intake_->buses())};
  json report = make_report(spec_, *graph_, figures);
  report["ended"] = ended_;
  report["mcus"] = mcu_report(spec_, mcus());
  report["state_saved"] = store_.healthy();
  return report;
}

}  // namespace haltere::agent
