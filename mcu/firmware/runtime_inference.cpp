// What the active model is asked: infer, extract, bench.
#include "mcu/firmware/runtime.hpp"
#include "mcu/link/bytes.hpp"

namespace haltere {
namespace firmware {

using link::ErrorCode;

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
  count_healthy();
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
  if (recipe.channel_count == 0) return {ErrorCode::unsupported, 0};  // it takes no windows
  const size_t expected = static_cast<size_t>(recipe.window_samples) * recipe.channel_count;
  const Outcome outcome = read_values(request, expected);
  if (outcome.error != ErrorCode::none) return outcome;
  const size_t needed = 4 * (recipe.inputs + kernels::recipe_scratch_floats(recipe));
  if (needed > memory_.arena_bytes) return {ErrorCode::too_big, static_cast<uint32_t>(needed)};
  lend_arena(needed);
  auto* features = static_cast<float*>(static_cast<void*>(memory_.arena));
  kernels::evaluate_recipe(recipe, memory_.values, recipe.window_samples, features,
                           features + recipe.inputs);
  lend_arena(0);
  for (uint16_t i = 0; i < recipe.inputs; ++i) reply.f32(features[i]);
  if (reply.overflow()) return {ErrorCode::too_big, recipe.inputs};
  return {};
}

Runtime::Outcome Runtime::on_bench(const link::Frame& request, link::ByteWriter& reply) {
  link::BenchRequest bench;
  if (!decode(request.payload, request.payload_bytes, bench)) return {ErrorCode::malformed, 0};
  if (bench.count == 0 || bench.count > link::max_bench_count) {
    return {ErrorCode::out_of_range, link::max_bench_count};
  }
  if (bench.what == link::BenchSubject::study && !study_.on()) {
    return {ErrorCode::not_learning, 0};
  }
  sensing_.pause();
  kernels::quantize_inputs(model_, model_.self_test, scratch());
  link::BenchReply answer;
  answer.count = bench.count;
  answer.ticks = time_runs(bench);
  if (bench.what == link::BenchSubject::study) study_.stop();  // what it learned is nonsense
  sensing_.resume();
  answer.tick_hz = platform_.tick_hz;
  encode(answer, reply);
  return {};
}

// A model whose trial ends well is confirmed; if writing that fails, the next inference tries
// again.
void Runtime::count_healthy() {
  if (trial_left_ == 0 || --trial_left_ > 0) return;
  if (!slots_.confirm(active_)) {
    trial_left_ = 1;
    return;
  }
  note_confirmed();
}

Runtime::Outcome Runtime::on_prove(const link::Frame& request, link::ByteWriter& reply) {
  link::ProveRequest prove;
  if (!decode(request.payload, request.payload_bytes, prove)) return {ErrorCode::malformed, 0};
  if (!is_active(prove.hash)) return {ErrorCode::no_model, 0};
  for (uint8_t i = 0; i < prove.count && trial_left_ > 0; ++i) {
    if (kernels::bundle_self_test(model_, scratch()) != kernels::BundleError::none) {
      const Outcome left = leave_active();
      return left.error == ErrorCode::none ? Outcome{ErrorCode::self_test, 0} : left;
    }
    count_healthy();
  }
  link::ProveReply answer;
  answer.inferences_left = trial_left_;
  encode(answer, reply);
  return {};
}

void Runtime::run_once(link::BenchSubject what) {
  if (what == link::BenchSubject::inference) {
    return kernels::run_layers(model_, scratch(), outputs());
  }
  if (what == link::BenchSubject::study) {
    (void)study_.judge(model_, scratch(), outputs());
    return study_.learn(0);
  }
  kernels::BundleView view;
  if (load(active_, view).error == ErrorCode::none) model_ = view;
}

uint64_t Runtime::time_runs(const link::BenchRequest& bench) {
  uint64_t ticks = 0;
  uint32_t count = bench.count;
  while (count > 0) {
    // Blocks short enough that 32 bits of ticks do not wrap, long enough that reading them costs
    // nothing.
    const uint32_t block = count < 16 ? count : 16;
    const uint32_t start = platform_.ticks(platform_.context);
    for (uint32_t i = 0; i < block; ++i) {
      run_once(bench.what);
    }
    ticks += platform_.ticks(platform_.context) - start;
    if (platform_.alive != nullptr) platform_.alive(platform_.context);
    count -= block;
  }
  return ticks;
}

}  // namespace firmware
}  // namespace haltere
