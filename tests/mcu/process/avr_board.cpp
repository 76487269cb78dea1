#include "tests/mcu/process/avr_board.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "tests/fakes/fd_port.hpp"

namespace haltere::fakes {
namespace {

using namespace std::chrono_literals;

// What a byte takes at 115200 baud: the line brings no more of them.
constexpr std::uint64_t turn_cycles = 1400;

// Machines shared by many jobs simulate slowly.
constexpr agent::LinkPatience patience{
    .reply_timeout = 2000ms, .longest_timeout = 20000ms, .attempts = 6};

}  // namespace

AvrBoard::AvrBoard(const std::string& part, const std::string& image) : avr_(part, image) {
  std::tie(board_end_, host_end_) = make_line();
  avr_.on_sent([this](std::uint8_t byte) { note_sent(byte); });
  thread_ = std::thread([this] { run(); });
}

AvrBoard::~AvrBoard() {
  stop();
  close(board_end_);
}

void AvrBoard::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

std::size_t AvrBoard::stop_and_count_untouched_ram() {
  stop();
  return avr_.untouched_ram();
}

void AvrBoard::reset() {
  reset_asked_ = true;
  reset_asked_.wait(true);
}

void AvrBoard::note_sent(std::uint8_t byte) {
  // Before the byte is there for whoever asks then.
  if (byte == 0) answer_cycles_ = avr_.cycle() - heard_at_;
  if (byte == 0 && activates_ && hang_asked_.exchange(false)) hangs_ = true;
  (void)send(board_end_, &byte, 1, MSG_NOSIGNAL);
}

void AvrBoard::receive() {
  std::uint8_t byte = 0;
  if (!avr_.can_receive() || recv(board_end_, &byte, 1, MSG_DONTWAIT) != 1) return;
  if (byte == 0) heard_at_ = avr_.cycle();
  avr_.receive(forged(byte));
}

std::uint8_t AvrBoard::forged(std::uint8_t byte) {
  constexpr std::size_t behind_header = 6;  // and the first byte of COBS
  frame_bytes_ = byte == 0 ? 0 : frame_bytes_ + 1;
  if (frame_bytes_ == 2) {
    activates_ = byte == static_cast<std::uint8_t>(link::MessageType::activate);
  }
  if (frame_bytes_ != behind_header || !forge_.exchange(false)) return byte;
  return byte == 1 ? 3 : byte ^ 1U;  // never the end marker
}

void AvrBoard::run() {
  while (!stop_ && alive_) {
    if (reset_asked_) {
      avr_.reset();
      reset_asked_ = false;
      reset_asked_.notify_all();
    }
    avr_.drive_pin('E', 4, !button_);
    receive();
    if (std::exchange(hangs_, false)) avr_.hang();
    if (!avr_.run(turn_cycles)) alive_ = false;
  }
}

Result<std::unique_ptr<agent::McuLink>> AvrBoard::connect() {
  auto link = std::make_unique<agent::McuLink>(
      std::make_unique<FdPort>(std::exchange(host_end_, -1)), "avr", patience);
  if (auto hello = link->hello(); !hello) return hello.error();
  return link;
}

}  // namespace haltere::fakes
