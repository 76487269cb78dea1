#include "agent/deploy/link_channel.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "mcu/link/sensing.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto stop_check = 50ms;
constexpr auto write_patience = 2000ms;
constexpr std::size_t read_bytes = 4096;

void append(void* context, const std::uint8_t* bytes, std::size_t count) {
  auto& wire = *static_cast<std::vector<std::uint8_t>*>(context);
  wire.insert(wire.end(), bytes, bytes + count);
}

}  // namespace

LinkChannel::LinkChannel(std::unique_ptr<sensors::SerialPort> port, std::string name,
                         std::stop_token stop, LinkTime time)
    : port_(std::move(port)),
      name_(std::move(name)),
      stop_(std::move(stop)),
      time_(std::move(time)),
      reply_(max_content_bytes),
      decoder_(reply_.data(), reply_.size()) {}

Result<std::uint16_t> LinkChannel::send(link::MessageType type, std::uint16_t sequence,
                                        std::span<const std::uint8_t> payload) {
  content_.resize(link::header_bytes + payload.size() + link::frame_tag_bytes);
  std::ranges::copy(payload, content_.begin() + link::header_bytes);
  link::Frame frame;
  frame.type = static_cast<std::uint8_t>(type);
  frame.sequence = sequence;
  frame.payload_bytes = payload.size();
  wire_.clear();
  const link::ByteSink sink{append, &wire_};
  if (session_.active()) {
    ++sent_number_;
    frame.sequence = static_cast<std::uint16_t>(sent_number_);
    session_.send(frame, sent_number_, link::Direction::to_mcu, content_.data(), sink);
  } else {
    link::send_frame(frame, content_.data(), sink);
  }
  if (auto written = write_wire(); !written) return written.error();
  return frame.sequence;
}

void LinkChannel::begin_session(std::span<const std::uint8_t, 16> key,
                                std::span<const std::uint8_t, 16> nonce,
                                std::span<const std::uint8_t> hello) {
  session_.begin(key.data(), nonce.data(), hello.data(), hello.size());
  decoder_.allow_sealed(true);
  sent_number_ = 0;
  received_number_ = 0;
  notice_number_ = 0;
}

// In a session only what is sealed counts, and each number once; a start may be announced by
// anybody, it only costs a hello.
std::optional<link::Frame> LinkChannel::accept(const link::Frame& frame) {
  const bool sealed = (frame.flags & link::sealed_flag) != 0;
  if (!session_.active()) return frame;
  if (!sealed) {
    const bool notice = frame.type == static_cast<std::uint8_t>(link::MessageType::booted);
    return notice ? std::optional(frame) : std::nullopt;
  }
  return open(frame);
}

// Replies have the numbers of requests, notices their own.
std::optional<link::Frame> LinkChannel::open(const link::Frame& frame) {
  const bool notice = link::is_notice(frame.type);
  std::uint32_t& last = notice ? notice_number_ : received_number_;
  const std::uint32_t number = link::next_number(last, frame.sequence);
  const auto direction = notice ? link::Direction::unasked : link::Direction::to_board;
  if ((!notice && number > sent_number_) ||
      !session_.open(frame, number, direction, reply_.data())) {
    return std::nullopt;
  }
  last = number;
  link::Frame opened = frame;
  opened.flags = 0;
  return opened;
}

Status LinkChannel::send_end_marker() {
  wire_.assign(1, 0);
  return write_wire();
}

Status LinkChannel::write_wire() {
  std::span<const std::uint8_t> left(wire_);
  while (!left.empty()) {
    auto written = port_->write(left);
    if (!written) return written.error();
    left = left.subspan(*written);
    traffic_.sent_bytes += *written;
    if (*written > 0) continue;
    auto ready = wait(POLLOUT, now() + write_patience);
    if (!ready) return ready.error();
    if (!*ready) return Error{ErrorKind::timeout, "mcu '" + name_ + "' takes no bytes"};
  }
  return {};
}

// True when an event came, false at the deadline.
Result<bool> LinkChannel::wait(short events, Clock::time_point deadline) {
  for (;;) {
    if (stop_.stop_requested()) return Error{ErrorKind::unavailable, "stopped"};
    const auto left = deadline - now();
    if (left <= Clock::duration::zero()) return false;
    const auto slice = std::min<Clock::duration>(left, stop_check);
    pollfd ready{.fd = port_->fd(), .events = events, .revents = 0};
    const int count = time_.wait(ready, std::chrono::ceil<std::chrono::milliseconds>(slice));
    if (count > 0) return true;
    if (count < 0 && errno != EINTR) {
      return Error{ErrorKind::io, "waiting for mcu '" + name_ + "' failed"};
    }
  }
}

// The next frame that counts among the bytes that were read; nothing when they are used up.
std::optional<link::Frame> LinkChannel::next_in_input() {
  while (input_at_ < input_.size()) {
    if (!decoder_.take(input_[input_at_++])) continue;
    const auto frame = accept(decoder_.frame());
    const bool notice = frame && link::is_notice(frame->type);
    if (frame && !notice) return frame;
    if (!notice || !take_notice_) {
      ++traffic_.ignored_frames;
      continue;
    }
    take_notice_(*frame);
    ++traffic_.notices;
  }
  return std::nullopt;
}

Result<std::optional<link::Frame>> LinkChannel::receive(Clock::time_point deadline) {
  for (;;) {
    const std::uint64_t before = traffic_.notices;
    auto frame = receive_or_notice(deadline);
    if (!frame || frame->has_value() || traffic_.notices == before) return frame;
  }
}

Result<std::optional<link::Frame>> LinkChannel::receive_or_notice(Clock::time_point deadline) {
  const std::uint64_t before = traffic_.notices;
  for (;;) {
    if (auto frame = next_in_input()) return frame;
    if (traffic_.notices != before) return std::optional<link::Frame>();
    auto ready = wait(POLLIN, deadline);
    if (!ready) return ready.error();
    if (!*ready) return std::optional<link::Frame>();
    if (auto filled = fill_input(); !filled) return filled.error();
  }
}

Status LinkChannel::fill_input() {
  input_.resize(read_bytes);
  input_at_ = 0;
  auto count = port_->read(input_);
  input_.resize(count ? *count : 0);
  if (!count) return count.error();
  traffic_.received_bytes += *count;
  return {};
}

}  // namespace haltere::agent
