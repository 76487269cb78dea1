// Which model runs: load, activate, roll back.
#include "mcu/firmware/runtime.hpp"
#include "mcu/link/checksum.hpp"

namespace haltere {
namespace firmware {

using link::ErrorCode;

// For a model that was verified before it was committed: the record vouches for its bytes, only
// their structure is looked at. Leaves the active one alone.
Runtime::Outcome Runtime::load(int slot, kernels::BundleView& view) const {
  const SlotRecord present = slots_.record(slot);
  const kernels::BundleError mapped =
      kernels::map_bundle(slots_.bundle(slot), static_cast<size_t>(present.length_bytes), view);
  if (mapped != kernels::BundleError::none) {
    return {ErrorCode::bad_bundle, static_cast<uint32_t>(mapped)};
  }
  const size_t needed = kernels::self_test_scratch_bytes(view);
  if (needed > memory_.arena_bytes) return {ErrorCode::too_big, static_cast<uint32_t>(needed)};
  return {};
}

// Everything a model must pass before it is committed.
Runtime::Outcome Runtime::verify(int slot) {
  const SlotRecord present = slots_.record(slot);
  const uint8_t* bytes = slots_.bundle(slot);
  const auto size = static_cast<size_t>(present.length_bytes);
  if (link::fnv1a_64(link::fnv1a_start, bytes, size) != present.hash) {
    return {ErrorCode::hash_mismatch, 0};
  }
  const Outcome seal = check_seal(bytes, present.length_bytes);
  if (seal.error != ErrorCode::none) return seal;
  kernels::BundleView view;
  const kernels::BundleError opened = kernels::open_bundle(bytes, size, view);
  if (opened != kernels::BundleError::none) {
    return {ErrorCode::bad_bundle, static_cast<uint32_t>(opened)};
  }
  const size_t needed = kernels::self_test_scratch_bytes(view);
  if (needed > memory_.arena_bytes) return {ErrorCode::too_big, static_cast<uint32_t>(needed)};
  lend_arena(needed);
  const kernels::BundleError tested = kernels::bundle_self_test(view, scratch());
  lend_arena(0);
  if (tested != kernels::BundleError::none) {
    return {ErrorCode::self_test, 0};
  }
  verified_ = static_cast<uint8_t>(verified_ | 1U << static_cast<unsigned>(slot));
  return {};
}

void Runtime::idle() {
  while (active_ != no_slot && (verified_ & 1U << static_cast<unsigned>(active_)) == 0 &&
         verify(active_).error != ErrorCode::none) {
    slots_.retire(active_);
    active_ = no_slot;
    sensing_.set_model(nullptr);
    study_.stop();
    ++counters_.boot_fallbacks;
    load_newest();
  }
}

void Runtime::make_active(int slot, const kernels::BundleView& view) {
  active_ = slot;
  active_hash_ = slots_.record(slot).hash;
  model_ = view;
  trial_left_ = slots_.record(slot).confirmed ? 0 : trial_inferences;
  decided_at_ = 0;
  study_.stop();
  label_ = -1;
  sensing_.set_model(&model_);
  if (trial_left_ == 0) note_confirmed();
}

bool Runtime::is_active(uint64_t hash) const { return active_ != no_slot && active_hash_ == hash; }

Runtime::Outcome Runtime::on_activate(const link::Frame& request, link::ByteWriter& reply) {
  link::HashRequest activate;
  if (!decode(request.payload, request.payload_bytes, activate)) return {ErrorCode::malformed, 0};
  if (!is_active(activate.hash)) {
    const int slot = idle_slot();
    const SlotRecord present = slots_.record(slot);
    if (!present.can_be_activated() || present.hash != activate.hash) {
      return {ErrorCode::not_committed, 0};
    }
    kernels::BundleView view;
    const Outcome outcome = load(slot, view);
    if (outcome.error != ErrorCode::none) {
      slots_.retire(slot);
      return outcome;
    }
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

// Retires the active model for the one before it.
Runtime::Outcome Runtime::leave_active() {
  const int previous = slots_.newest(active_);
  kernels::BundleView view;
  if (previous == no_slot || load(previous, view).error != ErrorCode::none) {
    return {ErrorCode::no_model, 0};
  }
  if (!slots_.retire(active_)) return {ErrorCode::storage, 0};
  make_active(previous, view);
  receiving_ = no_slot;
  ++counters_.rollbacks;
  return {};
}

Runtime::Outcome Runtime::on_rollback(const link::Frame& request, link::ByteWriter& reply) {
  link::HashRequest rollback;
  if (!decode(request.payload, request.payload_bytes, rollback)) return {ErrorCode::malformed, 0};
  if (active_ == no_slot) return {ErrorCode::no_model, 0};
  if (is_active(rollback.hash)) {
    const Outcome outcome = leave_active();
    if (outcome.error != ErrorCode::none) return outcome;
  }
  link::RollbackReply answer;
  answer.slot = static_cast<uint8_t>(active_);
  answer.model_version = model_.version;
  answer.model_hash = active_hash_;
  encode(answer, reply);
  return {};
}

}  // namespace firmware
}  // namespace haltere
