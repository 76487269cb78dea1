#include <libserialport.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <utility>

#include "sensors/serial_port_backends.hpp"

namespace haltere::sensors {
namespace {

/// The errno behind a failed call of libserialport.
int error_number_of(int result) {
  switch (result) {
    case SP_ERR_ARG: return EINVAL;
    case SP_ERR_MEM: return ENOMEM;
    case SP_ERR_SUPP: return EINVAL;
    case SP_ERR_FAIL: return sp_last_error_code();
    case SP_OK: break;
  }
  return 0;
}

class TtyPort final : public SerialPort {
 public:
  TtyPort(std::string path, sp_port* port) : path_(std::move(path)), port_(port) {}
  ~TtyPort() override {
    if (opened_) {
      ioctl(fd_, TIOCNXCL);
      sp_close(port_);
    }
    sp_free_port(port_);
  }

  Status open(int baud) {
    if (const sp_return result = sp_open(port_, SP_MODE_READ_WRITE); result != SP_OK) {
      return port_error(path_, "open it", error_number_of(result));
    }
    opened_ = true;
    sp_get_port_handle(port_, &fd_);
    if (Status locked = lock_port(path_, fd_); !locked) return locked;
    ioctl(fd_, TIOCEXCL);  // for programs that do not look at locks
    return set_up(baud);
  }

  [[nodiscard]] int fd() const override { return fd_; }
  [[nodiscard]] bool joins_mid_stream() const override { return true; }

  Result<std::size_t> read(std::span<std::uint8_t> bytes) override {
    // The library's enumeration also carries counts, which no variable of that type may hold.
    const int got = sp_nonblocking_read(port_, bytes.data(), bytes.size());
    if (got > 0) return static_cast<std::size_t>(got);
    if (got < 0) return port_error(path_, "read it", error_number_of(got));
    // After a hang-up reads give 0 for ever; only this call tells.
    const int waiting = sp_input_waiting(port_);
    if (waiting < 0) return port_error(path_, "read it", error_number_of(waiting));
    return std::size_t{0};
  }

  Result<std::size_t> write(std::span<const std::uint8_t> bytes) override {
    const int put = sp_nonblocking_write(port_, bytes.data(), bytes.size());
    if (put >= 0) return static_cast<std::size_t>(put);
    return port_error(path_, "write to it", error_number_of(put));
  }

 private:
  Status set_up(int baud) {
    if (const sp_return result = sp_set_baudrate(port_, baud); result != SP_OK) {
      return Error{ErrorKind::invalid,
                   path_ + ": does not do " + std::to_string(baud) + " baud; try 115200"};
    }
    for (const sp_return result :
         {sp_set_bits(port_, 8), sp_set_parity(port_, SP_PARITY_NONE), sp_set_stopbits(port_, 1),
          sp_set_flowcontrol(port_, SP_FLOWCONTROL_NONE)}) {
      if (result != SP_OK) return port_error(path_, "set it up", error_number_of(result));
    }
    return {};
  }

  std::string path_;
  sp_port* port_;
  int fd_ = -1;
  bool opened_ = false;
};

}  // namespace

Result<std::unique_ptr<SerialPort>> open_tty_port(const std::string& path, int baud) {
  sp_port* found = nullptr;
  if (const sp_return result = sp_get_port_by_name(path.c_str(), &found); result != SP_OK) {
    return port_error(path, "use it", result == SP_ERR_ARG ? ENOTTY : error_number_of(result));
  }
  auto port = std::make_unique<TtyPort>(path, found);
  if (Status opened = port->open(baud); !opened) return opened.error();
  return std::unique_ptr<SerialPort>(std::move(port));
}

}  // namespace haltere::sensors
