#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>

#include "config/result.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// CSV of what a filter yields: `t` in seconds, then its channels with their units. The same rows
/// give the same bytes.
class StreamFile {
 public:
  /// `path`: `-` is standard output. Errors: io.
  [[nodiscard]] static Result<StreamFile> open(const std::string& path, std::size_t filter,
                                               const sensors::Layout& layout);

  [[nodiscard]] std::size_t filter() const { return filter_; }
  void add(sensors::TimeNs time_ns, std::span<const float> row);

  /// Errors: io, of this and of all before.
  [[nodiscard]] Status finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  StreamFile(std::string path, std::size_t filter, std::FILE* file)
      : path_(std::move(path)), filter_(filter), file_(file) {}

  std::string path_;
  std::size_t filter_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string line_;
};

}  // namespace haltere::agent
