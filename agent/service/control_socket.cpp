#include "agent/service/control_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "agent/service/unix_socket.hpp"
#include "config/json.hpp"
#include "sensors/doorbell.hpp"

namespace haltere::agent {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::size_t max_callers = 8;
constexpr std::size_t max_request_bytes = 4096;
constexpr std::size_t max_answer_bytes = std::size_t{1024} * 1024;
constexpr std::chrono::seconds silence_limit{10};
constexpr int poll_ms = 1000;

std::string to_line(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

json refusal(const std::string& reason) { return {{"ok", false}, {"error", reason}}; }

struct Caller {
  FileDescriptor fd;
  std::string input;
  Clock::time_point last_heard = Clock::now();
};

}  // namespace

struct ControlSocket::Server {
  std::filesystem::path path;
  FileDescriptor listener;
  std::map<std::string, ControlHandler, std::less<>> handlers;
  std::vector<Caller> callers;
  sensors::Doorbell stop_bell;
  std::jthread thread;

  void run(const std::stop_token& stop);
  void wait();
  void accept_caller();
  bool serve(Caller& caller) const;
  bool answer_lines(Caller& caller) const;
  [[nodiscard]] json answer(std::string_view line) const;
};

json ControlSocket::Server::answer(std::string_view line) const {
  const json request = json::parse(line, nullptr, false);
  if (!request.is_object() || !request.contains("command") || !request["command"].is_string()) {
    return refusal("a request is one JSON object per line with a \"command\"");
  }
  const auto found = handlers.find(request["command"].get_ref<const std::string&>());
  if (found == handlers.end()) {
    return refusal("no command '" + request["command"].get<std::string>() + "'");
  }
  try {
    Result<json> result = found->second(request);
    if (!result) return refusal(result.error().message);
    (*result)["ok"] = true;
    return std::move(result).value();
  } catch (const json::exception& error) {  // a field of another type than the handler reads
    return refusal(error.what());
  }
}

bool ControlSocket::Server::answer_lines(Caller& caller) const {
  std::size_t end = 0;
  while ((end = caller.input.find('\n')) != std::string::npos) {
    const std::string reply = to_line(answer(std::string_view(caller.input).substr(0, end)));
    caller.input.erase(0, end + 1);
    // An answer fits the socket's buffer; a caller that does not read loses its connection.
    const auto sent = send(caller.fd.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(reply.size())) return false;
  }
  if (caller.input.size() <= max_request_bytes) return true;
  const std::string reply = to_line(refusal("request too long"));
  send(caller.fd.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
  return false;
}

bool ControlSocket::Server::serve(Caller& caller) const {
  std::array<char, 1024> bytes{};
  const ssize_t got = recv(caller.fd.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return Clock::now() - caller.last_heard < silence_limit;
  }
  if (got <= 0) return false;
  caller.last_heard = Clock::now();
  caller.input.append(bytes.data(), static_cast<std::size_t>(got));
  return answer_lines(caller);
}

void ControlSocket::Server::accept_caller() {
  if (callers.size() >= max_callers) return;
  FileDescriptor fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (fd.valid()) callers.push_back({.fd = std::move(fd), .input = {}});
}

void ControlSocket::Server::wait() {
  std::vector<pollfd> waits{{stop_bell.fd(), POLLIN, 0}};
  if (callers.size() < max_callers) waits.push_back({listener.get(), POLLIN, 0});
  for (const Caller& caller : callers) waits.push_back({caller.fd.get(), POLLIN, 0});
  poll(waits.data(), waits.size(), callers.empty() ? -1 : poll_ms);
}

void ControlSocket::Server::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    wait();
    accept_caller();
    std::erase_if(callers, [this](Caller& caller) { return !serve(caller); });
  }
}

ControlSocket::ControlSocket(std::unique_ptr<Server> server) : server_(std::move(server)) {}

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::filesystem::path& path) {
  auto listener = listen_at(path);
  if (!listener) return listener.error();
  auto server = std::make_unique<Server>();
  server->path = path;
  server->listener = std::move(listener).value();
  return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(server)));
}

ControlSocket::~ControlSocket() {
  server_->thread.request_stop();
  server_->stop_bell.ring();
  if (server_->thread.joinable()) server_->thread.join();
  unlink(server_->path.c_str());
}

void ControlSocket::on(std::string command, ControlHandler handler) {
  server_->handlers.insert_or_assign(std::move(command), std::move(handler));
}

void ControlSocket::start() {
  server_->thread =
      std::jthread([server = server_.get()](const std::stop_token& stop) { server->run(stop); });
}

namespace {

Result<std::string> read_line(int fd, Clock::time_point deadline) {
  std::string line;
  std::array<char, 4096> bytes{};
  while (line.size() < max_answer_bytes) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd wait{fd, POLLIN, 0};
    if (left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) == 0) {
      return Error{ErrorKind::timeout, "the agent does not answer"};
    }
    const ssize_t got = recv(fd, bytes.data(), bytes.size(), 0);
    if (got <= 0) return Error{ErrorKind::unavailable, "the agent closed the connection"};
    line.append(bytes.data(), static_cast<std::size_t>(got));
    if (line.back() == '\n') return line;
  }
  return Error{ErrorKind::corrupt, "the agent's answer has no end"};
}

}  // namespace

Result<json> ask_agent(const std::filesystem::path& path, const json& request) {
  auto fd = connect_to(path);
  if (!fd) return fd.error();
  const std::string line = to_line(request);
  if (send(fd->get(), line.data(), line.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(line.size())) {
    return Error{ErrorKind::unavailable, "the agent closed the connection"};
  }
  auto reply = read_line(fd->get(), Clock::now() + silence_limit);
  if (!reply) return reply.error();
  json answer = json::parse(*reply, nullptr, false);
  if (!answer.is_object()) return Error{ErrorKind::corrupt, "the agent's answer is not JSON"};
  if (answer.value("ok", json(false)) == json(true)) return answer;
  return Error{ErrorKind::refused, answer.value("error", std::string("the agent refused"))};
}

}  // namespace haltere::agent
