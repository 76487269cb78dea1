#include "agent/pipeline/stream_file.hpp"

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
void append(std::string& line, Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  line.append(digits.data(), end.ptr);
}

// Nanoseconds as seconds, exactly, without zeros that say nothing.
void append_seconds(std::string& line, sensors::TimeNs time_ns) {
  constexpr std::uint64_t per_s = 1'000'000'000;
  const auto bits = static_cast<std::uint64_t>(time_ns);
  const std::uint64_t size = time_ns < 0 ? 0 - bits : bits;
  if (time_ns < 0) line += '-';
  append(line, size / per_s);
  std::string fraction = std::to_string(per_s + size % per_s);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (fraction.size() < 2) return;
  line += '.';
  line.append(fraction, 1);
}

}  // namespace

Result<StreamFile> StreamFile::open(const std::string& path, std::size_t filter,
                                    const sensors::Layout& layout) {
  const std::string place = path == "-" ? "/dev/stdout" : path;
  StreamFile stream(place, filter, std::fopen(place.c_str(), "we"));
  if (stream.file_ == nullptr) return cannot_write(place);
  std::string header = "t";
  for (const sensors::Channel& channel : layout.channels) {
    const std::string_view unit = sensors::unit_of(channel.quantity);
    header += "," + channel.name;
    if (!unit.empty()) header += ":" + std::string(unit);
  }
  header += "\n";
  std::fwrite(header.data(), 1, header.size(), stream.file_.get());
  return stream;
}

void StreamFile::add(sensors::TimeNs time_ns, std::span<const float> row) {
  line_.clear();
  append_seconds(line_, time_ns);
  for (const float value : row) {
    line_ += ',';
    append(line_, value);
  }
  line_ += '\n';
  std::fwrite(line_.data(), 1, line_.size(), file_.get());
}

Status StreamFile::finish() {
  if (std::ferror(file_.get()) != 0 || std::fflush(file_.get()) != 0) return cannot_write(path_);
  return {};
}

}  // namespace haltere::agent
