// How a bundle comes in: begin, data, commit.
#include "mcu/firmware/runtime.hpp"

namespace haltere {
namespace firmware {

using link::ErrorCode;

Runtime::Outcome Runtime::on_begin(const link::Frame& request, link::ByteWriter& reply) {
  link::BeginRequest begin;
  if (!decode(request.payload, request.payload_bytes, begin)) return {ErrorCode::malformed, 0};
  if (begin.length_bytes == 0) return {ErrorCode::out_of_range, slots_.capacity_bytes()};
  if (begin.length_bytes > slots_.capacity_bytes()) return {ErrorCode::too_big, begin.length_bytes};
  const int slot = is_active(begin.hash) ? active_ : idle_slot();
  // The idle slot then holds what a start would return to.
  if (slot != active_ && trial_left_ > 0 && slots_.newest(active_) != no_slot) {
    return {ErrorCode::on_trial, trial_left_};
  }
  const SlotRecord present = slots_.record(slot);
  // A slot that was active once cannot be activated again (its cell is written): it starts anew.
  const bool resumable = present.begun && !present.retired && !present.spoilt &&
                         present.hash == begin.hash && present.length_bytes == begin.length_bytes &&
                         (present.activation == 0 || slot == active_);
  if (slot != active_)
    verified_ = static_cast<uint8_t>(verified_ & ~(1U << static_cast<unsigned>(slot)));
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

// Half a window, or more while two frames in flight still cover the reply's way.
bool Runtime::acknowledgement_due(const link::DataReply& progress, bool repeated) {
  if ((progress.flags & link::data_gap) != 0) {
    const bool first = !gap_reported_;
    gap_reported_ = true;
    return first;
  }
  const int half = (memory_.window_frames + 1) / 2;
  const int most = memory_.window_frames - 2;
  return repeated || next_offset_ == length_bytes_ ||
         unacknowledged_frames_ >= (most > half ? most : half);
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
    Outcome outcome = verify(slot);
    if (outcome.error == ErrorCode::none) outcome = check_newer(slot);
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

}  // namespace firmware
}  // namespace haltere
