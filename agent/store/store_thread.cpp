#include "agent/store/store_thread.hpp"

#include <spdlog/spdlog.h>

#include "agent/store/atomic_file.hpp"

namespace haltere::agent {

StoreThread::StoreThread() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

StoreThread::~StoreThread() {
  flush();
  thread_.request_stop();
}

void StoreThread::write(std::filesystem::path path, std::vector<std::uint8_t> bytes) {
  const std::scoped_lock lock(mutex_);
  waiting_.insert_or_assign(std::move(path), std::move(bytes));
  changed_.notify_all();
}

void StoreThread::remove(std::filesystem::path path) {
  const std::scoped_lock lock(mutex_);
  waiting_.insert_or_assign(std::move(path), std::nullopt);
  changed_.notify_all();
}

void StoreThread::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !writing_; });
}

bool StoreThread::healthy() const {
  const std::scoped_lock lock(mutex_);
  return problems_.empty();
}

void StoreThread::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    auto job = waiting_.extract(waiting_.begin());
    writing_ = true;
    lock.unlock();
    write_one(job.key(), job.mapped());
    lock.lock();
    writing_ = false;
    changed_.notify_all();
  }
}

void StoreThread::write_one(const std::filesystem::path& path, const Content& content) {
  if (!content) {
    std::error_code kept;  // then it is there once more than needed
    std::filesystem::remove(path, kept);
    return;
  }
  const Status written = write_file_atomically(path, *content);
  const std::scoped_lock lock(mutex_);
  if (written) {
    const bool was_refused = problems_.erase(path) > 0;
    if (was_refused && problems_.empty()) spdlog::info("{} could be saved again", path.string());
    return;
  }
  const bool is_first = problems_.empty();
  problems_.insert_or_assign(path, written.error().message);
  if (!is_first) return;
  spdlog::warn("{}; everything goes on, but what is learned would be lost at a restart",
               written.error().message);
}

}  // namespace haltere::agent
