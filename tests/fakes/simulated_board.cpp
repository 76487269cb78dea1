#include "tests/fakes/simulated_board.hpp"

#include <algorithm>

namespace haltere::fakes {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds byte_time = 10 * 1'000'000'000ns / 115'200;  // 8N1
constexpr auto start_time = 5ms;  // of the chip, after a reset

}  // namespace

/// What the board is plugged into.
class SimulatedBoard::Port : public sensors::SerialPort {
 public:
  explicit Port(SimulatedBoard& board) : board_(board) {}

  [[nodiscard]] int fd() const override { return -1; }

  Result<std::size_t> read(std::span<std::uint8_t> bytes) override {
    if (!board_.plugged_) return cut();
    std::size_t count = 0;
    for (; count < bytes.size() && board_.from_chip_.has_by(board_.now_); ++count) {
      bytes[count] = board_.from_chip_.bytes.front().value;
      board_.from_chip_.bytes.pop_front();
    }
    return count;
  }

  Result<std::size_t> write(std::span<const std::uint8_t> bytes) override {
    if (!board_.plugged_) return cut();
    board_.to_chip_.carry(bytes, board_.now_);
    return bytes.size();
  }

 private:
  static Error cut() { return {ErrorKind::unavailable, "the other end hung up"}; }

  SimulatedBoard& board_;
};

void SimulatedBoard::Wire::carry(std::span<const std::uint8_t> sent, Time now) {
  free_at = std::max(free_at, now);
  for (const std::uint8_t value : sent) {
    free_at += byte_time;
    bytes.push_back({value, free_at});
  }
}

std::unique_ptr<sensors::SerialPort> SimulatedBoard::plug() {
  plugged_ = true;
  to_chip_ = {};
  from_chip_ = {};
  awake_at_ = now_;
  chip_.power_up([this](std::span<const std::uint8_t> bytes) {
    from_chip_.carry(bytes, std::max(now_, awake_at_));
  });
  return std::make_unique<Port>(*this);
}

agent::LinkTime SimulatedBoard::time() {
  return {
      .now = [this] { return now_; },
      .wait = [this](pollfd& port, std::chrono::milliseconds limit) { return wait(port, limit); }};
}

int SimulatedBoard::wait(pollfd& port, std::chrono::milliseconds limit) {
  // Writing never waits: as a kernel's buffer, the wire holds what it is given.
  if (!plugged_ || (port.events & POLLOUT) != 0) return 1;
  const Time deadline = now_ + limit;
  while (!from_chip_.has_by(now_) && now_ < deadline) {
    now_ = std::min({deadline, to_chip_.next_arrival(), from_chip_.next_arrival()});
    if (to_chip_.has_by(now_)) deliver_to_chip();
  }
  return from_chip_.has_by(now_) ? 1 : 0;
}

void SimulatedBoard::deliver_to_chip() {
  const std::uint8_t byte = to_chip_.bytes.front().value;
  to_chip_.bytes.pop_front();
  if (now_ < awake_at_) return;
  if (chip_.take({&byte, 1})) return;
  awake_at_ = now_ + start_time;
  chip_.boot();
}

}  // namespace haltere::fakes
