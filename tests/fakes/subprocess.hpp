#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace haltere::fakes {

/// A program that runs as long as this object; it dies with the test, however that ends.
class Subprocess {
 public:
  /// Starts `words[0]` (searched in PATH) with its stdout readable here.
  explicit Subprocess(const std::vector<std::string>& words);
  ~Subprocess() { kill(); }
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  /// The next line it prints, empty when none came in time.
  std::string read_line(std::chrono::milliseconds patience = std::chrono::seconds(10));

  /// Ends it at once (SIGKILL), as a power cut does.
  void kill();

 private:
  pid_t pid_ = -1;
  int stdout_ = -1;
};

/// Whether `program` is in PATH and runs: it answers --version.
bool has_program(const std::string& program);

}  // namespace haltere::fakes
