#pragma once

#include <filesystem>
#include <utility>

#include "config/result.hpp"

namespace haltere::agent {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// A listening Unix stream socket at `path`, mode 0600, non-blocking. A dead socket there is
/// replaced. Errors: busy (somebody listens), invalid (path too long), refused, io.
[[nodiscard]] Result<FileDescriptor> listen_at(const std::filesystem::path& path);

/// A connection to the socket at `path`. Errors: unavailable (nobody listens), invalid, refused,
/// io.
[[nodiscard]] Result<FileDescriptor> connect_to(const std::filesystem::path& path);

}  // namespace haltere::agent
