// The firmware on this machine, behind a pseudo-terminal: to try things, and where there is no
// QEMU.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "mcu/firmware/ports/host/file_storage.hpp"
#include "mcu/firmware/ports/host/host_sensor.hpp"
#include "mcu/firmware/ports/host/serial_line.hpp"
#include "mcu/firmware/runtime.hpp"

namespace {

using haltere::firmware::FileStorage;
using haltere::firmware::HostSensor;
using haltere::firmware::Memory;
using haltere::firmware::Platform;
using haltere::firmware::Runtime;
using haltere::firmware::SerialLine;
namespace mcu_link = haltere::link;

constexpr std::size_t content_bytes = 4096;
constexpr std::size_t stream_bytes = 1024;
constexpr int stop_check_ms = 200;
constexpr int most_samples_at_once = 128;

constexpr std::string_view usage =
    "usage: firmware_host [--link PATH] [--tcp PORT | --fd N] [--flash FILE] [--slot BYTES] [--ram "
    "BYTES]\n"
    "\n"
    "Haltere's firmware as a process. Prints the device to open, a pseudo-terminal unless told "
    "otherwise.\n"
    "  --link PATH   also reach the pseudo-terminal by this symbolic link\n"
    "  --tcp PORT    serve one client on 127.0.0.1:PORT (0: any free port)\n"
    "  --fd N        speak on this open file descriptor\n"
    "  --flash FILE  keep models in FILE, so that they survive a restart\n"
    "  --slot BYTES  size of each of the two slots, a multiple of 4096 (default 524288)\n"
    "  --ram BYTES   working memory for a model (default 65536)\n"
    "  --sensor S    its own sensor: `wave`, made up, or a CSV file of numbers below their names,\n"
    "                played again and again\n"
    "  --wake FILE   its wake line: FILE holds 1 while it is raised, else 0\n"
    "  --label-button FILE\n"
    "                its button for labels: pressed while FILE is there\n"
    "  --button S    as if its button were held for S seconds after the start: it may be "
    "enrolled\n";

volatile std::sig_atomic_t stop_requested = 0;

struct Options {
  std::string link;
  std::string flash;
  std::string sensor;
  std::string wake;
  std::string label_button;
  std::optional<long> tcp_port;
  std::optional<long> fd;
  long slot_bytes = 512L * 1024;
  long ram_bytes = 64L * 1024;
  long button_s = 0;
};

constexpr long longest_slot = 4L * 1024 * 1024;

bool parse_number(const char* text, long lowest, long highest, long& number) {
  char* end = nullptr;
  number = std::strtol(text, &end, 10);
  return end != text && *end == '\0' && number >= lowest && number <= highest;
}

bool take_option(std::string_view name, const char* value, Options& options) {
  long number = 0;
  if (name == "--link") return options.link = value, true;
  if (name == "--flash") return options.flash = value, true;
  if (name == "--sensor") return options.sensor = value, true;
  if (name == "--label-button") return options.label_button = value, true;
  if (name == "--wake") return options.wake = value, true;
  if (name == "--tcp" && parse_number(value, 0, 65535, number))
    return options.tcp_port = number, true;
  if (name == "--fd" && parse_number(value, 0, 65535, number)) return options.fd = number, true;
  if (name == "--button") return parse_number(value, 0, 1 << 24, options.button_s);
  if (name == "--ram") return parse_number(value, 64, 1 << 24, options.ram_bytes);
  return name == "--slot" &&
         parse_number(value, 2L * FileStorage::page_bytes, longest_slot, options.slot_bytes) &&
         options.slot_bytes % FileStorage::page_bytes == 0;
}

bool parse(std::span<char*> words, Options& options) {
  for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
    if (!take_option(words[i], words[i + 1], options)) return false;
  }
  return words.size() % 2 == 1;
}

std::uint32_t ticks(void* /*context*/) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

const auto process_start = std::chrono::steady_clock::now();

// The button's time is counted from the process's start: a reset does not press it again.
bool is_button_held(void* context) {
  const auto held = std::chrono::seconds(static_cast<const Options*>(context)->button_s);
  return std::chrono::steady_clock::now() - process_start < held;
}

void set_wake_line(void* context, bool raised) {
  const std::string& path = static_cast<const Options*>(context)->wake;
  if (!path.empty()) std::ofstream(path) << (raised ? "1\n" : "0\n");
}

bool is_label_button_pressed(void* context) {
  const std::string& path = static_cast<const Options*>(context)->label_button;
  return !path.empty() && std::filesystem::exists(path);
}

std::uint32_t no_overruns(void* /*context*/) { return 0; }

void write_line(void* context, const std::uint8_t* bytes, std::size_t count) {
  auto& pending = *static_cast<std::vector<std::uint8_t>*>(context);
  pending.insert(pending.end(), bytes, bytes + count);
}

bool open_line(const Options& options, SerialLine& line) {
  if (options.fd) return line.use(static_cast<int>(*options.fd)), true;
  if (options.tcp_port) return line.open_tcp(static_cast<std::uint16_t>(*options.tcp_port));
  if (!line.open_terminal(options.link)) return false;
  std::printf("%s\n", line.path().c_str());
  std::fflush(stdout);
  return true;
}

/// The chip: what a reset leaves alone.
struct Machine {
  Options options;
  FileStorage flash;
  SerialLine line;
  HostSensor sensor;
};

Platform platform_of(Machine& machine, bool again) {
  Platform platform;
  platform.core = mcu_link::Core::host;
  platform.reset_reason = again ? mcu_link::ResetReason::software : mcu_link::ResetReason::power;
  platform.boots = machine.flash.count_boot();
  platform.ticks = ticks;
  platform.tick_hz = 1'000'000'000;
  platform.overruns = no_overruns;
  platform.context = &machine.options;
  platform.may_enroll = is_button_held;
  platform.wake = set_wake_line;
  platform.label_button = is_label_button_pressed;
  platform.sensor = machine.sensor.sensor();
  return platform;
}

/// Waits for the line or a sample. Bytes read; below 0: the line is gone.
int wait_for_bytes(const Machine& machine, Runtime& runtime, std::span<std::uint8_t> bytes) {
  const std::uint32_t before = ticks(nullptr);
  const int count = machine.line.read(bytes, machine.sensor.due_ms(stop_check_ms));
  if (runtime.senses()) runtime.slept(ticks(nullptr) - before);
  return count;
}

/// Runs until a reset is asked for. False: the line is gone or the process shall end.
bool run(const Machine& machine, Runtime& runtime, std::vector<std::uint8_t>& pending) {
  std::array<std::uint8_t, 4096> bytes{};
  while (stop_requested == 0) {
    machine.line.write(pending);
    pending.clear();
    if (runtime.reset_requested()) return true;
    runtime.idle();
    const int count = wait_for_bytes(machine, runtime, bytes);
    if (count < 0) return false;
    for (int i = 0; i < count && !runtime.reset_requested(); ++i) {
      runtime.take(bytes[static_cast<std::size_t>(i)]);
    }
    for (int i = 0; i < most_samples_at_once && runtime.sense(); ++i) {
    }
  }
  return false;
}

/// Everything between two resets. False: the line is gone or the process shall end.
bool serve(Machine& machine, bool again) {
  const Options& options = machine.options;
  std::vector<std::uint64_t> arena(static_cast<std::size_t>(options.ram_bytes + 7) / 8);
  std::vector<std::uint8_t> received(content_bytes);
  std::vector<std::uint8_t> reply(content_bytes);
  std::vector<float> values(content_bytes / 4);
  std::vector<std::uint8_t> stream(stream_bytes);
  std::vector<std::uint8_t> pending;
  Memory memory;
  memory.arena = static_cast<std::uint8_t*>(static_cast<void*>(arena.data()));
  memory.arena_bytes = static_cast<std::size_t>(options.ram_bytes);
  memory.received = received.data();
  memory.reply = reply.data();
  memory.values = values.data();
  memory.content_bytes = content_bytes;
  memory.window_frames = 8;
  memory.stream = stream.data();
  memory.stream_bytes = stream.size();
  Runtime runtime(platform_of(machine, again), memory, machine.flash.storage(),
                  {write_line, &pending});
  runtime.boot();
  return run(machine, runtime, pending);
}

void request_stop(int /*signal*/) { stop_requested = 1; }

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool fail(const std::string& what, const std::string& why) {
  std::fprintf(stderr, "firmware_host: cannot %s: %s\n", what.c_str(), why.c_str());
  return false;
}

bool open(Machine& machine) {
  const Options& options = machine.options;
  const auto system_reason = [] { return std::generic_category().message(errno); };
  if (!machine.flash.open(options.flash, static_cast<std::uint32_t>(options.slot_bytes)))
    return fail("open " + options.flash, system_reason());
  std::string reason;
  if (!options.sensor.empty() && !machine.sensor.open(options.sensor, reason))
    return fail("use " + options.sensor + " as a sensor", reason);
  return open_line(options, machine.line) || fail("open the line", system_reason());
}

}  // namespace

int main(int argc, char** argv) {
  Machine machine;
  const std::span words(argv, static_cast<std::size_t>(argc));
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    std::fputs(usage.data(), stdout);
    return 0;
  }
  if (!parse(words, machine.options)) {
    std::fputs(usage.data(), stderr);
    return 2;
  }
  catch_signals();
  if (!open(machine)) return 1;
  bool again = false;
  while (serve(machine, again)) again = true;
  return 0;
}
