#include "agent/deploy/mcu_worker.hpp"

#include <algorithm>
#include <utility>

#include "agent/deploy/mcu_text.hpp"

namespace haltere::agent {
namespace {

// The model there and the one before it: what may still answer.
constexpr std::size_t known_models_kept = 2;

bool line_is_broken(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::io ||
         error.kind == ErrorKind::timeout;
}

}  // namespace

std::optional<double> McuSnapshot::agreement() const {
  const std::uint64_t all = compared + (own_sensor ? own_sensor->compared : 0);
  if (all == 0) return std::nullopt;
  const std::uint64_t equal = agreed + (own_sensor ? own_sensor->agreed : 0);
  return static_cast<double>(equal) / static_cast<double>(all);
}

McuWorker::McuWorker(McuWorkerSettings settings, OpenPort open)
    : settings_(std::move(settings)), open_(std::move(open)) {}

McuWorker::~McuWorker() { stop(); }

void McuWorker::start() {
  if (thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void McuWorker::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  const std::lock_guard lock(mutex_);
  state_.connected = false;
}

void McuWorker::offer(BundleBytes bundle) {
  {
    const std::lock_guard lock(mutex_);
    waiting_bundle_ = std::move(bundle);
  }
  changed_.notify_all();
}

void McuWorker::infer(std::span<const float> features) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_features_.size() >= settings_.queue_windows) {
      waiting_features_.pop_front();
      ++state_.dropped_features;
    }
    waiting_features_.emplace_back(features.begin(), features.end());
  }
  changed_.notify_all();
}

bool McuWorker::drain(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] {
    return !working_ && waiting_bundle_ == nullptr && waiting_features_.empty();
  });
}

McuSnapshot McuWorker::snapshot() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void McuWorker::run(const std::stop_token& stop) {
  auto backoff = settings_.first_backoff;
  while (!stop.stop_requested()) {
    if (connect_and_serve(stop)) backoff = settings_.first_backoff;
    std::unique_lock lock(mutex_);
    state_.connected = false;
    changed_.wait_for(lock, stop, backoff, [] { return false; });
    backoff = std::min(backoff * 2, settings_.longest_backoff);
  }
}

// Returns when the line broke or at a stop; true when it had been good.
bool McuWorker::connect_and_serve(const std::stop_token& stop) {
  auto port = open_(settings_.device, settings_.baud);
  if (!port) return note_error(port.error()), false;
  McuLink link(std::move(port).value(), settings_.id, settings_.patience, stop);
  if (settings_.keys) link.set_keys(*settings_.keys);
  if (auto hello = link.hello(); !hello) return note_error(hello.error()), false;
  note_hello(link.info());
  if (const Status served = serve(link, stop); !served) note_error(served.error());
  return true;
}

// Until the line breaks, which is the error, or a stop.
Status McuWorker::serve(McuLink& link, const std::stop_token& stop) {
  std::optional<OwnSensor> own;
  if (Status begun = begin_stream(link, own); !begun) return begun;
  while (!stop.stop_requested()) {
    const bool streams = own && own->figures().streams;
    auto work = next_work(stop, !streams);
    Status done;
    if (work) {
      done = do_work(link, *work);
    } else if (streams) {
      done = listen(link, *own);
    }
    if (!done && line_is_broken(done.error())) return done;
  }
  return {};
}

Status McuWorker::do_work(McuLink& link, Work& work) {
  Status done = work.bundle ? hand_over(link, work) : infer_there(link, work);
  finish_work(work, done);
  return done;
}

// A stream that it refuses leaves the rest of its service as it is; a broken line is the error.
Status McuWorker::begin_stream(McuLink& link, std::optional<OwnSensor>& own) {
  if (settings_.feed == nullptr) return {};
  own.emplace(settings_.feed, [this](std::uint32_t version) { return find_model(version); });
  Status begun = own->begin(link);
  const std::lock_guard lock(mutex_);
  state_.own_sensor = own->figures();
  if (begun) return {};
  state_.last_error = begun.error().message;
  settings_.feed->end({begun.error().kind, "mcu '" + settings_.id + "': " + begun.error().message});
  return line_is_broken(begun.error()) ? begun : Status();
}

Status McuWorker::listen(McuLink& link, OwnSensor& own) {
  Status heard = own.listen(link);
  const std::lock_guard lock(mutex_);
  state_.own_sensor = own.figures();
  return heard;
}

void McuWorker::note_hello(const McuInfo& info) {
  const std::lock_guard lock(mutex_);
  if (!state_.core.empty()) ++state_.reconnects;
  state_.connected = true;
  state_.core = to_string(info.core);
  state_.firmware_version = format_version(info.firmware_version);
  state_.model_version = info.model_version;
  state_.model_hash = info.model_hash;
  state_.last_error.clear();
  // Another one at the same place, or one that forgets: it gets what the last one had.
  const bool empty = info.active_slot == link::no_slot;
  if (empty && waiting_bundle_ == nullptr) waiting_bundle_ = handed_over_;
}

std::optional<McuWorker::Work> McuWorker::next_work(const std::stop_token& stop, bool wait) {
  std::unique_lock lock(mutex_);
  const auto waits = [this] { return waiting_bundle_ != nullptr || !waiting_features_.empty(); };
  const bool any = wait ? changed_.wait(lock, stop, waits) : waits();
  if (!any || stop.stop_requested()) return std::nullopt;
  working_ = true;
  Work work;
  // The bundle first: features wait for the newest model.
  work.bundle = std::exchange(waiting_bundle_, nullptr);
  if (work.bundle == nullptr) {
    work.features = std::move(waiting_features_.front());
    waiting_features_.pop_front();
  }
  return work;
}

void McuWorker::finish_work(Work& work, const Status& done) {
  const std::lock_guard lock(mutex_);
  working_ = false;
  if (done) {
    state_.last_error.clear();
  } else {
    state_.last_error = done.error().message;
    const bool again = line_is_broken(done.error());
    // What a broken line interrupted is done after reconnecting, unless something newer came.
    if (again && work.bundle != nullptr && waiting_bundle_ == nullptr) {
      waiting_bundle_ = std::move(work.bundle);
    } else if (again && work.bundle == nullptr) {
      waiting_features_.push_front(std::move(work.features));
    } else if (work.bundle != nullptr) {
      ++state_.refused;
    } else {
      ++state_.dropped_features;
    }
  }
  changed_.notify_all();
}

Status McuWorker::hand_over(McuLink& link, const Work& work) {
  auto active = link.push(*work.bundle);
  if (!active) return active.error();
  remember(work.bundle, active->model_hash);
  const std::lock_guard lock(mutex_);
  handed_over_ = work.bundle;
  ++state_.handed_over;
  state_.model_version = active->model_version;
  state_.model_hash = active->model_hash;
  return {};
}

// Keeps a bundle to compare answers with. `hash`: what it is called there.
void McuWorker::remember(const BundleBytes& bundle, std::uint64_t hash) {
  auto model = models::Int8Model::create(*bundle);
  if (!model) return;  // the microcontroller took it, so it is one
  std::erase_if(known_models_, [hash](const KnownModel& known) { return known.hash == hash; });
  known_models_.push_back({hash, std::move(model).value()});
  if (known_models_.size() > known_models_kept) known_models_.erase(known_models_.begin());
}

Status McuWorker::infer_there(McuLink& link, const Work& work) {
  if (link.info().active_slot == link::no_slot) {
    const std::lock_guard lock(mutex_);
    ++state_.dropped_features;
    return {};
  }
  auto inference = link.infer(work.features);
  if (!inference) return inference.error();
  const std::optional<bool> agrees = agreement(*inference, work.features);
  const std::lock_guard lock(mutex_);
  ++state_.inferences;
  state_.last_verdict = inference->verdict;
  state_.model_version = inference->model_version;
  state_.model_hash = inference->model_hash;
  if (agrees) ++state_.compared;
  if (agrees.value_or(false)) ++state_.agreed;
  return {};
}

// Whether this board's run of the same bundle gives the same; nothing when it is not known here.
std::optional<bool> McuWorker::agreement(const Inference& inference,
                                         const std::vector<float>& features) {
  for (auto& [hash, model] : known_models_) {
    if (hash != inference.model_hash) continue;
    if (model.view().inputs != features.size()) return std::nullopt;
    const kernels::Verdict verdict = model.run(features);
    return verdict.label == inference.verdict &&
           std::ranges::equal(model.outputs(), inference.outputs);
  }
  return std::nullopt;
}

models::Int8Model* McuWorker::find_model(std::uint32_t version) {
  const auto found = std::ranges::find_if(known_models_, [version](const KnownModel& known) {
    return known.model.view().version == version;
  });
  return found == known_models_.end() ? nullptr : &found->model;
}

void McuWorker::note_error(const Error& error) {
  const std::lock_guard lock(mutex_);
  state_.last_error = error.message;
}

}  // namespace haltere::agent
