#include "agent/service/control_socket.hpp"
#include "config/json.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <string>

#include "agent/service/unix_socket.hpp"
#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

class ControlSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = ControlSocket::open(path_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    socket_ = std::move(opened).value();
    socket_->on("double", [](const json& request) -> Result<json> {
      if (!request.contains("n")) return Error{ErrorKind::invalid, "\"n\" is missing"};
      return json{{"n", 2 * request["n"].get<int>()}};
    });
    socket_->start();
  }

  std::string exchange(const std::string& bytes) {
    auto fd = connect_to(path_);
    EXPECT_TRUE(fd.ok());
    send(fd->get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    std::string reply(4096, '\0');
    const auto got = recv(fd->get(), reply.data(), reply.size(), 0);
    reply.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return reply;
  }

  ScratchFolder scratch_;
  std::filesystem::path path_ = scratch_.path() / "control.sock";
  std::unique_ptr<ControlSocket> socket_;
};

TEST_F(ControlSocketTest, answersACommand) {
  const auto answer = ask_agent(path_, {{"command", "double"}, {"n", 21}});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ((*answer)["n"], 42);
}

TEST_F(ControlSocketTest, aRefusalReachesTheCallerWithItsReason) {
  const auto answer = ask_agent(path_, {{"command", "double"}});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, ErrorKind::refused);
  EXPECT_EQ(answer.error().message, "\"n\" is missing");
  EXPECT_FALSE(ask_agent(path_, {{"command", "double"}, {"n", "two"}}).ok());
  EXPECT_EQ(ask_agent(path_, {{"command", "halve"}}).error().message, "no command 'halve'");
}

TEST_F(ControlSocketTest, onlyTheUserMayConnect) {
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(ControlSocketTest, noiseIsRefusedAndTheNextCallerServed) {
  EXPECT_NE(exchange("\x01\xff{[\n").find("one JSON object per line"), std::string::npos);
  EXPECT_NE(exchange("{\"command\": 5}\n").find("one JSON object per line"), std::string::npos);
  EXPECT_NE(exchange(std::string(5000, '[')).find("request too long"), std::string::npos);
  EXPECT_TRUE(ask_agent(path_, {{"command", "double"}, {"n", 1}}).ok());
}

TEST_F(ControlSocketTest, aSecondAgentIsToldThatTheFirstListens) {
  const auto second = ControlSocket::open(path_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
}

TEST(ControlSocket, aSocketLeftByADeadAgentIsReplaced) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "control.sock";
  { ASSERT_TRUE(listen_at(path).ok()); }
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(ask_agent(path, {{"command", "status"}}).error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(ControlSocket::open(path).ok());
  EXPECT_FALSE(std::filesystem::exists(path)) << "removed with the ControlSocket";
}

TEST(ControlSocket, aPathTooLongForASocketSaysWhatToDo) {
  const auto opened = ControlSocket::open("/tmp/" + std::string(120, 'x'));
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("use --control with a shorter path"), std::string::npos);
}

}  // namespace
}  // namespace haltere::agent
