#include "agent/store/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace haltere::agent {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(fd_); }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Error failure(const char* verb, const std::filesystem::path& path, int code) {
  ErrorKind kind = ErrorKind::io;
  if (code == ENOENT) kind = ErrorKind::not_found;
  if (code == EACCES || code == EPERM || code == EROFS) kind = ErrorKind::refused;
  return {kind, std::string("cannot ") + verb + " " + path.string() + ": " +
                    std::generic_category().message(code)};
}

// The folders' content (checkpoints, models) is the user's own data.
Status make_private_folders(const std::filesystem::path& folder) {
  std::error_code code;
  if (folder.empty() || std::filesystem::is_directory(folder, code)) return {};
  if (Status made = make_private_folders(folder.parent_path()); !made) return made;
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return failure("make folder", folder, errno);
  }
  return {};
}

Status write_and_sync(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return failure("write", path, errno);
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure("write", path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (fsync(file.get()) != 0) return failure("sync", path, errno);
  return {};
}

// Makes a rename in it durable; file systems that cannot sync a folder do not need it.
void sync_folder(const std::filesystem::path& folder) {
  const Descriptor handle(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.get() >= 0) fsync(handle.get());
}

}  // namespace

Status write_file_atomically(const std::filesystem::path& path,
                             std::span<const std::uint8_t> bytes) {
  const std::filesystem::path folder = path.parent_path();
  if (Status made = make_private_folders(folder); !made) return made;
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  if (Status written = write_and_sync(temporary, bytes); !written) {
    unlink(temporary.c_str());
    return written;
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const int code = errno;
    unlink(temporary.c_str());
    return failure("replace", path, code);
  }
  sync_folder(folder);
  return {};
}

Result<std::vector<std::uint8_t>> read_whole_file(const std::filesystem::path& path,
                                                  std::size_t max_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || fstat(file.get(), &info) != 0) return failure("read", path, errno);
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
    return Error{ErrorKind::invalid,
                 path.string() + " is larger than " + std::to_string(max_bytes) + " bytes"};
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read", path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace haltere::agent
