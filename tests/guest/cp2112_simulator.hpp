#pragma once

#include <linux/uhid.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "tests/fakes/fake_i2c_bus.hpp"

namespace haltere::guest {

/// What the bridge makes of transfers with one address.
enum class BridgeFault : std::uint8_t { none, not_acknowledged, arbitration_lost, busy_for_ever };

/// A CP2112 (USB bridge to I2C and eight GPIO lines, Silicon Labs AN495) made in user space through
/// /dev/uhid: the kernel's own hid-cp2112 binds to it and offers an adapter with real I2C transfers
/// and a GPIO chip with edges. Plugged in from construction to destruction.
class Cp2112Simulator {
 public:
  Cp2112Simulator();
  Cp2112Simulator(const Cp2112Simulator&) = delete;
  Cp2112Simulator& operator=(const Cp2112Simulator&) = delete;
  ~Cp2112Simulator();

  void plug();

  /// Pulls the plug, and returns while the kernel still waits for programs to close the adapter;
  /// `plug` waits for that.
  void unplug();
  void wait_until_unplugged();

  void attach(std::uint8_t address, std::shared_ptr<fakes::FakeChip> chip);
  void set_fault(std::uint8_t address, BridgeFault fault);
  void set_line(unsigned line, bool high);

  /// Waits until the kernel has just read the levels of the lines, which it does every 40 ms while
  /// a program waits for edges: for most of the next 40 ms it does not. A second at most.
  void wait_for_poll();

  /// Lock while touching an attached chip.
  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

 private:
  void serve();
  void answer(const uhid_event& event);
  void take_output(std::span<const std::uint8_t> report);
  void transfer(std::uint8_t address, std::span<const std::uint8_t> written, std::size_t reading);
  void send_status();
  void send_data();
  std::vector<std::uint8_t> feature(std::uint8_t id) const;
  void send_input(std::span<const std::uint8_t> report);
  bool put(const uhid_event& event) const;  // false: no longer plugged in

  int uhid_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::map<std::uint8_t, std::shared_ptr<fakes::FakeChip>> chips_;
  std::map<std::uint8_t, BridgeFault> faults_;
  std::uint8_t levels_ = 0;
  std::atomic<unsigned> polls_ = 0;  ///< how often the kernel has read the levels
  std::uint8_t directions_ = 0;
  std::array<std::uint8_t, 2> status_{};
  std::vector<std::uint8_t> data_;
  std::size_t sent_ = 0;
  std::thread unplugging_;
  std::thread thread_;
};

}  // namespace haltere::guest
