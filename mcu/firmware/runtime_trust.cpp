// Who may ask, and which models are authentic: enrolment, sessions, seals.
#include <string.h>

#include "mcu/firmware/runtime.hpp"
#include "mcu/link/seal.hpp"

namespace haltere {
namespace firmware {

using link::ErrorCode;
using link::MessageType;

bool Runtime::may_enroll() const {
  return vault_.possible() && platform_.may_enroll != nullptr &&
         platform_.may_enroll(platform_.context);
}

// False: nothing is answered, as with any damaged frame. Its sequence cannot be trusted.
bool Runtime::open_sealed(const link::Frame& request) {
  // A board that was not told of our start learns it now.
  if (!session_.active()) {
    decoder_.refuse();
    announce();
    return false;
  }
  const uint32_t number = link::next_number(frame_number_, request.sequence);
  if (!session_.open(request, number, link::Direction::to_mcu, memory_.received)) {
    decoder_.refuse();
    return false;
  }
  frame_number_ = number;
  return true;
}

Runtime::Outcome Runtime::permit(const link::Frame& request) const {
  const auto type = static_cast<MessageType>(request.type);
  const bool sealed_hello = sealed_ && type == MessageType::hello;
  const auto known_flags = static_cast<uint8_t>(sealed_ ? link::sealed_flag : 0);
  if (sealed_hello || request.flags != known_flags) return {ErrorCode::unsupported, 0};
  if (sealed_) return {};
  const bool open = !vault_.enrolled() || type == MessageType::hello || type == MessageType::enroll;
  return open ? Outcome{} : Outcome{ErrorCode::not_authentic, 0};
}

void Runtime::describe_trust(link::HelloReply& answer) const {
  answer.session = sessions_;
  answer.model_counter = vault_.model_counter();
  if (trial_left_ > 0) answer.state |= link::state_on_trial;
  if (may_enroll()) answer.state |= link::state_can_enroll;
  if (!vault_.enrolled()) return;
  answer.state |= link::state_enrolled;
  memcpy(answer.device, vault_.device(), sizeof answer.device);
}

// Each hello begins a session, so that nothing said in one before can be said again. One that is
// repeated before anything was said in it stays the same: its first answer may have been lost.
void Runtime::count_session(const uint8_t* nonce) {
  const bool repeated = session_.active() && frame_number_ == 0 &&
                        link::equal_in_constant_time(nonce, nonce_, sizeof nonce_);
  if (!repeated) ++sessions_;
}

void Runtime::begin_session(const link::HelloRequest& hello, const link::ByteWriter& reply) {
  session_.end();
  if (!may_begin_session_) return;
  memcpy(nonce_, hello.nonce, sizeof nonce_);
  frame_number_ = 0;
  session_.begin(vault_.key(), nonce_, memory_.reply + link::header_bytes, reply.size());
}

// Sealed under the key before, or while someone at the device allows it. Models from before are
// not trusted any more.
Runtime::Outcome Runtime::on_enroll(const link::Frame& request) {
  link::EnrollRequest enroll;
  if (!decode(request.payload, request.payload_bytes, enroll)) return {ErrorCode::malformed, 0};
  // Asked again: its answer was lost, and the button may be up again.
  if (vault_.enrolled() &&
      link::equal_in_constant_time(enroll.key, vault_.key(), sizeof enroll.key)) {
    return {};
  }
  if (!sealed_ && !may_enroll()) return {ErrorCode::closed, 0};
  if (!vault_.enroll(enroll.key, enroll.device)) return {ErrorCode::storage, 0};
  for (int slot = 0; slot < slot_count; ++slot) {
    if (slots_.record(slot).begun) slots_.retire(slot);
  }
  active_ = no_slot;
  sensing_.set_model(nullptr);
  study_.stop();
  receiving_ = no_slot;
  trial_left_ = 0;
  verified_ = 0;
  decoder_.allow_sealed(true);
  may_begin_session_ = vault_.count_boot();
  return {};
}

// A seal that nobody here can check is refused, as is a missing one once there is a key.
Runtime::Outcome Runtime::check_seal(const uint8_t* bundle, uint32_t size) const {
  if (!vault_.enrolled()) {
    const auto unsupported = static_cast<uint32_t>(kernels::BundleError::unsupported_seal);
    return link::bundle_seal_kind(bundle) == 0 ? Outcome{}
                                               : Outcome{ErrorCode::bad_bundle, unsupported};
  }
  const link::BundleSeal seal = link::read_bundle_seal(bundle);
  const bool ours = link::is_bundle_authentic(vault_.key(), bundle, static_cast<size_t>(size)) &&
                    seal.target == static_cast<uint16_t>(platform_.core) &&
                    memcmp(seal.device, vault_.device(), sizeof seal.device) == 0;
  return ours ? Outcome{} : Outcome{ErrorCode::not_authentic, 0};
}

// An older model is authentic, too: only its counter tells.
Runtime::Outcome Runtime::check_newer(int slot) const {
  if (!vault_.enrolled()) return {};
  const uint32_t counter = link::read_bundle_seal(slots_.bundle(slot)).counter;
  return counter > vault_.model_counter() ? Outcome{}
                                          : Outcome{ErrorCode::outdated, vault_.model_counter()};
}

// If writing this fails, or power is cut before, the next start does it.
void Runtime::note_confirmed() {
  if (!vault_.enrolled()) return;
  vault_.raise_model_counter(link::read_bundle_seal(slots_.bundle(active_)).counter);
}

}  // namespace firmware
}  // namespace haltere
