#include "tests/guest/cp2112_simulator.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>

namespace haltere::guest {
namespace {

// Report numbers of AN495.
enum Report : std::uint8_t {
  gpio_config = 0x02,
  gpio_get = 0x03,
  gpio_set = 0x04,
  version = 0x05,
  smbus_config = 0x06,
  read_request = 0x10,
  write_read_request = 0x11,
  read_force_send = 0x12,
  read_response = 0x13,
  write_request = 0x14,
  status_request = 0x15,
  status_response = 0x16,
  cancel = 0x17,
  lock_byte = 0x20,
  usb_config = 0x21,
};

constexpr std::size_t report_bytes = 64;
constexpr std::size_t data_per_report = 61;

// First bytes of a status: what became of the transfer, and why.
constexpr std::array<std::uint8_t, 2> busy{0x01, 0x00};
constexpr std::array<std::uint8_t, 2> done{0x02, 0x05};
constexpr std::array<std::uint8_t, 2> not_acknowledged{0x03, 0x00};
constexpr std::array<std::uint8_t, 2> arbitration_lost{0x03, 0x02};

/// A HID descriptor with one report of 63 bytes for each number.
std::vector<std::uint8_t> report_descriptor() {
  std::vector<std::uint8_t> bytes{0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01,
                                  0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08};
  const auto declare = [&](std::initializer_list<int> numbers, int item) {
    for (const int number : numbers) {
      for (const int byte : {0x85, number, 0x95, 63, 0x09, 0x01, item, 0x02}) {
        bytes.push_back(static_cast<std::uint8_t>(byte));
      }
    }
  };
  declare({read_response, status_response}, 0x81);
  declare(
      {read_request, write_read_request, read_force_send, write_request, status_request, cancel},
      0x91);
  declare({gpio_config, gpio_get, gpio_set, version, smbus_config, lock_byte, usb_config, 0x22,
           0x23, 0x24},
          0xB1);
  bytes.push_back(0xC0);
  return bytes;
}

std::string last_error() { return std::generic_category().message(errno); }

}  // namespace

Cp2112Simulator::Cp2112Simulator() : uhid_(open("/dev/uhid", O_RDWR | O_CLOEXEC)) {
  EXPECT_GE(uhid_, 0) << "/dev/uhid: " << last_error();
  plug();
  thread_ = std::thread([this] { serve(); });
}

Cp2112Simulator::~Cp2112Simulator() {
  unplug();
  wait_until_unplugged();
  stopping_ = true;
  thread_.join();
  close(uhid_);
}

void Cp2112Simulator::plug() {
  wait_until_unplugged();
  uhid_event event{};
  event.type = UHID_CREATE2;
  constexpr std::string_view name = "simulated CP2112";
  std::ranges::copy(name, event.u.create2.name);
  const std::vector<std::uint8_t> descriptor = report_descriptor();
  std::ranges::copy(descriptor, event.u.create2.rd_data);
  event.u.create2.rd_size = static_cast<std::uint16_t>(descriptor.size());
  event.u.create2.bus = 3;  // USB
  event.u.create2.vendor = 0x10C4;
  event.u.create2.product = 0xEA90;
  EXPECT_TRUE(put(event)) << "/dev/uhid: " << last_error();
}

void Cp2112Simulator::wait_until_unplugged() {
  if (unplugging_.joinable()) unplugging_.join();
}

void Cp2112Simulator::unplug() {
  wait_until_unplugged();
  unplugging_ = std::thread([this] {
    uhid_event event{};
    event.type = UHID_DESTROY;
    EXPECT_TRUE(put(event)) << "/dev/uhid: " << last_error();
  });
}

void Cp2112Simulator::attach(std::uint8_t address, std::shared_ptr<fakes::FakeChip> chip) {
  const std::scoped_lock held(mutex_);
  chips_[address] = std::move(chip);
}

void Cp2112Simulator::set_fault(std::uint8_t address, BridgeFault fault) {
  const std::scoped_lock held(mutex_);
  faults_[address] = fault;
}

void Cp2112Simulator::set_line(unsigned line, bool high) {
  const std::scoped_lock held(mutex_);
  const auto bit = static_cast<std::uint8_t>(1U << line);
  levels_ = static_cast<std::uint8_t>(high ? levels_ | bit : levels_ & ~bit);
}

void Cp2112Simulator::wait_for_poll() {
  using std::chrono::milliseconds;
  unsigned seen = polls_;
  for (int i = 0; i < 1000 && polls_ == seen; ++i) std::this_thread::sleep_for(milliseconds(1));
  // A program's own read of a line may come right before or after.
  do {
    seen = polls_;
    std::this_thread::sleep_for(milliseconds(8));
  } while (polls_ != seen);
}

void Cp2112Simulator::serve() {
  while (!stopping_) {
    pollfd wait{.fd = uhid_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, 50) <= 0) continue;
    uhid_event event{};
    if (read(uhid_, &event, sizeof event) > 0) answer(event);
  }
}

void Cp2112Simulator::answer(const uhid_event& event) {
  const std::scoped_lock held(mutex_);
  uhid_event reply{};
  if (event.type == UHID_OUTPUT) {
    take_output({event.u.output.data, report_bytes});
  } else if (event.type == UHID_GET_REPORT) {
    const std::vector<std::uint8_t> bytes = feature(event.u.get_report.rnum);
    reply.type = UHID_GET_REPORT_REPLY;
    reply.u.get_report_reply.id = event.u.get_report.id;
    reply.u.get_report_reply.size = static_cast<std::uint16_t>(bytes.size());
    std::ranges::copy(bytes, reply.u.get_report_reply.data);
    if (event.u.get_report.rnum == gpio_get) ++polls_;
    put(reply);
  } else if (event.type == UHID_SET_REPORT) {
    if (event.u.set_report.data[0] == gpio_config) directions_ = event.u.set_report.data[1];
    reply.type = UHID_SET_REPORT_REPLY;
    reply.u.set_report_reply.id = event.u.set_report.id;
    put(reply);
  }
}

void Cp2112Simulator::take_output(std::span<const std::uint8_t> report) {
  const auto address = static_cast<std::uint8_t>(report[1] >> 1);
  const auto length = static_cast<std::size_t>(report[2] << 8 | report[3]);
  switch (report[0]) {
    case read_request: transfer(address, {}, length); break;
    case write_read_request: transfer(address, report.subspan(5, report[4]), length); break;
    case write_request: transfer(address, report.subspan(3, report[2]), 0); break;
    case status_request: send_status(); break;
    case read_force_send: send_data(); break;
    case cancel: status_ = {}; break;
    default: break;
  }
}

void Cp2112Simulator::transfer(std::uint8_t address, std::span<const std::uint8_t> written,
                               std::size_t reading) {
  data_.assign(reading, 0);
  sent_ = 0;
  const auto chip = chips_.find(address);
  switch (faults_[address]) {
    case BridgeFault::none: status_ = chip == chips_.end() ? not_acknowledged : done; break;
    case BridgeFault::not_acknowledged: status_ = not_acknowledged; break;
    case BridgeFault::arbitration_lost: status_ = arbitration_lost; break;
    case BridgeFault::busy_for_ever: status_ = busy; break;
  }
  if (status_ != done || written.empty()) return;
  if (written.size() > 1) chip->second->write(written[0], written.subspan(1));
  if (reading > 0) chip->second->read(written[0], data_);
}

void Cp2112Simulator::send_status() {
  std::array<std::uint8_t, 7> report{status_response, status_[0], status_[1]};
  report[5] = static_cast<std::uint8_t>(data_.size() >> 8);
  report[6] = static_cast<std::uint8_t>(data_.size());
  send_input(report);
}

void Cp2112Simulator::send_data() {
  std::array<std::uint8_t, report_bytes> report{read_response, 0x02};
  const std::size_t count = std::min(data_per_report, data_.size() - sent_);
  report[2] = static_cast<std::uint8_t>(count);
  std::ranges::copy(std::span(data_).subspan(sent_, count), report.begin() + 3);
  sent_ += count;
  send_input(report);
}

std::vector<std::uint8_t> Cp2112Simulator::feature(std::uint8_t id) const {
  switch (id) {
    case gpio_config: return {id, directions_, 0xFF, 0, 0};
    case gpio_get: return {id, levels_};
    case version: return {id, 0x0C, 3};
    case smbus_config: return {id, 0, 1, 0x86, 0xA0, 2, 0, 0, 0, 0, 0, 0, 0, 1};
    case lock_byte: return {id, 0xFF};
    case usb_config: return {id, 0xC4, 0x10, 0x90, 0xEA, 0x32, 0, 1, 0, 0};
    default: break;
  }
  std::vector<std::uint8_t> text(63);
  text[0] = id;
  text[1] = 4;
  text[2] = 3;
  text[3] = 'x';
  return text;
}

void Cp2112Simulator::send_input(std::span<const std::uint8_t> report) {
  uhid_event event{};
  event.type = UHID_INPUT2;
  event.u.input2.size = report_bytes;
  std::ranges::copy(report, event.u.input2.data);
  put(event);
}

bool Cp2112Simulator::put(const uhid_event& event) const {
  return write(uhid_, &event, sizeof event) == static_cast<ssize_t>(sizeof event);
}

}  // namespace haltere::guest
