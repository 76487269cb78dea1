#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace haltere::agent {

/// Writes files where a slow disk holds nobody up. Of several contents for one path only the newest
/// is written. A failure is logged once, in words a user can act on, and again only when it
/// changes; nothing else stops.
class StoreThread {
 public:
  StoreThread();
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;
  ~StoreThread();  ///< finishes what waits

  /// Any thread. Never blocks on the disk.
  void write(std::filesystem::path path, std::vector<std::uint8_t> bytes);

  /// Any thread: deletes the file, if it is there, when its turn comes.
  void remove(std::filesystem::path path);

  /// Waits until everything asked for so far was written or failed.
  void flush();

  /// Whether the last attempt of every path succeeded.
  [[nodiscard]] bool healthy() const;

 private:
  void run(const std::stop_token& stop);
  using Content = std::optional<std::vector<std::uint8_t>>;  ///< none: no file
  void write_one(const std::filesystem::path& path, const Content& content);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::filesystem::path, Content> waiting_;
  std::map<std::filesystem::path, std::string> problems_;
  bool writing_ = false;
  std::jthread thread_;  ///< last: ends before the rest goes
};

}  // namespace haltere::agent
