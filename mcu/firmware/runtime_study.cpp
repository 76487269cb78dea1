// What the active model learns on the device.
#include "mcu/firmware/runtime.hpp"

namespace haltere {
namespace firmware {

using link::ErrorCode;

namespace {

constexpr float most_rate = 10.0f;

}  // namespace

Runtime::Outcome Runtime::dispatch_study(const link::Frame& request, link::ByteWriter& reply) {
  switch (static_cast<MessageType>(request.type)) {
    case MessageType::study: return on_study(request, reply);
    case MessageType::label: return on_label(request, reply);
    case MessageType::teach: return on_teach(request, reply);
    case MessageType::pull: return on_pull(request, reply);
    default: return {ErrorCode::unsupported, 0};
  }
}

// Beside the model and the window of its own sensor, which come first.
Runtime::Outcome Runtime::start_study(float rate) {
  if (!kernels::can_have_head(model_)) return {ErrorCode::unsupported, 0};
  const size_t taken = sensing_.region_bytes();
  const size_t bytes = Study::region_bytes(model_);
  const size_t needed = kernels::self_test_scratch_bytes(model_) + taken + bytes;
  const size_t end = memory_.arena_bytes / 8 * 8;
  if (needed > end) return {ErrorCode::too_big, static_cast<uint32_t>(needed)};
  study_.start(model_, memory_.arena + (end - taken - bytes), rate);
  return {};
}

void Runtime::describe_study(link::ByteWriter& reply) const {
  link::StudyReply answer;
  study_.describe(answer);
  if (study_.on()) answer.ram_bytes = Study::region_bytes(model_);
  answer.next_sample = sensing_.next_sample();
  encode(answer, reply);
}

// Keeps away from the first `bytes` of the arena until it is called with 0. What was learned is
// lost where that is more than is left.
void Runtime::lend_arena(size_t bytes) {
  if (study_.on() &&
      bytes + sensing_.region_bytes() + Study::region_bytes(model_) > memory_.arena_bytes / 8 * 8) {
    study_.stop();
  }
  sensing_.lend(bytes);
}

Runtime::Outcome Runtime::on_study(const link::Frame& request, link::ByteWriter& reply) {
  link::StudyRequest study;
  if (!decode(request.payload, request.payload_bytes, study)) return {ErrorCode::malformed, 0};
  if (!(study.rate >= 0.0f) || study.rate > most_rate) return {ErrorCode::out_of_range, 10};
  if (study.on && !study_.on()) {
    const Outcome started = start_study(study.rate);
    if (started.error != ErrorCode::none) return started;
  }
  if (!study.on) study_.stop();
  describe_study(reply);
  return {};
}

Runtime::Outcome Runtime::on_label(const link::Frame& request, link::ByteWriter& reply) {
  link::LabelRequest label;
  if (!decode(request.payload, request.payload_bytes, label)) return {ErrorCode::malformed, 0};
  if (label.label >= static_cast<int32_t>(model_.outputs)) {
    return {ErrorCode::out_of_range, model_.outputs};
  }
  label_ = label.label;
  labelled_until_ = label.until;
  describe_study(reply);
  return {};
}

// The button names the class that was labelled last, the last one before any was.
int32_t Runtime::label_now() const {
  const bool told =
      label_ >= 0 && static_cast<int32_t>(sensing_.next_sample() - labelled_until_) <= 0;
  const bool pressed =
      platform_.label_button != nullptr && platform_.label_button(platform_.context);
  if (!told && !pressed) return -1;
  return label_ >= 0 ? label_ : model_.outputs - 1;
}

// A window of its own sensor. The button begins to learn by itself, where there is room.
kernels::Verdict Runtime::judge_and_learn() {
  const int32_t label = label_now();
  if (label >= 0 && !study_.on()) start_study(0.0f);
  if (!study_.on()) {
    kernels::run_layers(model_, scratch(), outputs());
    return kernels::judge_outputs(model_, scratch(), outputs());
  }
  const kernels::Verdict verdict = study_.judge(model_, scratch(), outputs());
  if (label >= 0) study_.learn(static_cast<uint16_t>(label));
  return verdict;
}

Runtime::Outcome Runtime::on_teach(const link::Frame& request, link::ByteWriter& reply) {
  link::TeachRequest teach;
  if (!decode(request.payload, request.payload_bytes, teach)) return {ErrorCode::malformed, 0};
  if (!study_.on()) return {ErrorCode::not_learning, 0};
  if (teach.count != model_.inputs) return {ErrorCode::wrong_count, model_.inputs};
  if (teach.label >= model_.outputs) return {ErrorCode::out_of_range, model_.outputs};
  if (teach.step == study_.steps()) {
    link::ByteReader reader(teach.features, request.payload_bytes - link::teach_header_bytes);
    for (size_t i = 0; i < teach.count; ++i) memory_.values[i] = reader.f32();
    kernels::quantize_inputs(
        model_, static_cast<const uint8_t*>(static_cast<void*>(memory_.values)), scratch());
    (void)study_.judge(model_, scratch(), outputs());
    study_.learn(teach.label);
  }
  describe_study(reply);
  return {};
}

Runtime::Outcome Runtime::on_pull(const link::Frame& request, link::ByteWriter& reply) const {
  link::PullRequest pull;
  if (!decode(request.payload, request.payload_bytes, pull)) return {ErrorCode::malformed, 0};
  if (!study_.on()) return {ErrorCode::not_learning, 0};
  reply.u32(study_.kept_step());
  reply.u16(study_.weights());
  reply.u16(pull.first);
  constexpr size_t most = (link::min_content_bytes - link::header_bytes - link::frame_tag_bytes -
                           link::pull_header_bytes) /
                          4;
  for (size_t i = 0; i < most && pull.first + i < study_.weights(); ++i) {
    reply.f32(study_.kept(static_cast<uint16_t>(pull.first + i)));
  }
  return {};
}

}  // namespace firmware
}  // namespace haltere
