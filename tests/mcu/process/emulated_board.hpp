#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "tests/fakes/subprocess.hpp"

namespace haltere::fakes {

/// One of our firmware images on a board that QEMU emulates.
struct Board {
  std::string machine;  ///< QEMU's name
  std::string image;    ///< file in the folder of images
  link::Core core = link::Core::host;
  std::string emulator = "qemu-system-arm";
  bool has_sensor = true;
};

/// microbit, mps2-an385, mps2-an386, mps2-an500, virt (RISC-V).
const std::vector<Board>& boards();

/// Ports to boards that QEMU has a relative of: netduinoplus2 (STM32F4).
const std::vector<Board>& relatives();

/// A running emulator. Its UART is a TCP server on this machine.
class EmulatedBoard {
 public:
  /// Starts `board` with the image in `folder`; `options` are added to QEMU's command line.
  EmulatedBoard(const Board& board, const std::string& folder,
                const std::vector<std::string>& options = {});

  /// "tcp://127.0.0.1:PORT".
  [[nodiscard]] const std::string& device() const { return device_; }

  /// Opens the line and says hello; fails the test when the firmware does not answer.
  [[nodiscard]] Result<std::unique_ptr<agent::McuLink>> connect() const;

 private:
  std::string name_;
  std::string device_;
  std::unique_ptr<Subprocess> emulator_;
};

}  // namespace haltere::fakes
