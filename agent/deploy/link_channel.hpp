#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "config/result.hpp"
#include "mcu/link/frame.hpp"
#include "mcu/link/messages.hpp"
#include "mcu/link/session.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::agent {

/// What travelled since a link was made, for efficiency and health.
struct LinkTraffic {
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t repeated_requests = 0;
  std::uint64_t ignored_frames = 0;  ///< late, unasked or not understood
  std::uint64_t notices = 0;         ///< handed to whoever takes them
};

/// How a link tells the time and waits for its port: by the machine's, or by those of a line that
/// is simulated.
struct LinkTime {
  using Clock = std::chrono::steady_clock;

  std::function<Clock::time_point()> now = Clock::now;

  /// As poll(2) for one descriptor: above 0 at an event, 0 after `limit`, below 0 with errno.
  std::function<int(pollfd& port, std::chrono::milliseconds limit)> wait =
      [](pollfd& port, std::chrono::milliseconds limit) {
        return poll(&port, 1, static_cast<int>(limit.count()));
      };
};

/// Takes what a microcontroller says unasked: link::MessageType::samples and changed.
using TakeNotice = std::function<void(const link::Frame& notice)>;

/// Frames over a serial port, blocking with a deadline. One thread at a time.
class LinkChannel {
 public:
  using Clock = LinkTime::Clock;

  /// `name` is what messages call the microcontroller. After `stop` every call fails with
  /// ErrorKind::unavailable within 50 ms.
  LinkChannel(std::unique_ptr<sensors::SerialPort> port, std::string name, std::stop_token stop,
              LinkTime time = {});

  [[nodiscard]] Clock::time_point now() const { return time_.now(); }

  /// Sends one request, sealed in a session. Returns the sequence of its reply: `sequence`, or in a
  /// session the next one. Errors: unavailable, io, timeout (the line takes no bytes).
  Result<std::uint16_t> send(link::MessageType type, std::uint16_t sequence,
                             std::span<const std::uint8_t> payload);

  /// From now on requests are sealed, and no reply counts that is not.
  void begin_session(std::span<const std::uint8_t, 16> key, std::span<const std::uint8_t, 16> nonce,
                     std::span<const std::uint8_t> hello);
  void end_session() {
    session_.end();
    decoder_.allow_sealed(false);
  }
  [[nodiscard]] bool in_session() const { return session_.active(); }

  /// `take` gets all notices that come while this waits for anything; without, they are ignored.
  void set_notice_taker(TakeNotice take) { take_notice_ = std::move(take); }

  /// Ends whatever half frame the other end may have heard.
  Status send_end_marker();

  /// The next good frame, opened if it is sealed, valid until the next call; nothing when none came
  /// before `deadline`. Notices go to their taker meanwhile.
  Result<std::optional<link::Frame>> receive(Clock::time_point deadline);

  /// As `receive`; nothing also once the input held a notice.
  Result<std::optional<link::Frame>> receive_or_notice(Clock::time_point deadline);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] LinkTraffic& traffic() { return traffic_; }
  [[nodiscard]] const LinkTraffic& traffic() const { return traffic_; }
  [[nodiscard]] const link::FrameCounters& frame_counters() const { return decoder_.counters(); }

  /// Largest content of a frame that either direction may have here.
  static constexpr std::size_t max_content_bytes = 8192;

 private:
  Status write_wire();
  std::optional<link::Frame> next_in_input();
  std::optional<link::Frame> accept(const link::Frame& frame);
  std::optional<link::Frame> open(const link::Frame& frame);
  Status fill_input();
  Result<bool> wait(short events, Clock::time_point deadline);

  std::unique_ptr<sensors::SerialPort> port_;
  std::string name_;
  std::stop_token stop_;
  LinkTime time_;
  std::vector<std::uint8_t> content_;  // the frame being composed
  std::vector<std::uint8_t> wire_;     // its bytes on the line
  std::vector<std::uint8_t> input_;    // read from the port, not yet taken from input_at_ on
  std::size_t input_at_ = 0;
  std::vector<std::uint8_t> reply_;  // the decoder's buffer
  link::FrameDecoder decoder_;
  LinkTraffic traffic_;
  link::Session session_;
  std::uint32_t sent_number_ = 0;      // of the session's last request
  std::uint32_t received_number_ = 0;  // and of its last reply
  std::uint32_t notice_number_ = 0;    // of the last that came unasked
  TakeNotice take_notice_;
};

}  // namespace haltere::agent
