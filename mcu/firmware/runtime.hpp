#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/platform.hpp"
#include "mcu/firmware/sensing.hpp"
#include "mcu/firmware/slots.hpp"
#include "mcu/firmware/storage.hpp"
#include "mcu/firmware/study.hpp"
#include "mcu/firmware/vault.hpp"
#include "mcu/link/frame.hpp"
#include "mcu/link/messages.hpp"
#include "mcu/link/session.hpp"
#include "models/kernels/bundle_view.hpp"

namespace haltere {
namespace firmware {

/// major << 16 | minor << 8 | patch.
constexpr uint32_t firmware_version = 0x000100;

/// Inferences without a fault after which a new model is trusted. A start before that returns to
/// the model before it.
constexpr uint8_t trial_inferences = 8;

/// The microcontroller's end of the link and the life of its models: receives requests byte by
/// byte, answers through a sink, keeps two slots, infers. Any bytes are safe.
/// Once enrolled it obeys only the board that has its key.
class Runtime {
 public:
  Runtime(const Platform& platform, const Memory& memory, const Storage& storage,
          const link::ByteSink& out);

  /// Loads the model that was active last, ready at once; when it is bad or did not prove itself
  /// before this start, the one before. Then says that it has started: the sink must work. Call
  /// once, first.
  void boot();

  /// Does what can wait until no byte does: reads through a model whose record vouched for it when
  /// it was loaded, once after a start. Is it bad after all, the one before takes its place.
  void idle();

  /// Takes one byte from the line; answers before it returns when the byte completed a request.
  void take(uint8_t byte);

  /// Takes one sample of the device's own sensor, if one waits: streams it, judges the window that
  /// it completes. False: none waits.
  bool sense();

  /// Whether samples are to be expected; then the port counts its sleep by `slept`.
  bool senses() const { return sensing_.rate_hz() > 0.0f; }
  void slept(uint32_t ticks) { sensing_.slept(ticks); }

  /// True once a reset was asked for and its reply handed to the sink.
  bool reset_requested() const { return reset_requested_; }

  int active_slot() const { return active_; }

  /// What it has decided of its own sensor's windows, as a verdict; -1: unknown, or nothing yet.
  int16_t decision() const { return sensing_.watch().debounce().decision(); }

 private:
  using Error = link::ErrorCode;
  using MessageType = link::MessageType;

  struct Outcome {
    Error error = Error::none;
    uint32_t detail = 0;
  };

  void announce();
  void load_newest();
  bool end_trial();
  void answer(const link::Frame& request);
  bool open_sealed(const link::Frame& request);
  Outcome permit(const link::Frame& request) const;
  bool may_enroll() const;
  void begin_session(const link::HelloRequest& hello, const link::ByteWriter& reply);
  void count_session(const uint8_t* nonce);
  void describe_trust(link::HelloReply& answer) const;
  Outcome on_enroll(const link::Frame& request);
  Outcome check_seal(const uint8_t* bundle, uint32_t size) const;
  Outcome check_newer(int slot) const;
  Outcome dispatch(const link::Frame& request, link::ByteWriter& reply);
  Outcome dispatch_model(const link::Frame& request, link::ByteWriter& reply);
  void send(uint8_t type, const link::ByteWriter& reply);

  Outcome on_hello(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_begin(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_data(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_commit(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_activate(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_rollback(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_infer(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_extract(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_status(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_bench(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_prove(const link::Frame& request, link::ByteWriter& reply);
  Outcome dispatch_sensing(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_watch(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_sensor(const link::Frame& request, link::ByteWriter& reply) const;
  Outcome on_statistics(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_drift(const link::Frame& request, link::ByteWriter& reply) const;

  Outcome dispatch_study(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_study(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_label(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_teach(const link::Frame& request, link::ByteWriter& reply);
  Outcome on_pull(const link::Frame& request, link::ByteWriter& reply) const;
  Outcome start_study(float rate);
  void describe_study(link::ByteWriter& reply) const;
  int32_t label_now() const;
  kernels::Verdict judge_and_learn();

  void lend_arena(size_t bytes);
  void judge_window();
  void report_change(int16_t before, float score);
  void send_samples();
  void send_unasked(MessageType type, const link::ByteWriter& payload);
  link::ByteWriter unasked_payload() const;
  void set_wake_line(bool raised);
  void end_reports();
  Outcome store(const link::DataRequest& data, link::DataReply& progress);
  bool acknowledgement_due(const link::DataReply& progress, bool repeated);
  int idle_slot() const { return active_ == 0 ? 1 : 0; }
  bool is_active(uint64_t hash) const;
  Outcome load(int slot, kernels::BundleView& view) const;
  Outcome verify(int slot);
  void make_active(int slot, const kernels::BundleView& view);
  Outcome leave_active();
  void count_healthy();
  void note_confirmed();
  Outcome read_values(const link::Frame& request, size_t expected) const;
  int8_t* scratch() const;
  int8_t* outputs() const;
  void run_once(link::BenchSubject what);
  uint64_t time_runs(const link::BenchRequest& bench);

  Platform platform_;
  Memory memory_;
  Slots slots_;
  link::ByteSink out_;
  link::FrameDecoder decoder_;
  link::StatusReply counters_;

  int active_ = no_slot;
  uint64_t active_hash_ = 0;
  uint8_t verified_ = 0;       // a bit per slot: its bytes were read through since the start
  uint8_t trial_left_ = 0;     // healthy inferences until the active model is confirmed
  kernels::BundleView model_;  // of the active slot

  int receiving_ = no_slot;  // slot of the transfer in progress
  uint32_t next_offset_ = 0;
  uint32_t length_bytes_ = 0;
  uint64_t receiving_hash_ = 0;
  uint8_t unacknowledged_frames_ = 0;
  bool gap_reported_ = false;
  bool silent_ = false;  // this request is answered by a later reply

  bool reset_requested_ = false;

  // The device's own sensor, and what is said of it unasked.
  Sensing sensing_;
  Study study_;
  int16_t label_ = -1;
  uint32_t labelled_until_ = 0;  // number of the sample
  bool reports_ = false;
  bool wake_line_ = false;
  uint32_t unasked_number_ = 0;
  uint32_t decided_at_ = 0;  // number of the sample

  // Trust: the session that the last hello began, numbers of its frames, and whether this request
  // came sealed.
  Vault vault_;
  link::Session session_;
  uint32_t sessions_ = 0;
  uint32_t frame_number_ = 0;
  uint8_t nonce_[16] = {};
  bool may_begin_session_ = false;
  bool sealed_ = false;
};

}  // namespace firmware
}  // namespace haltere
