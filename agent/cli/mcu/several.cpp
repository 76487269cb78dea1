#include "agent/cli/mcu/several.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <iostream>

#include "agent/cli/commands.hpp"
#include "agent/cli/console.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

struct Worker {
  pid_t pid = -1;
  int output = -1;  ///< its standard output's other end
};

struct Outcome {
  std::string output;
  bool done = false;
};

Worker start(const std::string& device, const std::function<int(const std::string&)>& one) {
  Worker worker;
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return worker;
  std::cout.flush();
  std::fflush(stdout);
  worker.pid = fork();
  if (worker.pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    const int exit_code = one(device);
    std::cout.flush();
    std::fflush(stdout);
    _exit(exit_code);
  }
  close(ends[1]);
  worker.output = ends[0];
  return worker;
}

Outcome finish(const Worker& worker) {
  Outcome outcome;
  if (worker.pid < 0) {
    if (worker.output >= 0) close(worker.output);
    return outcome;
  }
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t size = read(worker.output, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    outcome.output.append(part.data(), static_cast<std::size_t>(size));
  }
  close(worker.output);
  int status = 0;
  while (waitpid(worker.pid, &status, 0) < 0 && errno == EINTR) continue;
  outcome.done = WIFEXITED(status) && WEXITSTATUS(status) == exit_done;
  return outcome;
}

ordered_json result_of(const Outcome& outcome) {
  ordered_json result = ordered_json::parse(outcome.output, nullptr, false);
  if (!outcome.done || result.is_discarded()) return {};
  return result;
}

}  // namespace

int on_each_device(const std::vector<std::string>& devices, bool json,
                   const std::function<int(const std::string&)>& one) {
  std::vector<Worker> workers;
  for (const auto& device : devices) {
    workers.push_back(start(device, one));
    if (workers.back().pid < 0) print_error(device + ": no process or pipe left to talk to it");
  }
  int exit_code = exit_done;
  ordered_json results = ordered_json::object();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Outcome outcome = finish(workers[i]);
    if (!outcome.done) exit_code = exit_failed;
    results[devices[i]] = json ? result_of(outcome) : ordered_json();
    if (!json && outcome.done)
      std::cout << "== " << devices[i] << '\n' << outcome.output << std::flush;
  }
  if (json) std::cout << results.dump(2) << '\n';
  return exit_code;
}

}  // namespace haltere::agent
