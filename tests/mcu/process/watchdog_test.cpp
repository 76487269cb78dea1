// A board whose program hangs is started again by its watchdog: QEMU models that of the MPS2
// boards.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "agent/deploy/mcu_link.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/subprocess.hpp"
#include "tests/mcu/process/emulated_board.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;

/// A debugger on QEMU's UNIX socket. The board stands still while one is there.
class Debugger {
 public:
  explicit Debugger(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Debugger() { close(fd_); }
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;

  /// What it answers to `command` of GDB's remote protocol; empty when it does not.
  [[nodiscard]] std::string ask(const std::string& command) {
    unsigned sum = 0;
    for (const char c : command) sum += static_cast<unsigned char>(c);
    constexpr const char* digits = "0123456789abcdef";
    if (!connected_ || !put("$" + command + "#" + digits[sum / 16 % 16] + digits[sum % 16]))
      return {};
    std::string answer = packet();
    // Unasked it says that the board stands still, before or after it took the command.
    while (answer.starts_with("T")) answer = packet();
    return answer;
  }

 private:
  [[nodiscard]] bool put(const std::string& bytes) const {
    return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  /// The body of the next packet, acknowledged; empty when none comes.
  std::string packet() {
    std::size_t end = std::string::npos;
    while ((end = received_.find('#')) == std::string::npos || received_.size() < end + 3) {
      std::array<char, 64> bytes{};
      const ssize_t count = recv(fd_, bytes.data(), bytes.size(), 0);
      if (count <= 0) return {};
      received_.append(bytes.data(), static_cast<std::size_t>(count));
    }
    const std::size_t begin = received_.find('$') + 1;
    const std::string body = received_.substr(begin, end - begin);
    received_.erase(0, end + 3);
    return put("+") ? body : "";
  }

  int fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool connected_ = false;
  std::string received_;
};

/// Has it turn in an endless loop, written where its RAM is not used.
void hang(const std::string& socket) {
  Debugger debugger(socket);
  // Only who read what registers there are may set one.
  EXPECT_NE(debugger.ask("qXfer:features:read:target.xml:0,20"), "");
  EXPECT_EQ(debugger.ask("M203fff00,2:fee7"), "OK");
  EXPECT_EQ(debugger.ask("Pf=00ff3f20"), "OK");
  EXPECT_EQ(debugger.ask("D"), "OK");
}

TEST(Watchdog, StartsABoardThatHangsAnew) {
  const fakes::Board& mps2 = fakes::boards().at(1);
  if (!fakes::has_program(mps2.emulator)) GTEST_SKIP() << mps2.emulator << " is not installed";
  const std::string socket =
      std::filesystem::temp_directory_path() / ("haltere-debugger-" + std::to_string(getpid()));
  const fakes::EmulatedBoard board(mps2, FIRMWARE_FOLDER,
                                   {"-gdb", "unix:" + socket + ",server=on,wait=off"});
  auto link = board.connect();
  ASSERT_TRUE(link) << link.error().message;
  ASSERT_TRUE((*link)->push(fakes::bundle_of(1, {100, 110, 20, 5})));
  std::jthread world([&] {
    std::this_thread::sleep_for(100ms);
    hang(socket);
  });
  EXPECT_FALSE((*link)->bench(link::max_bench_count, 60s)) << "it hung in the middle of that";
  const auto hello = (*link)->hello();
  ASSERT_TRUE(hello) << hello.error().message;
  EXPECT_EQ(hello->reset_reason, link::ResetReason::watchdog);
  EXPECT_EQ(hello->boots, 2U);
  EXPECT_EQ(hello->model_version, 1U);
  std::filesystem::remove(socket);
}

}  // namespace
}  // namespace haltere::agent
