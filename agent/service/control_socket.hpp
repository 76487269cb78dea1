#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "config/result.hpp"

namespace haltere::agent {

/// Answers one request `{"command": NAME, ...}`. Runs on the control socket's thread.
using ControlHandler = std::function<Result<nlohmann::json>(const nlohmann::json& request)>;

/// The running agent's ear: a Unix socket (mode 0600) that takes one JSON object per line and
/// answers each with one: `{"ok": true, ...}` or `{"ok": false, "error": "..."}`. Bounded: at most
/// 8 callers (further ones wait), 4 KiB per request; a caller that is silent for 10 s is
/// disconnected.
class ControlSocket {
 public:
  /// Binds `path`; a socket left there by an agent that died is replaced. Errors: busy (another
  /// agent listens there), invalid (path too long for a socket), refused, io.
  [[nodiscard]] static Result<std::unique_ptr<ControlSocket>> open(
      const std::filesystem::path& path);

  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;
  /// Stops the thread and removes the socket.
  ~ControlSocket();

  /// Sets what answers `command`. Before `start` only.
  void on(std::string command, ControlHandler handler);

  /// Starts the thread that answers.
  void start();

 private:
  struct Server;
  explicit ControlSocket(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

/// Sends `request` to the agent that listens at `path` and returns its answer. Errors: unavailable
/// (no agent there), timeout, corrupt (no JSON), refused (the agent said no; its reason).
[[nodiscard]] Result<nlohmann::json> ask_agent(const std::filesystem::path& path,
                                               const nlohmann::json& request);

}  // namespace haltere::agent
