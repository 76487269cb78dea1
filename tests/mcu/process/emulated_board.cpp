#include "tests/mcu/process/emulated_board.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <thread>

namespace haltere::fakes {
namespace {

using namespace std::chrono_literals;

// Machines shared by many jobs emulate slowly.
constexpr agent::LinkPatience patience{
    .reply_timeout = 2000ms, .longest_timeout = 10000ms, .attempts = 6};

int free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(probe, generic, size) == 0) getsockname(probe, generic, &size);
  close(probe);
  return ntohs(address.sin_port);
}

}  // namespace

const std::vector<Board>& boards() {
  static const std::vector<Board> all{
      {"microbit", "firmware_microbit.elf", link::Core::cortex_m0},
      {"mps2-an385", "firmware_mps2_an385.elf", link::Core::cortex_m3},
      {"mps2-an386", "firmware_mps2_an386.elf", link::Core::cortex_m4f},
      {"mps2-an500", "firmware_mps2_an500.elf", link::Core::cortex_m7},
      {"virt", "riscv/firmware_virt.elf", link::Core::rv32im, "qemu-system-riscv32", false},
  };
  return all;
}

const std::vector<Board>& relatives() {
  static const std::vector<Board> all{{"netduinoplus2", "firmware_stm32f4_emulated.elf",
                                       link::Core::cortex_m4f, "qemu-system-arm", false}};
  return all;
}

EmulatedBoard::EmulatedBoard(const Board& board, const std::string& folder,
                             const std::vector<std::string>& options)
    : name_(board.machine) {
  const std::string port = std::to_string(free_port());
  device_ = "tcp://127.0.0.1:" + port;
  std::vector<std::string> words{
      board.emulator,
      "-M",
      board.machine,
      "-display",
      "none",
      "-monitor",
      "none",
      "-chardev",
      "socket,id=uart,host=127.0.0.1,port=" + port + ",server=on,wait=off,nodelay=on",
      "-serial",
      "chardev:uart",
      "-kernel",
      folder + "/" + board.image};
  if (board.core == link::Core::rv32im) words.insert(words.end(), {"-bios", "none"});
  words.insert(words.end(), options.begin(), options.end());
  emulator_ = std::make_unique<Subprocess>(words);
}

Result<std::unique_ptr<agent::McuLink>> EmulatedBoard::connect() const {
  for (int attempt = 0;; ++attempt) {
    auto port = sensors::open_serial_port(device_, 115200);
    if (!port && attempt < 200) {
      std::this_thread::sleep_for(50ms);
      continue;
    }
    if (!port) return port.error();
    auto link = std::make_unique<agent::McuLink>(std::move(port).value(), name_, patience);
    if (auto hello = link->hello(); !hello) return hello.error();
    return link;
  }
}

}  // namespace haltere::fakes
