#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

namespace haltere::fakes {

/// A board's end of a serial line: a pseudo-terminal whose other end the code under test opens.
class FarEnd {
 public:
  FarEnd() : fd_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    grantpt(fd_);
    unlockpt(fd_);
    std::array<char, 64> name{};
    if (ptsname_r(fd_, name.data(), name.size()) == 0) name_ = name.data();
  }
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;
  ~FarEnd() { hang_up(); }

  /// What the other end is opened by.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int fd() const { return fd_; }

  void hang_up() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  void send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = write(fd_, text.data(), text.size());
      ASSERT_GT(written, 0);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  [[nodiscard]] std::string receive() const {
    std::array<char, 256> bytes{};
    const ssize_t got = read(fd_, bytes.data(), bytes.size());
    return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }

 private:
  int fd_;
  std::string name_;
};

}  // namespace haltere::fakes
