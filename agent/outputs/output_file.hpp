#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "config/result.hpp"

namespace haltere::agent {

/// A text file that is written from its beginning to its end; what fails shows when it is finished.
class OutputFile {
 public:
  /// Errors: io, refused (permissions).
  [[nodiscard]] static Result<OutputFile> create(const std::string& path);

  OutputFile& text(std::string_view text);
  /// A field of a CSV, quoted where it must be (RFC 4180).
  OutputFile& field(std::string_view text);
  OutputFile& number(std::size_t number);
  /// With as many digits as tell it from every other float.
  OutputFile& number(float number);

  /// Errors: io, of this and of all before.
  Status finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  OutputFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace haltere::agent
