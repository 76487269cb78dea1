#include "agent/service/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace haltere::agent {
namespace {

constexpr int backlog = 8;

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.size() >= sizeof address.sun_path) {
    return Error{ErrorKind::invalid, "'" + text + "' is too long for a socket (at most " +
                                         std::to_string(sizeof address.sun_path - 1) +
                                         " bytes); use --control with a shorter path"};
  }
  std::memcpy(static_cast<char*>(address.sun_path), text.c_str(), text.size() + 1);
  return address;
}

// The sockets API takes every kind of address through this one type.
const sockaddr* generic(const sockaddr_un& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

Error failure(const char* verb, const std::filesystem::path& path, int code) {
  const ErrorKind kind = code == EACCES || code == EPERM ? ErrorKind::refused : ErrorKind::io;
  return {kind, std::string("cannot ") + verb + " " + path.string() + ": " +
                    std::generic_category().message(code)};
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

Result<FileDescriptor> connect_to(const std::filesystem::path& path) {
  auto address = address_of(path);
  if (!address) return address.error();
  FileDescriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return failure("make a socket for", path, errno);
  if (connect(fd.get(), generic(*address), sizeof *address) == 0) return fd;
  if (errno == ENOENT || errno == ECONNREFUSED) {
    return Error{ErrorKind::unavailable,
                 "no agent listens at " + path.string() +
                     "; name the pipeline file, --state or --control of the one you mean"};
  }
  return failure("connect to", path, errno);
}

Result<FileDescriptor> listen_at(const std::filesystem::path& path) {
  auto address = address_of(path);
  if (!address) return address.error();
  if (connect_to(path)) {
    return Error{ErrorKind::busy, "another agent already listens at " + path.string() +
                                      "; stop it, or give this one its own --control"};
  }
  std::error_code absent;
  if (std::filesystem::is_socket(path, absent)) unlink(path.c_str());
  FileDescriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return failure("make a socket for", path, errno);
  // On Linux the mode set before bind is the one the socket file gets: never open to others.
  fchmod(fd.get(), S_IRUSR | S_IWUSR);
  if (bind(fd.get(), generic(*address), sizeof *address) != 0 || listen(fd.get(), backlog) != 0) {
    return failure("listen at", path, errno);
  }
  return fd;
}

}  // namespace haltere::agent
