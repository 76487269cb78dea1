#include "agent/pipeline/live_run.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/deploy/mcu_text.hpp"
#include "agent/pipeline/report.hpp"
#include "agent/store/checkpoint.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

// Together well below the 2 s in which a stop must be over.
constexpr std::chrono::milliseconds mcu_patience{700};
constexpr std::chrono::milliseconds answer_patience{500};
constexpr std::chrono::milliseconds longest_sleep{500};
constexpr double longest_label_s = 24.0 * 3600.0;

}  // namespace

LiveRun::LiveRun(PipelineSpec spec, LiveOptions options)
    : spec_(std::move(spec)), options_(std::move(options)) {}

LiveRun::~LiveRun() { finish_threads(); }

Result<std::unique_ptr<LiveRun>> LiveRun::create(PipelineSpec spec, LiveOptions options) {
  std::unique_ptr<LiveRun> run(new LiveRun(std::move(spec), std::move(options)));
  if (Status built = run->build(); !built) return built.error();
  run->resume();
  run->add_buses();
  run->add_mcus();
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
    const auto resumed = resume_model(options_.state, model);
    if (!resumed) {
      spdlog::warn("{}", resumed.error().message);
    } else if (*resumed) {
      spdlog::info("model '{}' goes on after {} learned windows", model.spec().id,
                   model.model().counters().learned);
    }
  }
}

void LiveRun::add_buses() {
  if (options_.buses == nullptr) {
    options_.buses = std::make_shared<sensors::Buses>();
    for (const BusSpec& bus : spec_.buses) options_.buses->add_i2c(bus.id, bus.device);
  }
  // Sensors of one bus share a thread; every other sensor has a device, and a thread, of its own.
  std::vector<std::pair<std::string, std::vector<std::unique_ptr<SensorKeeper>>>> groups;
  for (std::size_t i = 0; i < spec_.sensors.size(); ++i) {
    const SensorSpec& sensor = spec_.sensors[i];
    auto open = [&sensor, buses = options_.buses] {
      return sensor.driver->open(sensor.settings, *buses);
    };
    auto keeper =
        std::make_unique<SensorKeeper>(sensor.id, static_cast<std::uint16_t>(i), std::move(open));
    const auto group = std::ranges::find_if(groups, [&](const auto& candidate) {
      return !sensor.bus.empty() && candidate.first == sensor.bus;
    });
    if (group != groups.end()) {
      group->second.push_back(std::move(keeper));
      continue;
    }
    groups.emplace_back(sensor.bus, std::vector<std::unique_ptr<SensorKeeper>>());
    groups.back().second.push_back(std::move(keeper));
  }
  for (auto& [bus, keepers] : groups) {
    buses_.push_back(std::make_unique<BusThread>(std::move(keepers), spec_.queue_samples, bell_));
  }
}

void LiveRun::add_mcus() {
  for (const McuSpec& mcu : spec_.mcus) {
    McuWorkerSettings settings;
    settings.id = mcu.id;
    settings.device = mcu.device;
    settings.baud = mcu.baud;
    workers_.push_back(std::make_unique<McuWorker>(std::move(settings)));
  }
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
  control_->on("status", [this](const json&) { return on_status(); });
  control_->on("mcu_status", [this](const json&) -> Result<json> {
    return json{{"mcus", mcu_report()}};
  });
}

Result<json> LiveRun::on_label(const json& request) {
  const std::string label = request.value("label", std::string());
  const double seconds = request.value("seconds", 0.0);
  if (label.empty() || !(seconds > 0.0) || seconds > longest_label_s) {
    return Error{ErrorKind::invalid, "a label needs a name and a time between 0 and 24 h"};
  }
  const auto span = std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
  const auto takers = mailbox_.ask<std::size_t>(
      [this, label, span] { return graph_->give_label(label, span); }, answer_patience);
  if (!takers) return Error{ErrorKind::timeout, "the pipeline does not answer"};
  if (*takers > 0) return json{{"models", *takers}};
  std::vector<std::string_view> known;
  for (const ModelSpec& model : spec_.models) {
    known.insert(known.end(), model.settings.labels.begin(), model.settings.labels.end());
  }
  return Error{ErrorKind::not_found,
               "no model has the label '" + label + "'" + config::suggestion(label, known)};
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
  for (const auto& bus : buses_) bus->start();
}

void LiveRun::finish_threads() {
  for (const auto& bus : buses_) bus->stop();
  control_.reset();
  const auto deadline = Clock::now() + mcu_patience;
  for (const auto& worker : workers_) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() > 0 && worker->snapshot().connected) worker->drain(left);
    worker->stop();
  }
}

bool LiveRun::is_over(int stop_fd) const {
  if (options_.longest && Clock::now() - started_ >= *options_.longest) return true;
  if (options_.most_samples > 0 && samples_ >= options_.most_samples) return true;
  pollfd stop{stop_fd, POLLIN, 0};
  return poll(&stop, 1, 0) > 0;
}

bool LiveRun::drain_queues() {
  bool more = false;
  sensors::Sample sample;
  for (const auto& bus : buses_) {
    // At most what fits, so that a flood on one bus does not silence the others.
    std::size_t left = bus->queue().capacity();
    bool after_drop = false;
    while (left > 0 && bus->queue().pop(sample, after_drop)) {
      if (after_drop) {
        for (const auto& keeper : bus->keepers()) graph_->break_segment(keeper->index());
        after_drop = false;
      }
      graph_->push(sample, *this);
      --left;
    }
    more = more || left == 0;
  }
  samples_ = graph_->samples();
  return more;
}

void LiveRun::keep_house() {
  const auto now = Clock::now();
  if (options_.show_status && status_line_.is_due(now)) status_line_.show(status(), now);
  if (now < next_checkpoint_) return;
  next_checkpoint_ = now + spec_.checkpoint_every;
  save_checkpoints();
}

Result<json> LiveRun::run(int stop_fd) {
  start();
  bool more = false;
  while (!is_over(stop_fd)) {
    if (!more) bell_.wait(static_cast<int>(longest_sleep.count()), stop_fd);
    bell_.clear();
    mailbox_.work_off();
    more = drain_queues();
    keep_house();
  }
  for (const auto& bus : buses_) bus->stop();
  while (drain_queues()) {
  }
  if (options_.show_status) {
    status_line_.show(status(), Clock::now());
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
    if (spec_.mcus[i].model == event.model) workers_[i]->infer(event.features);
  }
}

void LiveRun::on_promotion(std::size_t model, std::span<const std::uint8_t> bundle) {
  next_checkpoint_ = Clock::now();  // a power cut must not leave a model newer than what made it
  const models::Int8Model* deployed = graph_->models()[model].promotion().deployed();
  const std::uint32_t version = deployed == nullptr ? 0 : deployed->view().version;
  store_.write(bundle_path(options_.state, spec_.models[model].id, version),
               {bundle.begin(), bundle.end()});
  offer(model, bundle);
}

void LiveRun::offer(std::size_t model, std::span<const std::uint8_t> bundle) {
  const auto shared =
      std::make_shared<const std::vector<std::uint8_t>>(bundle.begin(), bundle.end());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (spec_.mcus[i].model == model) workers_[i]->offer(shared);
  }
}

std::uint64_t LiveRun::dropped() const {
  std::uint64_t dropped = 0;
  for (const auto& bus : buses_) dropped += bus->queue().dropped();
  return dropped;
}

StatusFigures LiveRun::status() const {
  StatusFigures figures{
      .samples = graph_->samples(), .dropped = dropped(), .models = {}, .mcus = {}, .silent = {}};
  for (const ModelNode& model : graph_->models()) {
    StatusFigures::Model shown{.id = model.spec().id,
                               .windows = model.counters().windows,
                               .learned = model.model().counters().learned,
                               .accuracy = {}};
    if (model.spec().settings.task == learner::Task::classify) {
      shown.accuracy = model.model().class_metrics().all().accuracy();
    }
    figures.models.push_back(std::move(shown));
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const McuSnapshot mcu = workers_[i]->snapshot();
    figures.mcus.push_back({.id = spec_.mcus[i].id,
                            .connected = mcu.connected,
                            .model_version = mcu.model_version,
                            .agreement = mcu.agreement()});
  }
  for (const auto& bus : buses_) {
    for (const auto& keeper : bus->keepers()) {
      if (!keeper->health().connected) figures.silent.push_back(spec_.sensors[keeper->index()].id);
    }
  }
  return figures;
}

json LiveRun::mcu_report() const {
  json report = json::object();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const McuSnapshot mcu = workers_[i]->snapshot();
    json figures = {{"connected", mcu.connected},
                    {"core", mcu.core},
                    {"firmware_version", mcu.firmware_version},
                    {"model_version", mcu.model_version},
                    {"model_hash", format_hash(mcu.model_hash)},
                    {"inferences", mcu.inferences},
                    {"compared", mcu.compared},
                    {"agreed", mcu.agreed},
                    {"dropped_features", mcu.dropped_features},
                    {"handed_over", mcu.handed_over},
                    {"refused", mcu.refused},
                    {"reconnects", mcu.reconnects},
                    {"last_error", mcu.last_error}};
    if (const auto agreement = mcu.agreement()) figures["agreement"] = *agreement;
    report[spec_.mcus[i].id] = std::move(figures);
  }
  return report;
}

json LiveRun::report() const {
  const std::chrono::duration<double> elapsed = Clock::now() - started_;
  RunFigures figures{.seconds = elapsed.count(), .dropped = dropped(), .sensors = {}};
  figures.sensors.resize(spec_.sensors.size());
  for (const auto& bus : buses_) {
    for (const auto& keeper : bus->keepers()) figures.sensors[keeper->index()] = keeper->health();
  }
  json report = make_report(spec_, *graph_, figures);
  report["mcus"] = mcu_report();
  report["state_saved"] = store_.healthy();
  return report;
}

}  // namespace haltere::agent
