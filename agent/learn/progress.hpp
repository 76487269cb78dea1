#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "learner/online_model.hpp"

namespace haltere::agent {

/// How far a pass over a table is, on stderr: one line that is rewritten on a terminal, else a line
/// every ten seconds.
class LearnProgress {
 public:
  /// `rows`: of the whole table. Shows nothing unless `wanted`.
  LearnProgress(std::size_t rows, bool wanted);

  /// `done` rows are behind; `model` learned from them. Cheap enough to call for each.
  void show(std::size_t done, const learner::OnlineModel& model);

  /// Takes the line off a terminal.
  void end() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::size_t rows_;
  bool wanted_;
  bool terminal_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point next_;
  std::size_t calls_ = 0;
  bool shown_ = false;
};

/// "[#########-----------] 45 %, 450 of 1000 rows, 12345 rows/s, accuracy 93.1 %"
[[nodiscard]] std::string progress_text(std::size_t done, std::size_t rows, double seconds,
                                        const learner::OnlineModel& model);

}  // namespace haltere::agent
