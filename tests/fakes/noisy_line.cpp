#include "tests/fakes/noisy_line.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <utility>

namespace haltere::fakes {
namespace {

constexpr int turn_ms = 2;
constexpr int write_patience_ms = 200;
constexpr int turns_held = 3;

void close_end(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

int open_end(const std::string& path) {
  return open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

// What nobody takes is lost, as on a wire.
void write_all(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
    if (poll(&ready, 1, write_patience_ms) <= 0 || (ready.revents & POLLOUT) == 0) return;
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count <= 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace

NoisyLine::~NoisyLine() {
  worker_.request_stop();
  worker_.join();
  close_end(board_kept_);
  close_end(device_);
}

void NoisyLine::attach(const std::string& device) {
  const std::lock_guard lock(mutex_);
  close_end(device_);
  device_ = open_end(device);
  to_board_ = {};
}

std::string NoisyLine::plug() {
  const std::lock_guard lock(mutex_);
  close_end(board_kept_);
  board_ = std::make_unique<FarEnd>();
  fcntl(board_->fd(), F_SETFL, O_NONBLOCK);
  board_kept_ = open_end(board_->name());
  termios settings{};
  tcgetattr(board_kept_, &settings);
  cfmakeraw(&settings);
  tcsetattr(board_kept_, TCSANOW, &settings);
  bytes_left_.reset();
  to_device_ = {};
  to_board_ = {};
  return board_->name();
}

bool NoisyLine::plugged() {
  const std::lock_guard lock(mutex_);
  return board_ != nullptr;
}

void NoisyLine::set_noise(const FrameNoise& noise) {
  const std::lock_guard lock(mutex_);
  noise_ = noise;
  random_.seed(noise.seed);
}

void NoisyLine::unplug_after(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_left_ = bytes;
}

NoiseCounts NoisyLine::counts() {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void NoisyLine::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> ends = both_ends();
    poll(ends.data(), ends.size(), turn_ms);
    const std::lock_guard lock(mutex_);
    // Another end may have been plugged in meanwhile: then there is nothing to hear from it yet.
    if (board_ && ends[0].revents != 0) hear(board_->fd(), to_device_, true);
    if (device_ >= 0 && ends[1].revents != 0) hear(device_, to_board_, false);
    release(to_device_, true);
    release(to_board_, false);
  }
}

std::array<pollfd, 2> NoisyLine::both_ends() {
  const std::lock_guard lock(mutex_);
  return {{{board_ ? board_->fd() : -1, POLLIN, 0}, {device_, POLLIN, 0}}};
}

// What waited long enough for a frame to come before it.
void NoisyLine::release(Way& way, bool to_device) {
  if (way.held && ++way.held_turns > turns_held) send_held(way, to_device);
}

void NoisyLine::hear(int fd, Way& way, bool to_device) {
  std::array<std::uint8_t, 4096> bytes{};
  const ssize_t count = read(fd, bytes.data(), bytes.size());
  // A firmware that lost its power hung up.
  if (count <= 0 && !to_device) return close_end(device_);
  for (ssize_t i = 0; i < count && (board_ || !to_device); ++i) {
    way.frame.push_back(bytes[static_cast<std::size_t>(i)]);
    if (way.frame.back() == 0) pass(way, to_device);
  }
}

// A frame is complete.
void NoisyLine::pass(Way& way, bool to_device) {
  Bytes frame = std::exchange(way.frame, {});
  ++counts_.frames;
  if (happens(noise_.loss_rate)) {
    ++counts_.lost;
    return;
  }
  if (!way.held && happens(noise_.swap_rate)) {
    way.held = std::move(frame);
    way.held_turns = 0;
    return;
  }
  if (happens(noise_.duplicate_rate)) {
    ++counts_.duplicates;
    send(frame, to_device);
  }
  send(std::move(frame), to_device);
  if (way.held) {
    ++counts_.swapped;
    send_held(way, to_device);
  }
}

void NoisyLine::send_held(Way& way, bool to_device) {
  Bytes frame = std::move(*way.held);
  way.held.reset();
  send(std::move(frame), to_device);
}

void NoisyLine::send(Bytes frame, bool to_device) {
  if (noise_.bit_error_rate > 0.0) {
    std::geometric_distribution<std::size_t> until_error(noise_.bit_error_rate);
    for (std::size_t bit = until_error(random_); bit < 8 * frame.size();
         bit += 1 + until_error(random_)) {
      frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ 1U << bit % 8);
      ++counts_.flipped_bits;
    }
  }
  if (!to_device) {
    if (board_) write_all(board_->fd(), frame);
    return;
  }
  if (bytes_left_ && *bytes_left_ < frame.size()) return cut_in(frame);
  if (bytes_left_) *bytes_left_ -= frame.size();
  if (device_ >= 0) write_all(device_, frame);
}

// Its first half gets through.
void NoisyLine::cut_in(const Bytes& frame) {
  if (device_ >= 0) write_all(device_, std::span(frame).first(frame.size() / 2));
  ++counts_.unplugged;
  board_.reset();
  close_end(board_kept_);
  bytes_left_.reset();
  to_device_.held.reset();
}

bool NoisyLine::happens(double probability) {
  return probability > 0.0 && std::bernoulli_distribution(probability)(random_);
}

}  // namespace haltere::fakes
