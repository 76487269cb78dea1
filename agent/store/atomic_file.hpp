#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "config/result.hpp"

namespace haltere::agent {

/// Replaces `path` by `bytes` so that after a crash or power cut the old or the new content is
/// there, whole: written beside it, synced, renamed, folder synced. Missing folders are made (mode
/// 0700). Errors: io, refused (permissions), with the path and the kernel's reason; the old file is
/// intact.
Status write_file_atomically(const std::filesystem::path& path,
                             std::span<const std::uint8_t> bytes);

/// The whole of `path`. Errors: not_found, io, invalid (larger than `max_bytes`).
Result<std::vector<std::uint8_t>> read_whole_file(const std::filesystem::path& path,
                                                  std::size_t max_bytes);

}  // namespace haltere::agent
