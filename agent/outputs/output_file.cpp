#include "agent/outputs/output_file.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace haltere::agent {
namespace {

Error cannot_write(const std::string& path) {
  return {ErrorKind::io, "cannot write " + path + ": " + std::generic_category().message(errno)};
}

template <typename Number>
void put(std::FILE* file, Number number) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  std::fwrite(digits.data(), 1, static_cast<std::size_t>(end - digits.data()), file);
}

}  // namespace

Result<OutputFile> OutputFile::create(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  if (file == nullptr) return cannot_write(path);
  return OutputFile(path, file);
}

OutputFile& OutputFile::text(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file_.get());
  return *this;
}

OutputFile& OutputFile::field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return this->text(text);
  std::fputc('"', file_.get());
  for (const char c : text) {
    if (c == '"') std::fputc('"', file_.get());
    std::fputc(c, file_.get());
  }
  std::fputc('"', file_.get());
  return *this;
}

OutputFile& OutputFile::number(std::size_t number) {
  put(file_.get(), number);
  return *this;
}

OutputFile& OutputFile::number(float number) {
  put(file_.get(), number);
  return *this;
}

Status OutputFile::finish() {
  if (std::ferror(file_.get()) != 0 || std::fflush(file_.get()) != 0) return cannot_write(path_);
  return {};
}

}  // namespace haltere::agent
