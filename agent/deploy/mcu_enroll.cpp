// What a board does with the key that it shares with a microcontroller.
#include <algorithm>
#include <string>

#include "agent/deploy/hex.hpp"
#include "agent/deploy/mcu_link.hpp"
#include "agent/deploy/mcu_text.hpp"
#include "mcu/link/checksum.hpp"

namespace haltere::agent {

Result<std::string> McuLink::enroll() {
  if (!keys_) return Error{ErrorKind::invalid, "there is no state folder to keep a key in"};
  const McuKey fresh = McuKey::random();
  // Kept before it is sent: an answer may get lost, a key must not.
  if (auto stored = keys_->store(fresh); !stored) return stored.error();
  link::EnrollRequest request;
  std::ranges::copy(fresh.device, std::begin(request.device));
  std::ranges::copy(fresh.key, std::begin(request.key));
  auto answer = ask(link::MessageType::enroll, request);
  if (answer && answer->error.code != link::ErrorCode::none) {
    keys_->forget(fresh);
    return refusal(answer->error);
  }
  if (!answer) return answer.error();
  if (auto there = hello(); !there) return there.error();
  if (!std::ranges::equal(info_.device, fresh.device)) return nonsense();
  // A sealed answer shows that it has the key.
  if (auto proof = status(); !proof) return proof.error();
  return to_hex(fresh.device);
}

// The session that a hello's reply begins, if that is enrolled and this board has its key.
Status McuLink::join(std::span<const std::uint8_t, 16> nonce, const link::Frame& reply) {
  key_.reset();
  if (!keys_ || (info_.state & link::state_enrolled) == 0) return {};
  auto key = keys_->find(info_.device);
  if (!key) return key.error();
  if (!key->has_value()) {
    return Error{ErrorKind::refused, "mcu '" + channel_.name() +
                                         "' is enrolled with another board: there is no key of " +
                                         to_hex(info_.device) + " here"};
  }
  key_ = **key;
  channel_.begin_session(key_->key, nonce, {reply.payload, reply.payload_bytes});
  return {};
}

// The same model keeps its counter until another one overtook it, so that a transfer can go on.
Status McuLink::seal(std::vector<std::uint8_t>& bundle) {
  if (!key_) return {};
  const std::uint64_t plain = link::fnv1a_64(link::fnv1a_start, bundle.data(), bundle.size());
  link::BundleSeal seal;
  seal.target = static_cast<std::uint16_t>(info_.core);
  std::ranges::copy(key_->device, std::begin(seal.device));
  const auto write = [&] {
    seal.counter = key_->counter;
    link::seal_bundle(key_->key.data(), seal, bundle.data(), bundle.size());
    const std::uint32_t crc = link::crc32_iso_hdlc(0, bundle.data(), bundle.size() - 4);
    link::ByteWriter(bundle.data() + bundle.size() - 4, 4).u32(crc);
    return link::fnv1a_64(link::fnv1a_start, bundle.data(), bundle.size());
  };
  const bool again = plain == key_->model && key_->counter > 0;
  if (again && (write() == info_.model_hash || key_->counter > info_.model_counter)) return {};
  key_->counter = std::max(key_->counter, info_.model_counter) + 1;
  key_->model = plain;
  if (auto stored = keys_->store(*key_); !stored) return stored;
  write();
  return {};
}

}  // namespace haltere::agent
