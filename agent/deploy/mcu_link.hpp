#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/deploy/link_channel.hpp"
#include "agent/deploy/mcu_keys.hpp"
#include "config/result.hpp"
#include "mcu/link/messages.hpp"
#include "mcu/link/sensing.hpp"
#include "mcu/link/study.hpp"
#include "models/kernels/dense_s8.hpp"
#include "sensors/serial_port.hpp"

namespace haltere::agent {

/// How patient a link is. A reply that does not come within `reply_timeout` is asked for again,
/// each time with twice the patience up to `longest_timeout`; after `attempts` without progress the
/// call fails with ErrorKind::timeout.
struct LinkPatience {
  std::chrono::milliseconds reply_timeout{400};
  std::chrono::milliseconds longest_timeout{3000};
  int attempts = 8;

  /// Patience of attempt 0, 1, 2 ...
  [[nodiscard]] std::chrono::milliseconds of_attempt(int attempt) const;
};

/// A microcontroller as its hello describes it.
using McuInfo = link::HelloReply;

/// How weights should lie for the core that answered: the fastest that its firmware knows.
[[nodiscard]] kernels::WeightPacking packing_for(const McuInfo& info);

/// Called with bytes stored so far and the total.
using Progress = std::function<void(std::size_t done_bytes, std::size_t total_bytes)>;

/// A request without a payload.
struct EmptyRequest {};
inline void encode(const EmptyRequest& /*message*/, link::ByteWriter& /*writer*/) {}

struct Inference {
  std::uint32_t model_version = 0;
  std::uint64_t model_hash = 0;
  int verdict = -1;  ///< kernels::Verdict::label
  std::vector<std::int8_t> outputs;
};

struct ActiveModel {
  int slot = -1;
  std::uint32_t model_version = 0;
  std::uint64_t model_hash = 0;
};

/// What the microcontroller counted of its own sensor; `counts.histogram` is null.
struct McuStatistics {
  link::StatisticsReply counts;
  std::vector<std::uint32_t> histogram;  ///< windows of each verdict, at last of "unknown"
  std::uint32_t drift_windows = 0;
  std::vector<link::InputDrift> drift;  ///< of each input; empty when it does not infer by itself
};

/// What a microcontroller learned: the best of it, kernels::HeadF32::delta.
struct McuHead {
  std::uint32_t kept_step = 0;  ///< 0: nothing yet
  std::vector<float> delta;
};

/// Whether `frame` is the reply to a request of `type`; its sequence is not looked at.
[[nodiscard]] bool is_reply_to(link::MessageType type, const link::Frame& frame);

/// Whether the microcontroller says that it has just started.
[[nodiscard]] bool is_boot_notice(const link::Frame& frame);

/// The microcontroller's refusal of a request of `type`, code `none` when `frame` is none.
[[nodiscard]] link::ErrorReply refusal_of(link::MessageType type, const link::Frame& frame);

/// The board's end of the link: asks and waits, repeats what got lost. All calls block until the
/// answer, a failure or `stop`; one thread at a time. Errors of every call: timeout (no answer),
/// unavailable and io (from the port, or stopped), refused (the microcontroller said no, and why),
/// corrupt (an answer that makes no sense).
class McuLink {
 public:
  /// `name` is what messages call the microcontroller: its id, or its device.
  McuLink(std::unique_ptr<sensors::SerialPort> port, std::string name, LinkPatience patience = {},
          std::stop_token stop = {}, LinkTime time = {});

  /// Where the keys of enrolled microcontrollers are kept; without, these refuse all but hello.
  void set_keys(McuKeys keys) { keys_ = std::move(keys); }

  /// Makes a key for the microcontroller and gives it: while its button allows, or sealed under the
  /// key before. Needs set_keys. Models that it has are not trusted afterwards. Returns its new
  /// name. Errors also: invalid, refused.
  Result<std::string> enroll();

  /// Asks who is there. Must succeed before any other call; call it again after a reset. Errors
  /// also: refused when it is enrolled and its key is not among ours.
  Result<McuInfo> hello();
  [[nodiscard]] const McuInfo& info() const { return info_; }

  /// Hands the bundle `model` (4-aligned) over: transfer, resumed where an earlier one ended, check
  /// and self-test there, activation, and the inferences after which it stays over a reset. What is
  /// sent are its weights packed for the core that answered hello, or the bundle as it is where the
  /// core has no packing or no room for it; so the model's hash may be another than the bundle's. A
  /// bundle that does not fit is refused before a byte of it is sent. Errors also: invalid (not a
  /// plain bundle), refused.
  Result<ActiveModel> push(std::span<const std::uint8_t> model, const Progress& progress = {});

  /// Runs the active model there.
  Result<Inference> infer(std::span<const float> features);

  /// Features of a window [channels][samples] as the active model's recipe computes them there.
  Result<std::vector<float>> extract(std::span<const float> window);

  Result<link::StatusReply> status();

  /// Leaves the active model for the previous one.
  Result<ActiveModel> rollback();

  /// Time of `count` inferences of the active model, or of loading it; waits up to `limit` for the
  /// answer.
  Result<link::BenchReply> bench(std::uint32_t count, std::chrono::milliseconds limit,
                                 link::BenchSubject what = link::BenchSubject::inference);

  /// What it does with its own sensor, and what it shall: see link::WatchRequest. Whoever asks with
  /// `report` off and no samples only looks, and ends what was asked before.
  Result<link::WatchReply> watch(const link::WatchRequest& request = {});
  Result<link::SensorReply> sensor();
  Result<McuStatistics> statistics();

  /// Lets the active model's last layer learn there, from 0 on unless it does already, or ends
  /// that. `rate` 0: the usual one. Errors also: refused, naming the bytes of RAM that are missing.
  Result<link::StudyReply> study(bool on, float rate = 0.0F);
  /// What its own sensor sees until sample `until_sample` is of class `label`; -1: nobody knows.
  Result<link::StudyReply> label(int label, std::uint32_t until_sample);
  /// Teaches it one window; `step` as the reply before counted them.
  Result<link::StudyReply> teach(std::uint32_t step, int label, std::span<const float> features);
  /// What it learned.
  Result<McuHead> pull();

  /// `take` gets what it says unasked, while any call waits for it.
  void set_notice_taker(TakeNotice take) { channel_.set_notice_taker(std::move(take)); }

  /// Waits for notices until `deadline`, at most until one came. False: it was started anew, and
  /// says nothing more unless it is asked again.
  Result<bool> listen(std::chrono::milliseconds longest);

  /// Restarts the microcontroller; say hello afterwards.
  Status reset();

  [[nodiscard]] const LinkTraffic& traffic() const { return channel_.traffic(); }
  [[nodiscard]] const link::FrameCounters& frame_counters() const {
    return channel_.frame_counters();
  }

  /// Weights as they are, also for a core that knows a packing.
  void set_plain(bool plain) { plain_ = plain; }

  /// Most bytes of a bundle that one frame carries, a multiple of 4; smaller is safer on a noisy
  /// line.
  void set_chunk_bytes(std::size_t bytes) { chunk_bytes_ = bytes; }

 private:
  using Clock = LinkChannel::Clock;
  struct Transfer;

  /// A reply's frame, or the microcontroller's refusal.
  struct Answer {
    link::Frame frame;
    link::ErrorReply error;  ///< code none: `frame` is the reply
  };

  Status join(std::span<const std::uint8_t, 16> nonce, const link::Frame& reply);
  Status seal(std::vector<std::uint8_t>& bundle);
  Result<Answer> exchange(link::MessageType type, std::span<const std::uint8_t> payload);
  Status recover();
  Result<Answer> await_answer(link::MessageType type, std::uint16_t sequence,
                              Clock::time_point deadline);
  static std::optional<Answer> answer_in(const link::Frame& frame, link::MessageType type,
                                         std::uint16_t sequence);
  template <typename Request>
  Result<Answer> ask(link::MessageType type, const Request& request);
  template <typename Reply, typename Request>
  Result<Reply> ask_for(link::MessageType type, const Request& request);
  Result<bool> read_drift(McuStatistics& statistics);
  Result<Answer> ask_with_values(link::MessageType type, std::span<const float> values);

  /// Of a frame, behind its payload.
  [[nodiscard]] std::size_t trailer_bytes() const {
    return key_ ? link::frame_tag_bytes : link::crc_bytes;
  }

  [[nodiscard]] Error refusal(const link::ErrorReply& error) const;
  [[nodiscard]] Error missing_ram(const std::string& what, std::size_t needed_bytes) const;
  [[nodiscard]] Error nonsense() const;
  [[nodiscard]] Error silence() const;

  [[nodiscard]] Status check_fits(std::span<const std::uint8_t> bundle) const;
  [[nodiscard]] Result<std::vector<std::uint8_t>> bytes_to_send(
      std::span<const std::uint8_t> bundle) const;
  Status transfer(std::span<const std::uint8_t> bundle, std::uint64_t hash,
                  const Progress& progress);
  Status begin(Transfer& transfer);
  Result<Answer> ask_to_begin(const Transfer& transfer);
  Status prove(std::uint64_t hash);
  Status send_window(Transfer& transfer);
  Status take_acknowledgement(Transfer& transfer);
  Status on_frame(Transfer& transfer, const link::Frame& frame);
  Status on_data_reply(Transfer& transfer, const link::DataReply& reply) const;
  Status on_data_error(Transfer& transfer, const link::ErrorReply& error);
  Status commit(std::uint64_t hash, bool& try_again);

  LinkChannel channel_;
  LinkPatience patience_;
  McuInfo info_;
  std::optional<McuKeys> keys_;
  std::optional<McuKey> key_;  // of the microcontroller that answered, if it is enrolled
  bool plain_ = false;
  std::size_t chunk_bytes_ = 496;  // with header and crc 508 bytes: 2 of COBS, 511 on the line
  std::uint16_t sequence_ = 0;
};

template <typename Request>
Result<McuLink::Answer> McuLink::ask(link::MessageType type, const Request& request) {
  // Every fixed-size request is shorter; data and values are composed in vectors.
  std::array<std::uint8_t, 64> payload{};
  link::ByteWriter writer(payload.data(), payload.size());
  encode(request, writer);
  return exchange(type, std::span(payload).first(writer.size()));
}

template <typename Reply, typename Request>
Result<Reply> McuLink::ask_for(link::MessageType type, const Request& request) {
  auto answer = ask(type, request);
  if (!answer) return answer.error();
  if (answer->error.code != link::ErrorCode::none) return refusal(answer->error);
  Reply reply;
  if (!decode(answer->frame.payload, answer->frame.payload_bytes, reply)) return nonsense();
  return reply;
}

}  // namespace haltere::agent
