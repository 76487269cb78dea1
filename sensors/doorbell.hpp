#pragma once

namespace haltere::sensors {

/// Wakes a thread that sleeps in poll: an eventfd. Any thread may ring; rings before the sleeper
/// looks count as one.
class Doorbell {
 public:
  Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;
  ~Doorbell();

  void ring() const;
  /// Forgets rings so far; call before looking for work, never after.
  void clear() const;
  /// Sleeps until rung, until `other_fd` (unless -1) is readable, or for `timeout_ms` (-1 = no
  /// limit).
  void wait(int timeout_ms, int other_fd = -1) const;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace haltere::sensors
