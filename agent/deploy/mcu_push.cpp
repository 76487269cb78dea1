// Handing a bundle over: McuLink::push and what it takes.
#include <algorithm>
#include <string>

#include "agent/deploy/mcu_link.hpp"
#include "agent/deploy/mcu_text.hpp"
#include "config/units.hpp"
#include "mcu/link/checksum.hpp"
#include "models/bundle.hpp"
#include "models/packer.hpp"

namespace haltere::agent {
namespace {

// A reset in mid-transfer, or bytes damaged in spite of the crc, cost one round.
constexpr int push_rounds = 4;

// A frame that is lost takes those behind it along: on a noisy line shorter ones get more through.
constexpr std::size_t least_chunk_bytes = 60;
constexpr std::size_t frames_before_longer = 32;

// As many inferences as a request may ask for: more than any trial takes.
constexpr std::uint8_t all_inferences = 255;

std::string bytes_text(std::size_t bytes) {
  return config::format_quantity(static_cast<double>(bytes), config::Dimension::bytes);
}

std::string missing(std::size_t needed, std::size_t present, std::string_view what,
                    const std::string& mcu) {
  return "needs " + bytes_text(needed) + " of " + std::string(what) + ", mcu '" + mcu + "' has " +
         bytes_text(present) + " free (" + bytes_text(needed - present) + " missing)";
}

bool understands(const McuInfo& info, kernels::WeightPacking packing) {
  return (info.packings >> static_cast<unsigned>(packing) & 1U) != 0;
}

bool has_int4_layers(const kernels::BundleView& view) {
  const std::uint8_t* next = view.layers;
  for (int i = 0; i < view.layer_count; ++i) {
    const kernels::LayerView layer = kernels::read_layer(next);
    if (layer.dense.packing == kernels::WeightPacking::nibbles) return true;
    next = layer.next;
  }
  return false;
}

}  // namespace

kernels::WeightPacking packing_for(const McuInfo& info) {
  const auto if_known = [&info](kernels::WeightPacking packing) {
    return understands(info, packing) ? packing : kernels::WeightPacking::plain;
  };
  switch (info.core) {
    case link::Core::cortex_m0:
    case link::Core::cortex_m0plus:
    case link::Core::avr: return if_known(kernels::WeightPacking::columns);
    case link::Core::cortex_m3: return if_known(kernels::WeightPacking::pairs);
    case link::Core::cortex_m4:
    case link::Core::cortex_m4f:
    case link::Core::cortex_m7:
    case link::Core::cortex_m33: return if_known(kernels::WeightPacking::dual);
    case link::Core::rv32im:
    case link::Core::rv32imc: return if_known(kernels::WeightPacking::bytes);
    case link::Core::host: break;
  }
  return kernels::WeightPacking::plain;
}

/// A bundle on its way: [0, next) is stored there, [next, sent) in flight.
struct McuLink::Transfer {
  std::span<const std::uint8_t> bundle;
  std::uint64_t hash = 0;
  std::size_t most_chunk_bytes = 0;
  std::size_t chunk_bytes = 0;
  std::size_t undisturbed_bytes = 0;  ///< that got there since the length changed
  std::size_t next = 0;
  std::size_t sent = 0;
  int attempt = 0;  ///< waits without progress

  /// Begins again behind what is stored, with shorter frames.
  void go_back() {
    sent = next;
    chunk_bytes = std::max(chunk_bytes / 8 * 4, std::min(least_chunk_bytes, most_chunk_bytes));
    undisturbed_bytes = 0;
  }

  void advance(std::size_t stored) {
    attempt = 0;
    undisturbed_bytes += stored - next;
    next = stored;
    sent = std::max(sent, next);
    if (undisturbed_bytes < frames_before_longer * chunk_bytes) return;
    chunk_bytes = std::min(2 * chunk_bytes, most_chunk_bytes);
    undisturbed_bytes = 0;
  }
};

Error McuLink::missing_ram(const std::string& what, std::size_t needed_bytes) const {
  return Error{ErrorKind::refused,
               what + missing(needed_bytes, info_.ram_bytes, "RAM", channel_.name())};
}

Status McuLink::check_fits(std::span<const std::uint8_t> bundle) const {
  auto view = models::open(bundle);
  if (!view) return view.error();
  const std::string model = "model '" + models::provenance_of(*view).model_id + "' ";
  const std::size_t ram = kernels::self_test_scratch_bytes(*view);
  const std::string& mcu = channel_.name();
  if (ram > info_.ram_bytes) {
    return missing_ram(model, ram);
  }
  if (bundle.size() > info_.slot_bytes) {
    return Error{ErrorKind::refused,
                 model + missing(bundle.size(), info_.slot_bytes, "flash", mcu)};
  }
  if (info_.bundle_format < kernels::bundle_format_version) {
    return Error{ErrorKind::refused,
                 model + "has bundle format " + std::to_string(kernels::bundle_format_version) +
                     ", mcu '" + mcu + "' reads up to " + std::to_string(info_.bundle_format) +
                     "; update its firmware"};
  }
  if (has_int4_layers(*view) && !understands(info_, kernels::WeightPacking::nibbles)) {
    return Error{ErrorKind::refused, model + "has int4 weights, mcu '" + mcu +
                                         "' has no kernel for them; update its firmware"};
  }
  const std::size_t most_inputs =
      (info_.max_content_bytes - link::header_bytes - trailer_bytes()) / 4;
  if (view->inputs > most_inputs) {
    return Error{ErrorKind::refused, model + "has " + std::to_string(view->inputs) +
                                         " inputs, mcu '" + mcu + "' takes at most " +
                                         std::to_string(most_inputs) + " at a time"};
  }
  return {};
}

// Packed weights are faster there and a little larger.
Result<std::vector<std::uint8_t>> McuLink::bytes_to_send(
    std::span<const std::uint8_t> bundle) const {
  const auto packing = plain_ ? kernels::WeightPacking::plain : packing_for(info_);
  if (packing != kernels::WeightPacking::plain) {
    auto packed = models::pack(bundle, packing);
    if (!packed || check_fits(*packed)) return packed;
  }
  if (auto fits = check_fits(bundle); !fits) return fits.error();
  return std::vector<std::uint8_t>(bundle.begin(), bundle.end());
}

Result<ActiveModel> McuLink::push(std::span<const std::uint8_t> model, const Progress& progress) {
  auto bundle = bytes_to_send(model);
  if (!bundle) return bundle.error();
  if (auto sealed = seal(*bundle); !sealed) return sealed.error();
  const std::uint64_t hash = link::fnv1a_64(link::fnv1a_start, bundle->data(), bundle->size());
  bool try_again = true;
  for (int round = 0; try_again; ++round) {
    if (auto sent = transfer(*bundle, hash, progress); !sent) return sent.error();
    try_again = round + 1 < push_rounds;
    if (auto committed = commit(hash, try_again); !committed) return committed.error();
  }
  auto reply = ask_for<link::ActivateReply>(link::MessageType::activate, link::HashRequest{hash});
  if (!reply) return reply.error();
  if (info_.model_hash != hash) info_.previous_hash = info_.model_hash;
  info_.active_slot = reply->slot;
  info_.model_version = reply->model_version;
  info_.model_hash = hash;
  if (auto proven = prove(hash); !proven) return proven.error();
  if (key_) info_.model_counter = std::max(info_.model_counter, key_->counter);
  return ActiveModel{reply->slot, reply->model_version, hash};
}

// Ends the trial of the active model `hash`: its self-test runs there until it is trusted.
Status McuLink::prove(std::uint64_t hash) {
  auto reply =
      ask_for<link::ProveReply>(link::MessageType::prove, link::ProveRequest{hash, all_inferences});
  if (!reply) return reply.error();
  if (reply->inferences_left > 0) return nonsense();
  return {};
}

// `try_again` in: whether another round may follow; out: whether it must.
Status McuLink::commit(std::uint64_t hash, bool& try_again) {
  auto answer = ask(link::MessageType::commit, link::HashRequest{hash});
  if (!answer) return answer.error();
  const link::ErrorCode code = answer->error.code;
  const bool lost = code == link::ErrorCode::no_transfer || code == link::ErrorCode::incomplete ||
                    code == link::ErrorCode::hash_mismatch;
  if (lost && try_again) return {};
  try_again = false;
  if (code != link::ErrorCode::none) return refusal(answer->error);
  return {};
}

Status McuLink::transfer(std::span<const std::uint8_t> bundle, std::uint64_t hash,
                         const Progress& progress) {
  const std::size_t most = std::min<std::size_t>(info_.max_content_bytes, 508) -
                           link::header_bytes - link::data_header_bytes - trailer_bytes();
  Transfer transfer{.bundle = bundle, .hash = hash};
  transfer.most_chunk_bytes = std::max<std::size_t>(std::min(most, chunk_bytes_) / 4 * 4, 4);
  transfer.chunk_bytes = transfer.most_chunk_bytes;
  if (auto begun = begin(transfer); !begun) return begun;
  while (transfer.next < bundle.size()) {
    if (progress) progress(transfer.next, bundle.size());
    if (auto sent = send_window(transfer); !sent) return sent;
    if (auto taken = take_acknowledgement(transfer); !taken) return taken;
  }
  if (progress) progress(bundle.size(), bundle.size());
  return {};
}

Result<McuLink::Answer> McuLink::ask_to_begin(const Transfer& transfer) {
  return ask(link::MessageType::begin,
             link::BeginRequest{static_cast<std::uint32_t>(transfer.bundle.size()), transfer.hash});
}

Status McuLink::begin(Transfer& transfer) {
  auto answer = ask_to_begin(transfer);
  // Another push did not end the trial of its model; this one does it.
  if (answer && answer->error.code == link::ErrorCode::on_trial) {
    if (auto there = hello(); !there) return there.error();
    if (auto proven = prove(info_.model_hash); !proven) return proven;
    answer = ask_to_begin(transfer);
  }
  if (!answer) return answer.error();
  if (answer->error.code != link::ErrorCode::none) return refusal(answer->error);
  link::BeginReply reply;
  if (!decode(answer->frame.payload, answer->frame.payload_bytes, reply) ||
      reply.next_offset > transfer.bundle.size()) {
    return nonsense();
  }
  transfer.next = reply.next_offset;
  transfer.sent = transfer.next;
  return {};
}

Status McuLink::send_window(Transfer& transfer) {
  const std::size_t window_bytes = info_.window_frames * transfer.chunk_bytes;
  while (transfer.sent < transfer.bundle.size()) {
    const std::size_t count =
        std::min(transfer.chunk_bytes, transfer.bundle.size() - transfer.sent);
    if (transfer.sent + count > transfer.next + window_bytes) return {};
    std::vector<std::uint8_t> payload(link::data_header_bytes + count);
    link::ByteWriter writer(payload.data(), payload.size());
    encode(link::DataRequest{static_cast<std::uint32_t>(transfer.sent),
                             transfer.bundle.data() + transfer.sent, count},
           writer);
    auto sent = channel_.send(link::MessageType::data, ++sequence_, payload);
    if (!sent) return sent.error();
    transfer.sent += count;
  }
  return {};
}

Status McuLink::take_acknowledgement(Transfer& transfer) {
  auto frame = channel_.receive(channel_.now() + patience_.of_attempt(transfer.attempt));
  if (!frame) return frame.error();
  if (frame->has_value()) return on_frame(transfer, **frame);
  if (++transfer.attempt >= patience_.attempts) return silence();
  ++channel_.traffic().repeated_requests;
  transfer.go_back();
  if (auto ended = channel_.send_end_marker(); !ended) return ended;
  // In a session silence may mean that there is none any more.
  return key_ && transfer.attempt > 1 ? begin(transfer) : Status();
}

Status McuLink::on_frame(Transfer& transfer, const link::Frame& frame) {
  link::DataReply reply;
  const bool progress = is_reply_to(link::MessageType::data, frame) &&
                        decode(frame.payload, frame.payload_bytes, reply);
  if (progress) return on_data_reply(transfer, reply);
  if (is_boot_notice(frame)) {
    if (++transfer.attempt >= patience_.attempts) return silence();
    return begin(transfer);
  }
  const link::ErrorReply error = refusal_of(link::MessageType::data, frame);
  if (error.code != link::ErrorCode::none) return on_data_error(transfer, error);
  ++channel_.traffic().ignored_frames;
  return {};
}

Status McuLink::on_data_reply(Transfer& transfer, const link::DataReply& reply) const {
  if (reply.next_offset > transfer.bundle.size()) return nonsense();
  if (reply.next_offset > transfer.next) transfer.advance(reply.next_offset);
  const bool gap = (reply.flags & link::data_gap) != 0 && reply.next_offset == transfer.next;
  if (gap) transfer.go_back();
  return {};
}

// A microcontroller that was reset knows of no transfer; it continues from what it had stored by
// then. Each frame still in flight says so once more, which costs a begin each.
Status McuLink::on_data_error(Transfer& transfer, const link::ErrorReply& error) {
  const bool was_reset = error.code == link::ErrorCode::no_transfer;
  if (!was_reset || ++transfer.attempt >= patience_.attempts) return refusal(error);
  return begin(transfer);
}

}  // namespace haltere::agent
