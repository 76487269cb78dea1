#include "tests/fakes/firmware_board.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "tests/fakes/fd_port.hpp"

namespace haltere::fakes {
namespace {

constexpr std::size_t content_bytes = 1024;

/// One direction of a noisy line.
class Noise {
 public:
  Noise(const LineNoise& noise, unsigned direction)
      : noise_(noise), random_(noise.seed * 2 + direction), faults_left_(noise.most_faults) {}

  void pass(std::uint8_t byte, std::vector<std::uint8_t>& out) {
    if (happens(noise_.drop_rate)) return;
    if (happens(noise_.duplicate_rate)) out.push_back(byte);
    for (int bit = 0; bit < 8; ++bit) {
      if (happens(noise_.bit_error_rate)) byte = static_cast<std::uint8_t>(byte ^ (1 << bit));
    }
    out.push_back(byte);
  }

 private:
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

std::uint32_t no_count(void* /*context*/) { return 0; }

}  // namespace

/// The firmware's end: what arrives and leaves passes the noise.
class FirmwareBoard::Line {
 public:
  Line(int fd, const LineNoise& noise) : fd_(fd), in_(noise, 0), out_(noise, 1) {}

  /// False when the line was cut.
  bool read(std::vector<std::uint8_t>& bytes) {
    std::array<std::uint8_t, 2048> raw{};
    const ssize_t count = recv(fd_, raw.data(), raw.size(), 0);
    if (count <= 0) return false;
    bytes.clear();
    for (ssize_t i = 0; i < count; ++i) in_.pass(raw[static_cast<std::size_t>(i)], bytes);
    return true;
  }

  static void write(void* context, const std::uint8_t* bytes, std::size_t count) {
    auto& self = *static_cast<Line*>(context);
    std::vector<std::uint8_t> noisy;
    for (std::size_t i = 0; i < count; ++i) self.out_.pass(bytes[i], noisy);
    // A board that went away is noticed when reading.
    std::size_t sent = 0;
    while (sent < noisy.size()) {
      const ssize_t n = send(self.fd_, noisy.data() + sent, noisy.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  std::vector<std::uint8_t> unread;  ///< bytes that arrived and were not taken yet

 private:
  int fd_;
  Noise in_;
  Noise out_;
};

FirmwareBoard::FirmwareBoard(const BoardOptions& options)
    : options_(options), flash_(options.slot_bytes) {}

std::unique_ptr<sensors::SerialPort> FirmwareBoard::plug() {
  unplug();
  const auto [near, far] = make_line();
  fd_ = far;
  thread_ = std::thread([this, fd = far] { run(fd); });
  return std::make_unique<FdPort>(near);
}

void FirmwareBoard::unplug() {
  if (!thread_.joinable()) return;
  shutdown(fd_, SHUT_RDWR);
  thread_.join();
  close(fd_);
}

void FirmwareBoard::run(int fd) {
  Line line(fd, options_.noise);
  while (power_cycle(line)) {
  }
  shutdown(fd, SHUT_RDWR);
}

// From one reset to the next; false when the line was cut.
bool FirmwareBoard::power_cycle(Line& line) {
  std::vector<std::uint64_t> arena(options_.ram_bytes / 8);
  std::vector<std::uint8_t> received(content_bytes);
  std::vector<std::uint8_t> reply(content_bytes);
  std::vector<float> values(content_bytes / 4);
  firmware::Platform platform;
  platform.core = options_.core;
  platform.boots = ++boots_;
  platform.ticks = no_count;
  platform.tick_hz = 1;
  platform.overruns = no_count;
  firmware::Memory memory;
  memory.arena = static_cast<std::uint8_t*>(static_cast<void*>(arena.data()));
  memory.arena_bytes = options_.ram_bytes;
  memory.received = received.data();
  memory.reply = reply.data();
  memory.values = values.data();
  memory.content_bytes = content_bytes;
  memory.window_frames = options_.window_frames;
  firmware::Runtime runtime(platform, memory, flash_.storage(), {Line::write, &line});
  runtime.boot();
  for (;;) {
    for (const std::uint8_t byte : line.unread) {
      runtime.take(byte);
      const bool reset = bytes_until_reset_ >= 0 && --bytes_until_reset_ < 0;
      if (!reset && !runtime.reset_requested()) continue;
      line.unread.clear();  // what was in the UART's buffer is lost
      return true;
    }
    if (!line.read(line.unread)) return false;
  }
}

}  // namespace haltere::fakes
