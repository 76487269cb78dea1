#include "mcu/link/frame.hpp"

#include "mcu/link/bytes.hpp"
#include "mcu/link/checksum.hpp"

namespace haltere {
namespace link {
namespace {

constexpr size_t longest_run = 254;  // data bytes a COBS block holds at most

// Bytes from `start` that are not zero, at most a block's worth.
size_t run_length(const uint8_t* bytes, size_t start, size_t count) {
  size_t run = 0;
  while (start + run < count && run < longest_run && bytes[start + run] != 0) ++run;
  return run;
}

size_t send_cobs(const uint8_t* bytes, size_t count, const ByteSink& sink) {
  size_t sent = 0;
  size_t position = 0;
  bool open = true;  // a zero was sent last, so an (empty) block must follow
  while (position < count || open) {
    const size_t run = run_length(bytes, position, count);
    const auto code = static_cast<uint8_t>(run + 1);
    sink.write(sink.context, &code, 1);
    if (run > 0) sink.write(sink.context, bytes + position, run);
    sent += 1 + run;
    position += run;
    open = run < longest_run && position < count;
    if (open) ++position;  // the zero that the block stands for
  }
  return sent;
}

}  // namespace

size_t send_frame(const Frame& frame, uint8_t* content, const ByteSink& sink) {
  const size_t checked = header_bytes + frame.payload_bytes;
  ByteWriter header(content, header_bytes);
  header.u8(frame.type);
  header.u8(frame.flags);
  header.u16(frame.sequence);
  ByteWriter trailer(content + checked, crc_bytes);
  trailer.u32(crc32_iso_hdlc(0, content, checked));
  return send_content(content, checked + crc_bytes, sink);
}

size_t send_content(const uint8_t* content, size_t count, const ByteSink& sink) {
  const size_t sent = send_cobs(content, count, sink);
  const uint8_t end = 0;
  sink.write(sink.context, &end, 1);
  return sent + 1;
}

bool FrameDecoder::take(uint8_t byte) {
  if (byte == 0) return finish();
  take_data(byte);
  return false;
}

void FrameDecoder::take_data(uint8_t byte) {
  started_ = true;
  if (block_left_ > 0) {
    store(byte);
    --block_left_;
    return;
  }
  if (zero_after_block_) store(0);
  block_left_ = static_cast<uint8_t>(byte - 1);
  zero_after_block_ = byte != 0xFF;
}

void FrameDecoder::store(uint8_t byte) {
  if (size_ < capacity_) {
    buffer_[size_++] = byte;
  } else {
    overflow_ = true;
  }
}

bool FrameDecoder::finish() {
  const bool good = started_ && check();
  size_ = 0;
  block_left_ = 0;
  zero_after_block_ = false;
  started_ = false;
  overflow_ = false;
  return good;
}

bool FrameDecoder::check() {
  if (overflow_) return ++counters_.oversize_frames, false;
  if (block_left_ > 0) return ++counters_.cobs_errors, false;
  const bool sealed = allow_sealed_ && size_ > 1 && (buffer_[1] & sealed_flag) != 0;
  const size_t around = header_bytes + (sealed ? frame_tag_bytes : crc_bytes);
  if (size_ < around) return ++counters_.short_frames, false;
  ByteReader reader(buffer_, size_);
  frame_.type = reader.u8();
  frame_.flags = reader.u8();
  frame_.sequence = reader.u16();
  frame_.payload = reader.rest();
  frame_.payload_bytes = size_ - around;
  reader.skip(frame_.payload_bytes);
  if (!sealed && reader.u32() != crc32_iso_hdlc(0, buffer_, size_ - crc_bytes)) {
    return ++counters_.crc_errors, false;
  }
  ++counters_.frames;
  return true;
}

}  // namespace link
}  // namespace haltere
