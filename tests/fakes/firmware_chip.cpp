#include "tests/fakes/firmware_chip.hpp"

#include <algorithm>
#include <utility>

namespace haltere::fakes {
namespace {

constexpr std::size_t content_bytes = 1024;

std::uint32_t no_count(void* /*context*/) { return 0; }

}  // namespace

/// One direction of a noisy line.
class FirmwareChip::Noise {
 public:
  Noise(const LineNoise& noise, unsigned direction)
      : noise_(noise), random_(noise.seed * 2 + direction), faults_left_(noise.most_faults) {}

  std::vector<std::uint8_t> pass(std::span<const std::uint8_t> bytes) {
    std::vector<std::uint8_t> out;
    for (const std::uint8_t byte : bytes) pass(byte, out);
    return out;
  }

 private:
  void pass(std::uint8_t byte, std::vector<std::uint8_t>& out) {
    if (happens(noise_.drop_rate)) return;
    if (happens(noise_.duplicate_rate)) out.push_back(byte);
    for (int bit = 0; bit < 8; ++bit) {
      if (happens(noise_.bit_error_rate)) byte = static_cast<std::uint8_t>(byte ^ (1 << bit));
    }
    out.push_back(byte);
  }

  bool happens(double probability) {
    if (probability <= 0.0 || faults_left_ <= 0) return false;
    const bool yes = std::uniform_real_distribution<double>(0.0, 1.0)(random_) < probability;
    if (yes) --faults_left_;
    return yes;
  }

  LineNoise noise_;
  std::mt19937 random_;
  int faults_left_;
};

FirmwareChip::FirmwareChip(const BoardOptions& options)
    : options_(options), flash_(options.slot_bytes) {}

FirmwareChip::~FirmwareChip() = default;

void FirmwareChip::power_up(std::function<void(std::span<const std::uint8_t>)> line) {
  line_ = std::move(line);
  in_ = std::make_unique<Noise>(options_.noise, 0);
  out_ = std::make_unique<Noise>(options_.noise, 1);
  boot();
}

void FirmwareChip::boot() {
  arena_.assign(options_.ram_bytes / 8, 0);
  received_.assign(content_bytes, 0);
  reply_.assign(content_bytes, 0);
  values_.assign(content_bytes / 4, 0.0F);
  firmware::Platform platform;
  platform.core = options_.core;
  platform.boots = ++boots_;
  platform.ticks = no_count;
  platform.tick_hz = 1;
  platform.overruns = no_count;
  platform.context = &options_;
  platform.may_enroll = [](void* options) { return static_cast<BoardOptions*>(options)->button; };
  firmware::Memory memory;
  memory.arena = static_cast<std::uint8_t*>(static_cast<void*>(arena_.data()));
  memory.arena_bytes = options_.ram_bytes;
  memory.received = received_.data();
  memory.reply = reply_.data();
  memory.values = values_.data();
  memory.content_bytes = content_bytes;
  memory.window_frames = options_.window_frames;
  runtime_ = std::make_unique<firmware::Runtime>(platform, memory, flash_.storage(),
                                                 link::ByteSink{say, this});
  runtime_->boot();
  runtime_->idle();
}

void FirmwareChip::say(void* context, const std::uint8_t* bytes, std::size_t count) {
  const auto& self = *static_cast<FirmwareChip*>(context);
  self.line_(self.out_->pass({bytes, count}));
}

bool FirmwareChip::take(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(in_->pass(bytes), [this](std::uint8_t byte) {
    runtime_->take(byte);
    const bool reset = bytes_until_reset_ >= 0 && --bytes_until_reset_ < 0;
    return !reset && !runtime_->reset_requested();
  });
}

}  // namespace haltere::fakes
