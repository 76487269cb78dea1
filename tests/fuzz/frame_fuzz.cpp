// Any bytes on the line: the decoder, every message, and the whole firmware runtime stay in their
// bounds, and flash is only written where it was erased.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "mcu/firmware/runtime.hpp"
#include "mcu/firmware/wave.hpp"
#include "mcu/link/checksum.hpp"
#include "mcu/link/sensing.hpp"
#include "mcu/link/study.hpp"
#include "tests/fakes/memory_flash.hpp"

namespace {

using haltere::link::MessageType;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t content_bytes = 512;

void ignore(void* /*context*/, const std::uint8_t* /*bytes*/, std::size_t /*count*/) {}
std::uint32_t zero(void* /*context*/) { return 0; }

void append(void* context, const std::uint8_t* bytes, std::size_t count) {
  auto& wire = *static_cast<Bytes*>(context);
  wire.insert(wire.end(), bytes, bytes + count);
}

template <typename... Messages>
void decode_as(std::span<const std::uint8_t> payload) {
  (([payload] {
     Messages message;
     (void)decode(payload.data(), payload.size(), message);
   }()),
   ...);
}

void decode_as_everything(std::span<const std::uint8_t> payload) {
  using namespace haltere::link;
  decode_as<HelloRequest, HelloReply, BeginRequest, BeginReply, DataRequest, DataReply, HashRequest,
            CommitReply, ActivateReply, RollbackReply, InferReply, StatusReply, BenchRequest,
            BenchReply, ErrorReply, WatchRequest, WatchReply, SensorReply, StatisticsReply,
            DriftRequest, DriftReply, SamplesNotice, ChangeNotice, StudyRequest, LabelRequest,
            TeachRequest, StudyReply, PullRequest, PullReply>(payload);
}

/// The runtime on small memories.
class Device {
 public:
  Device()
      : flash_(8 * 1024),
        arena_(64),
        received_(content_bytes),
        reply_(content_bytes),
        values_(content_bytes / 4),
        runtime_(platform(), memory(), flash_.storage(), {ignore, nullptr}) {
    runtime_.boot();
  }

  void take(std::uint8_t byte) {
    runtime_.take(byte);
    if (byte == 0) runtime_.sense();
  }
  [[nodiscard]] bool flash_was_abused() const { return flash_.violations != 0; }

 private:
  haltere::firmware::Platform platform() {
    haltere::firmware::Platform platform;
    platform.ticks = zero;
    platform.tick_hz = 1;
    platform.overruns = zero;
    platform.sensor.channels = haltere::firmware::wave_channels;
    platform.sensor.channel = haltere::firmware::wave_channel_names();
    platform.sensor.most_hz = 1000.0F;
    platform.sensor.context = this;
    platform.sensor.start = [](void* device, float /*rate_hz*/) {
      static_cast<Device*>(device)->sample_ = 0;
      return true;
    };
    platform.sensor.stop = [](void* /*device*/) {};
    platform.sensor.read = [](void* device, std::int16_t* sample, std::uint32_t& number) {
      number = static_cast<Device*>(device)->sample_++;
      haltere::firmware::wave_sample(number, sample);
      return true;
    };
    return platform;
  }

  haltere::firmware::Memory memory() {
    haltere::firmware::Memory memory;
    memory.arena = static_cast<std::uint8_t*>(static_cast<void*>(arena_.data()));
    memory.arena_bytes = arena_.size() * sizeof arena_[0];
    memory.received = received_.data();
    memory.reply = reply_.data();
    memory.values = values_.data();
    memory.content_bytes = content_bytes;
    memory.window_frames = 4;
    memory.stream = stream_.data();
    memory.stream_bytes = stream_.size();
    return memory;
  }

  haltere::fakes::MemoryFlash flash_;
  std::vector<std::uint64_t> arena_;
  Bytes received_;
  Bytes reply_;
  std::vector<float> values_;
  Bytes stream_ = Bytes(256);
  std::uint32_t sample_ = 0;
  haltere::firmware::Runtime runtime_;
};

// The fuzzer cannot guess a crc: what follows a length byte is wrapped into a good frame.
void send_framed(Device& device, std::span<const std::uint8_t> input) {
  std::uint16_t sequence = 0;
  while (input.size() >= 2) {
    const std::size_t count = std::min<std::size_t>(input[1], input.size() - 2);
    Bytes content(haltere::link::header_bytes + count + haltere::link::crc_bytes);
    std::copy_n(input.begin() + 2, count, content.begin() + haltere::link::header_bytes);
    haltere::link::Frame frame;
    frame.type = input[0];
    frame.sequence = ++sequence;
    frame.payload_bytes = count;
    Bytes wire;
    haltere::link::send_frame(frame, content.data(), {append, &wire});
    for (const std::uint8_t byte : wire) device.take(byte);
    input = input.subspan(2 + count);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  decode_as_everything(input);
  Device raw;
  for (const std::uint8_t byte : input) raw.take(byte);
  Device framed;
  send_framed(framed, input);
  if (raw.flash_was_abused() || framed.flash_was_abused()) std::abort();
  return 0;
}
