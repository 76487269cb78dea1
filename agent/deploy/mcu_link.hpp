#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "mcu/link/frame.hpp"
#include "mcu/link/messages.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::agent {

/// How patient a link is. A reply that does not come within `reply_timeout` is asked for again,
/// each time with twice the patience up to `longest_timeout`; after `attempts` without progress the
/// call fails with ErrorKind::timeout.
struct LinkPatience {
  std::chrono::milliseconds reply_timeout{400};
  std::chrono::milliseconds longest_timeout{3000};
  int attempts = 8;
};

/// A microcontroller as its hello describes it.
using McuInfo = link::HelloReply;

/// "Cortex-M4F".
[[nodiscard]] std::string_view to_string(link::Core core);
/// "self-test failed", for a person.
[[nodiscard]] std::string_view to_string(link::ErrorCode code);
/// "1.2.3" of `packed` = major << 16 | minor << 8 | patch.
[[nodiscard]] std::string format_version(std::uint32_t packed);
/// 16 hexadecimal digits.
[[nodiscard]] std::string format_hash(std::uint64_t hash);

/// Called with bytes stored so far and the total.
using Progress = std::function<void(std::size_t done_bytes, std::size_t total_bytes)>;

struct Inference {
  std::uint32_t model_version = 0;
  std::uint64_t model_hash = 0;
  int verdict = -1;  ///< class, or 0/1 for an anomaly detector, else -1
  std::vector<std::int8_t> outputs;
};

struct ActiveModel {
  int slot = -1;
  std::uint32_t model_version = 0;
  std::uint64_t model_hash = 0;
};

/// What travelled since the link was made, for efficiency and health.
struct LinkTraffic {
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t repeated_requests = 0;
  std::uint64_t ignored_frames = 0;  ///< late, unasked or not understood
};

/// One board's end of the link: asks and waits, repeats what got lost. All calls block until the
/// answer, a failure or `stop`; one thread at a time. Errors of every call: timeout (no answer),
/// unavailable and io (from the port), refused (the microcontroller said no, and why), corrupt (an
/// answer that makes no sense), unavailable with "stopped" after a stop request.
class McuLink {
 public:
  /// `name` is what messages call the microcontroller: its id, or its device.
  McuLink(std::unique_ptr<sensors::SerialPort> port, std::string name, LinkPatience patience = {},
          std::stop_token stop = {});

  /// Asks who is there. Must succeed before any other call; call it again after a reset.
  Result<McuInfo> hello();
  [[nodiscard]] const McuInfo& info() const { return info_; }

  /// Hands a bundle over: transfer (resumed where an earlier one ended), check and self-test there,
  /// then activation. A bundle that does not fit is refused before a byte of it is sent. Errors
  /// also: invalid (not a bundle), refused.
  Result<ActiveModel> push(std::span<const std::uint8_t> bundle, const Progress& progress = {});

  /// Runs the active model there.
  Result<Inference> infer(std::span<const float> features);

  /// Features of a window [channels][samples] as the active model's recipe computes them there.
  Result<std::vector<float>> extract(std::span<const float> window);

  Result<link::StatusReply> status();

  /// Leaves the active model for the previous one.
  Result<ActiveModel> rollback();

  /// Time of `count` inferences of the active model.
  Result<link::BenchReply> bench(std::uint32_t count);

  /// Restarts the microcontroller; say hello afterwards.
  Status reset();

  [[nodiscard]] const LinkTraffic& traffic() const { return traffic_; }
  [[nodiscard]] const link::FrameCounters& frame_counters() const { return decoder_.counters(); }

  /// Most bytes of a bundle that one frame carries; smaller is safer on a noisy line.
  void set_chunk_bytes(std::size_t bytes) { chunk_bytes_ = bytes; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Transfer;

  std::uint8_t* begin_payload() { return content_.data() + link::header_bytes; }
  Status send(link::MessageType type, std::uint16_t sequence, std::size_t payload_bytes);
  Status write_all(std::span<const std::uint8_t> bytes);
  Status wait(short events, Clock::time_point deadline);
  Result<bool> receive(Clock::time_point deadline);
  Error refusal(const link::Frame& frame) const;

  template <typename Request>
  Result<std::size_t> encode_request(const Request& request);
  template <typename Reply, typename Request>
  Result<Reply> ask(link::MessageType type, const Request& request);
  Result<link::Frame> exchange(link::MessageType type, std::size_t payload_bytes);
  Result<link::Frame> await_reply(link::MessageType type, std::uint16_t sequence,
                                  Clock::time_point deadline);

  Status check_fits(std::span<const std::uint8_t> bundle) const;
  Status transfer(std::span<const std::uint8_t> bundle, std::uint64_t hash,
                  const Progress& progress);
  Status fill_window(Transfer& transfer);
  Status take_acknowledgement(Transfer& transfer);
  [[nodiscard]] std::size_t chunk_bytes() const;

  std::unique_ptr<sensors::SerialPort> port_;
  std::string name_;
  LinkPatience patience_;
  std::stop_token stop_;
  McuInfo info_;
  std::size_t chunk_bytes_ = 496;
  std::uint16_t sequence_ = 0;
  std::vector<std::uint8_t> content_;   // the request being composed
  std::vector<std::uint8_t> wire_;      // its bytes on the line
  std::vector<std::uint8_t> received_;  // read from the port, from `received_at_` on not yet taken
  std::size_t received_at_ = 0;
  std::vector<std::uint8_t> reply_;  // the decoder's buffer
  link::FrameDecoder decoder_;
  LinkTraffic traffic_;
};

}  // namespace haltere::agent
