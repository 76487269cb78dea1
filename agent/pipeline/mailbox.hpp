#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "sensors/doorbell.hpp"

namespace haltere::agent {

/// Lets other threads have something done on the pipeline thread, between two samples.
class Mailbox {
 public:
  /// Rings `pipeline`, which must live longer.
  explicit Mailbox(const sensors::Doorbell& pipeline) : pipeline_(pipeline) {}

  /// Has `work` done there and waits for its answer; nothing if it does not come within `patience`.
  /// Not on the pipeline thread itself.
  template <typename Answer>
  std::optional<Answer> ask(std::function<Answer()> work, std::chrono::milliseconds patience) {
    auto task = std::make_shared<std::packaged_task<Answer()>>(std::move(work));
    std::future<Answer> answer = task->get_future();
    post([task] { (*task)(); });
    if (answer.wait_for(patience) != std::future_status::ready) return std::nullopt;
    return answer.get();
  }

  /// Pipeline thread: does what waits.
  void work_off() {
    std::vector<std::function<void()>> work;
    {
      const std::scoped_lock lock(mutex_);
      work.swap(waiting_);
    }
    for (const auto& task : work) task();
  }

 private:
  void post(std::function<void()> task) {
    {
      const std::scoped_lock lock(mutex_);
      waiting_.push_back(std::move(task));
    }
    pipeline_.ring();
  }

  const sensors::Doorbell& pipeline_;
  std::mutex mutex_;
  std::vector<std::function<void()>> waiting_;
};

}  // namespace haltere::agent
