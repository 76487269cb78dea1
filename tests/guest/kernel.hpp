#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace haltere::guest {

/// Waits until `done`; generous, because the guest is emulated on a busy machine.
inline bool eventually(const std::function<bool()>& done) {
  for (int i = 0; i < 600; ++i) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return done();
}

inline std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// First line of a file of the kernel; empty if there is none.
inline std::string read_line(const std::filesystem::path& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

inline bool write_line(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

/// `i2c-N` of the adapter whose name contains `name`; empty if there is none.
inline std::string find_adapter(std::string_view name) {
  for (const auto& entry : std::filesystem::directory_iterator("/sys/bus/i2c/devices")) {
    const std::string found = entry.path().filename();
    if (found.starts_with("i2c-") &&
        read_line(entry.path() / "name").find(name) != std::string::npos &&
        std::filesystem::exists("/dev/" + found)) {
      return found;
    }
  }
  return {};
}

/// A kernel driver bound to a chip, for as long as this lives.
class KernelDriver {
 public:
  KernelDriver(const std::string& adapter, std::string_view chip, std::string address)
      : adapter_("/sys/bus/i2c/devices/" + adapter), address_(std::move(address)) {
    EXPECT_TRUE(write_line(adapter_ / "new_device", std::string(chip) + " " + address_));
  }
  KernelDriver(const KernelDriver&) = delete;
  KernelDriver& operator=(const KernelDriver&) = delete;
  ~KernelDriver() { EXPECT_TRUE(write_line(adapter_ / "delete_device", address_)); }

  /// Number in the file `name` below a folder of this chip's, such as `iio:device0`.
  [[nodiscard]] double value(const std::string& name) const {
    std::filesystem::path found;
    const std::string chip = adapter_.filename().string().substr(4) + "-00" + address_.substr(2);
    const auto search = [&] {
      std::error_code ignored;
      for (const auto& entry :
           std::filesystem::recursive_directory_iterator(adapter_ / chip, ignored)) {
        if (entry.path().filename() == name) found = entry.path();
      }
      return !found.empty();
    };
    EXPECT_TRUE(eventually(search)) << "no " << name << " of " << chip;
    const std::string text = read_line(found);
    EXPECT_FALSE(text.empty()) << found;
    return text.empty() ? 0.0 : std::stod(text);
  }

 private:
  std::filesystem::path adapter_;
  std::string address_;
};

}  // namespace haltere::guest
