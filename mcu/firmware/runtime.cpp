#include "mcu/firmware/runtime.hpp"

#include <string.h>

#include "mcu/link/bytes.hpp"
#include "mcu/link/checksum.hpp"
#include "models/kernels/quantize_f32_s8.hpp"

namespace haltere {
namespace firmware {

using link::ErrorCode;
using link::MessageType;

Runtime::Runtime(const Platform& platform, const Memory& memory, const Storage& storage,
                 const link::ByteSink& out)
    : platform_(platform),
      memory_(memory),
      slots_(storage),
      out_(out),
      decoder_(memory.received, memory.content_bytes),
      model_() {}

void Runtime::boot() {
  for (int tried = 0; tried < slot_count; ++tried) {
    const int slot = slots_.newest(no_slot);
    if (slot == no_slot) return;
    kernels::BundleView view;
    if (load(slot, view).error == ErrorCode::none) return make_active(slot, view);
    ++counters_.boot_fallbacks;
    slots_.retire(slot);
  }
}

void Runtime::take(uint8_t byte) {
  if (decoder_.take(byte)) answer(decoder_.frame());
}

void Runtime::answer(const link::Frame& request) {
  const size_t room = memory_.content_bytes - link::header_bytes - link::crc_bytes;
  link::ByteWriter reply(memory_.reply + link::header_bytes, room);
  silent_ = false;
  const Outcome outcome =
      request.flags != 0 ? Outcome{ErrorCode::unsupported, 0} : dispatch(request, reply);
  if (outcome.error == ErrorCode::none) {
    if (!silent_) send(static_cast<uint8_t>(request.type | link::reply_bit), reply);
    return;
  }
  ++counters_.refused_requests;
  link::ByteWriter refusal(memory_.reply + link::header_bytes, room);
  link::ErrorReply error;
  error.request = request.type;
  error.code = outcome.error;
  error.detail = outcome.detail;
  encode(error, refusal);
  send(static_cast<uint8_t>(MessageType::error), refusal);
}

void Runtime::send(uint8_t type, const link::ByteWriter& reply) {
  link::Frame frame;
  frame.type = type;
  frame.sequence = decoder_.frame().sequence;
  frame.payload_bytes = reply.size();
  link::send_frame(frame, memory_.reply, out_);
}

Runtime::Outcome Runtime::dispatch(const link::Frame& request, link::ByteWriter& reply) {
  switch (static_cast<MessageType>(request.type)) {
    case MessageType::hello: return on_hello(request, reply);
    case MessageType::begin: return on_begin(request, reply);
    case MessageType::data: return on_data(request, reply);
    case MessageType::commit: return on_commit(request, reply);
    case MessageType::activate: return on_activate(request, reply);
    case MessageType::rollback: return on_rollback(request, reply);
    case MessageType::status: return on_status(request, reply);
    case MessageType::infer:
    case MessageType::extract:
    case MessageType::bench: return dispatch_model(request, reply);
    case MessageType::reset:
      if (request.payload_bytes != 0) return {ErrorCode::malformed, 0};
      reset_requested_ = true;
      return {};
    case MessageType::error: break;
  }
  return {ErrorCode::unsupported, 0};
}

// Requests that need a model.
Runtime::Outcome Runtime::dispatch_model(const link::Frame& request, link::ByteWriter& reply) {
  if (active_ == no_slot) return {ErrorCode::no_model, 0};
  const auto type = static_cast<MessageType>(request.type);
  if (type == MessageType::infer) return on_infer(request, reply);
  if (type == MessageType::extract) return on_extract(request, reply);
  return on_bench(request, reply);
}

Runtime::Outcome Runtime::on_hello(const link::Frame& request, link::ByteWriter& reply) {
  link::HelloRequest hello;
  if (!decode(request.payload, request.payload_bytes, hello)) return {ErrorCode::malformed, 0};
  if (hello.protocol != link::protocol_version) {
    return {ErrorCode::unsupported, link::protocol_version};
  }
  link::HelloReply answer;
  answer.core = platform_.core;
  answer.reset_reason = platform_.reset_reason;
  answer.bundle_format = static_cast<uint8_t>(kernels::bundle_format_version);
  answer.max_content_bytes = static_cast<uint16_t>(memory_.content_bytes);
  answer.window_frames = memory_.window_frames;
  answer.firmware_version = firmware_version;
  answer.ram_bytes = static_cast<uint32_t>(memory_.arena_bytes);
  answer.slot_bytes = slots_.capacity_bytes();
  answer.boots = platform_.boots;
  if (active_ != no_slot) {
    answer.active_slot = static_cast<uint8_t>(active_);
    answer.model_version = model_.version;
    answer.model_hash = active_hash_;
    const int previous = slots_.newest(active_);
    if (previous != no_slot) answer.previous_hash = slots_.record(previous).hash;
  }
  encode(answer, reply);
  return {};
}

Runtime::Outcome Runtime::on_begin(const link::Frame& request, link::ByteWriter& reply) {
  link::BeginRequest begin;
  if (!decode(request.payload, request.payload_bytes, begin)) return {ErrorCode::malformed, 0};
  if (begin.length_bytes == 0) return {ErrorCode::out_of_range, slots_.capacity_bytes()};
  if (begin.length_bytes > slots_.capacity_bytes()) return {ErrorCode::too_big, begin.length_bytes};
  const int slot = is_active(begin.hash) ? active_ : idle_slot();
  const SlotRecord present = slots_.record(slot);
  // A slot that was active once cannot be activated again (its word is written): it starts anew.
  const bool resumable = present.begun && !present.retired && present.hash == begin.hash &&
                         present.length_bytes == begin.length_bytes &&
                         (present.activation == 0 || slot == active_);
  if (!resumable && !slots_.begin(slot, begin.length_bytes, begin.hash)) {
    return {ErrorCode::storage, 0};
  }
  // A begin that is repeated in mid-transfer must not throw away the started page.
  const bool continues = resumable && receiving_ == slot && receiving_hash_ == begin.hash;
  if (!continues) next_offset_ = resumable ? slots_.stored_bytes(slot) : 0;
  receiving_ = slot;
  receiving_hash_ = begin.hash;
  length_bytes_ = begin.length_bytes;
  unacknowledged_frames_ = 0;
  gap_reported_ = false;
  link::BeginReply answer;
  answer.next_offset = next_offset_;
  encode(answer, reply);
  return {};
}

Runtime::Outcome Runtime::on_data(const link::Frame& request, link::ByteWriter& reply) {
  link::DataRequest data;
  if (!decode(request.payload, request.payload_bytes, data)) return {ErrorCode::malformed, 0};
  if (receiving_ == no_slot) return {ErrorCode::no_transfer, 0};
  if (data.offset > length_bytes_ || data.count > length_bytes_ - data.offset) {
    return {ErrorCode::out_of_range, length_bytes_};
  }
  if (data.count % 4 != 0 && data.offset + data.count != length_bytes_) {
    return {ErrorCode::malformed, 0};
  }
  const bool repeated = data.offset < next_offset_;
  link::DataReply progress;
  const Outcome outcome = store(data, progress);
  if (outcome.error != ErrorCode::none) return outcome;
  progress.next_offset = next_offset_;
  silent_ = !acknowledgement_due(progress, repeated);
  if (!silent_) unacknowledged_frames_ = 0;
  encode(progress, reply);
  return {};
}

Runtime::Outcome Runtime::store(const link::DataRequest& data, link::DataReply& progress) {
  if (data.offset > next_offset_) {
    progress.flags = link::data_gap;
    return {};
  }
  if (data.offset < next_offset_) return {};
  const auto count = static_cast<uint32_t>(data.count);
  if (!slots_.append(receiving_, data.offset, data.bytes, count)) {
    receiving_ = no_slot;
    return {ErrorCode::storage, 0};
  }
  next_offset_ += count;
  gap_reported_ = false;
  ++unacknowledged_frames_;
  return {};
}

bool Runtime::acknowledgement_due(const link::DataReply& progress, bool repeated) {
  if ((progress.flags & link::data_gap) != 0) {
    const bool first = !gap_reported_;
    gap_reported_ = true;
    return first;
  }
  return repeated || next_offset_ == length_bytes_ ||
         unacknowledged_frames_ >= (memory_.window_frames + 1) / 2;
}

Runtime::Outcome Runtime::on_commit(const link::Frame& request, link::ByteWriter& reply) {
  link::HashRequest commit;
  if (!decode(request.payload, request.payload_bytes, commit)) return {ErrorCode::malformed, 0};
  link::CommitReply answer;
  if (is_active(commit.hash)) {
    answer.slot = static_cast<uint8_t>(active_);
    encode(answer, reply);
    return {};
  }
  const int slot = idle_slot();
  const SlotRecord present = slots_.record(slot);
  if (!present.begun || present.retired || present.hash != commit.hash) {
    return {ErrorCode::no_transfer, 0};
  }
  const uint32_t stored = slots_.stored_bytes(slot);
  if (stored != present.length_bytes) return {ErrorCode::incomplete, stored};
  if (!present.committed) {
    kernels::BundleView view;
    const Outcome outcome = load(slot, view);
    if (outcome.error != ErrorCode::none) {
      ++counters_.refused_bundles;
      slots_.retire(slot);
      receiving_ = no_slot;
      return outcome;
    }
    if (!slots_.commit(slot)) return {ErrorCode::storage, 0};
    ++counters_.commits;
  }
  answer.slot = static_cast<uint8_t>(slot);
  encode(answer, reply);
  return {};
}

// Everything a model must pass before it may run. Leaves the active one alone.
Runtime::Outcome Runtime::load(int slot, kernels::BundleView& view) {
  const SlotRecord present = slots_.record(slot);
  const uint8_t* bytes = slots_.bundle(slot);
  if (link::fnv1a_64(link::fnv1a_start, bytes, present.length_bytes) != present.hash) {
    return {ErrorCode::hash_mismatch, 0};
  }
  const kernels::BundleError opened = kernels::open_bundle(bytes, present.length_bytes, view);
  if (opened != kernels::BundleError::none) {
    return {ErrorCode::bad_bundle, static_cast<uint32_t>(opened)};
  }
  const size_t needed = kernels::self_test_scratch_bytes(view);
  if (needed > memory_.arena_bytes) return {ErrorCode::too_big, static_cast<uint32_t>(needed)};
  if (kernels::bundle_self_test(view, scratch()) != kernels::BundleError::none) {
    return {ErrorCode::self_test, 0};
  }
  return {};
}

void Runtime::make_active(int slot, const kernels::BundleView& view) {
  active_ = slot;
  active_hash_ = slots_.record(slot).hash;
  model_ = view;
}

bool Runtime::is_active(uint64_t hash) const { return active_ != no_slot && active_hash_ == hash; }

Runtime::Outcome Runtime::on_activate(const link::Frame& request, link::ByteWriter& reply) {
  link::HashRequest activate;
  if (!decode(request.payload, request.payload_bytes, activate)) return {ErrorCode::malformed, 0};
  if (!is_active(activate.hash)) {
    const int slot = idle_slot();
    const SlotRecord present = slots_.record(slot);
    if (!present.begun || !present.committed || present.retired || present.activation != 0 ||
        present.hash != activate.hash) {
      return {ErrorCode::not_committed, 0};
    }
    kernels::BundleView view;
    const Outcome outcome = load(slot, view);
    if (outcome.error != ErrorCode::none) return outcome;
    if (!slots_.activate(slot)) return {ErrorCode::storage, 0};
    make_active(slot, view);
    receiving_ = no_slot;
    ++counters_.switches;
  }
  link::ActivateReply answer;
  answer.slot = static_cast<uint8_t>(active_);
  answer.model_version = model_.version;
  encode(answer, reply);
  return {};
}

Runtime::Outcome Runtime::on_rollback(const link::Frame& request, link::ByteWriter& reply) {
  link::HashRequest rollback;
  if (!decode(request.payload, request.payload_bytes, rollback)) return {ErrorCode::malformed, 0};
  if (active_ == no_slot) return {ErrorCode::no_model, 0};
  if (is_active(rollback.hash)) {
    const int previous = slots_.newest(active_);
    kernels::BundleView view;
    if (previous == no_slot || load(previous, view).error != ErrorCode::none) {
      return {ErrorCode::no_model, 0};
    }
    if (!slots_.retire(active_)) return {ErrorCode::storage, 0};
    make_active(previous, view);
    receiving_ = no_slot;
    ++counters_.rollbacks;
  }
  link::RollbackReply answer;
  answer.slot = static_cast<uint8_t>(active_);
  answer.model_version = model_.version;
  answer.model_hash = active_hash_;
  encode(answer, reply);
  return {};
}

Runtime::Outcome Runtime::read_values(const link::Frame& request, size_t expected) const {
  if (request.payload_bytes != 4 * expected) {
    return {ErrorCode::wrong_count, static_cast<uint32_t>(expected)};
  }
  link::ByteReader reader(request.payload, request.payload_bytes);
  for (size_t i = 0; i < expected; ++i) memory_.values[i] = reader.f32();
  return {};
}

int8_t* Runtime::scratch() const { return reinterpret_cast<int8_t*>(memory_.arena); }

int8_t* Runtime::outputs() const { return scratch() + kernels::required_ram_bytes(model_); }

Runtime::Outcome Runtime::on_infer(const link::Frame& request, link::ByteWriter& reply) {
  const Outcome outcome = read_values(request, model_.inputs);
  if (outcome.error != ErrorCode::none) {
    ++counters_.infer_errors;
    return outcome;
  }
  const kernels::Verdict verdict =
      kernels::run_bundle(model_, memory_.values, scratch(), outputs());
  ++counters_.inferences;
  link::InferReply answer;
  answer.model_version = model_.version;
  answer.model_hash = active_hash_;
  answer.verdict = verdict.label;
  answer.outputs = reinterpret_cast<const uint8_t*>(outputs());
  answer.output_count = model_.outputs;
  encode(answer, reply);
  if (reply.overflow()) return {ErrorCode::too_big, model_.outputs};
  return {};
}

Runtime::Outcome Runtime::on_extract(const link::Frame& request, link::ByteWriter& reply) {
  const kernels::RecipeView& recipe = model_.recipe;
  const size_t expected = static_cast<size_t>(recipe.window_samples) * recipe.channel_count;
  const Outcome outcome = read_values(request, expected);
  if (outcome.error != ErrorCode::none) return outcome;
  const size_t needed = 4 * (recipe.inputs + kernels::recipe_scratch_floats(recipe));
  if (needed > memory_.arena_bytes) return {ErrorCode::too_big, static_cast<uint32_t>(needed)};
  auto* features = static_cast<float*>(static_cast<void*>(memory_.arena));
  kernels::evaluate_recipe(recipe, memory_.values, recipe.window_samples, features,
                           features + recipe.inputs);
  for (uint16_t i = 0; i < recipe.inputs; ++i) reply.f32(features[i]);
  if (reply.overflow()) return {ErrorCode::too_big, recipe.inputs};
  return {};
}

Runtime::Outcome Runtime::on_status(const link::Frame& request, link::ByteWriter& reply) {
  if (request.payload_bytes != 0) return {ErrorCode::malformed, 0};
  const link::FrameCounters& frames = decoder_.counters();
  counters_.frames = frames.frames;
  counters_.crc_errors = frames.crc_errors;
  counters_.cobs_errors = frames.cobs_errors;
  counters_.oversize_frames = frames.oversize_frames;
  counters_.short_frames = frames.short_frames;
  counters_.overruns = platform_.overruns(platform_.context);
  encode(counters_, reply);
  return {};
}

Runtime::Outcome Runtime::on_bench(const link::Frame& request, link::ByteWriter& reply) {
  link::BenchRequest bench;
  if (!decode(request.payload, request.payload_bytes, bench)) return {ErrorCode::malformed, 0};
  if (bench.count == 0 || bench.count > link::max_bench_count) {
    return {ErrorCode::out_of_range, link::max_bench_count};
  }
  kernels::quantize_row_f32_s8({model_.normalisation, model_.inputs, model_.input_zero_point},
                               model_.self_test, scratch());
  link::BenchReply answer;
  answer.count = bench.count;
  answer.ticks = time_inferences(bench.count);
  answer.tick_hz = platform_.tick_hz;
  encode(answer, reply);
  return {};
}

uint64_t Runtime::time_inferences(uint32_t count) {
  uint64_t ticks = 0;
  while (count > 0) {
    // Blocks short enough that 32 bits of ticks do not wrap, long enough that reading them costs
    // nothing.
    const uint32_t block = count < 16 ? count : 16;
    const uint32_t start = platform_.ticks(platform_.context);
    for (uint32_t i = 0; i < block; ++i) {
      kernels::run_layers(model_, scratch(), scratch() + model_.inputs, outputs());
    }
    ticks += platform_.ticks(platform_.context) - start;
    count -= block;
  }
  return ticks;
}

}  // namespace firmware
}  // namespace haltere
