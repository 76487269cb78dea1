#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace haltere {

/// All that is in a file; nothing if it cannot be read.
template <typename Bytes>
Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  Bytes bytes(static_cast<std::size_t>(file.tellg()), {});
  file.seekg(0).read(reinterpret_cast<char*>(bytes.data()),
                     static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

inline std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path) {
  return read_file<std::vector<std::uint8_t>>(path);
}

inline std::string read_text(const std::filesystem::path& path) {
  return read_file<std::string>(path);
}

}  // namespace haltere
