// A board with a six-axis IMU behind a pseudo-terminal: one CSV line per sample,
// `t,rec,gesture,ax,ay,az,gx,gy,gz` in s, g and deg/s, paced by its own clock.

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/demo/motion.hpp"
#include "tests/demo/recording.hpp"

namespace {

using haltere::demo::Take;

constexpr double gap_s = 1.0;  // between takes, as when a hand rests

struct Options {
  std::string link;
  std::string recording;
  std::string write;
  int takes = 200;
  std::uint64_t seed = 1;
  double speed = 4.0;
};

Options parse(CLI::App& app, int argc, char** argv) {
  Options options;
  app.add_option("--link", options.link, "symbolic link to make to the board's pseudo-terminal");
  app.add_option("--recording", options.recording,
                 "play this CSV of takes (rec, gesture, ax_g ... gz_dps) in random order");
  app.add_option("--write", options.write, "write the lines with a header to this file and exit");
  app.add_option("--takes", options.takes, "simulated takes to send")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", options.seed, "of the simulation or of the order of the recording");
  app.add_option("--speed", options.speed, "times faster than real time")
      ->check(CLI::PositiveNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

std::string line_of(double time_s, std::size_t rec, const std::string& gesture,
                    const haltere::demo::ImuRow& row) {
  std::array<char, 160> text{};
  const auto& a = row.acceleration_g;
  const auto& g = row.angular_rate_dps;
  const int size =
      std::snprintf(text.data(), text.size(), "%.6f,%zu,%s,%.3f,%.3f,%.3f,%.3f,%.3f,%.3f\n", time_s,
                    rec, gesture.c_str(), a[0], a[1], a[2], g[0], g[1], g[2]);
  return {text.data(), static_cast<std::size_t>(size)};
}

/// The board's end of a pseudo-terminal; the other end is what the agent opens.
class Terminal {
 public:
  explicit Terminal(const std::string& link)
      : link_(link), fd_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (fd_ < 0 || grantpt(fd_) != 0 || unlockpt(fd_) != 0)
      throw std::runtime_error("no pseudo-terminal to be had");
    name_ = ptsname(fd_);
    // Raw from the start: nothing sent before the agent sets the line up may be echoed back.
    const int far = open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios settings{};
    tcgetattr(far, &settings);
    cfmakeraw(&settings);
    tcsetattr(far, TCSANOW, &settings);
    close(far);
    if (!link_.empty()) {
      std::filesystem::remove(link_);
      std::filesystem::create_symlink(name_, link_);
    }
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    close(fd_);
    std::error_code ignored;
    if (!link_.empty()) std::filesystem::remove(link_, ignored);
  }

  [[nodiscard]] const std::string& name() const { return name_; }

  /// Nobody has the far end open.
  [[nodiscard]] bool alone() const {
    pollfd wait{fd_, 0, 0};
    poll(&wait, 1, 0);
    return (wait.revents & POLLHUP) != 0;
  }

  void send(const std::string& line) const {
    std::size_t sent = 0;
    while (sent < line.size()) {
      const ssize_t n = write(fd_, line.data() + sent, line.size() - sent);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  /// Waits until the far end has read everything, 5 s at most.
  void drain() const {
    const int far = open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (far < 0) return;
    for (int i = 0, waiting = 1; i < 100 && waiting > 0; ++i) {
      if (ioctl(far, FIONREAD, &waiting) != 0) waiting = 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    close(far);
  }

 private:
  std::string link_;
  std::string name_;
  int fd_;
};

/// Where takes come from: the simulation, or a recording in random order, once through.
class Source {
 public:
  explicit Source(const Options& options) : left_(options.takes), simulator_(options.seed) {
    if (options.recording.empty()) return;
    recorded_ = haltere::demo::read_recording(options.recording);
    haltere::demo::shuffle(recorded_, options.seed);
    left_ = static_cast<int>(recorded_.size());
  }

  std::optional<Take> next() {
    if (left_ == 0) return std::nullopt;
    --left_;
    if (recorded_.empty()) return simulator_.next();
    return recorded_[recorded_.size() - 1 - static_cast<std::size_t>(left_)];
  }

 private:
  int left_;
  haltere::demo::MotionSimulator simulator_;
  std::vector<Take> recorded_;
};

/// Calls `emit(time_s, line)` for every line of every take.
template <typename Emit>
std::size_t play(Source& source, Emit emit) {
  double time_s = 0.0;
  std::size_t rec = 0;
  std::size_t lines = 0;
  for (auto take = source.next(); take; take = source.next(), ++rec, time_s += gap_s) {
    for (const auto& row : take->rows) {
      emit(time_s, line_of(time_s, rec, take->gesture, row));
      time_s += 1.0 / haltere::demo::rate_hz;
      ++lines;
    }
  }
  return lines;
}

void write_file(const Options& options, Source& source) {
  std::ofstream file(options.write);
  file << "t:s,rec:segment,gesture:label,ax:g,ay:g,az:g,gx:dps,gy:dps,gz:dps\n";
  play(source, [&](double, const std::string& line) { file << line; });
  if (!file.flush()) throw std::runtime_error("cannot write " + options.write);
}

void serve(const Options& options, Source& source) {
  const Terminal terminal(options.link);
  std::cout << terminal.name() << std::endl;
  while (terminal.alone()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const std::size_t lines = play(source, [&](double time_s, const std::string& line) {
    std::this_thread::sleep_until(start +
                                  std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(time_s / options.speed)));
    terminal.send(line);
  });
  terminal.drain();
  std::cout << lines << " lines sent" << std::endl;
  // A board does not unplug itself when it has nothing more to say.
  while (!terminal.alone()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A virtual board that sends an IMU's lines over a pseudo-terminal."};
  const Options options = parse(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    Source source(options);
    if (options.write.empty()) {
      serve(options, source);
    } else {
      write_file(options, source);
    }
  } catch (const std::exception& error) {
    std::cerr << "virtual_board: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
