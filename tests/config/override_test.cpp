#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/node.hpp"

namespace haltere::config {
namespace {

constexpr std::string_view file = R"(
sensors:
  - id: imu
    platform: serial_lines
    device: /dev/ttyACM0
models:
  - id: gesture
    learn: {rate: 0.003}
    layers: [24]
)";

Node sample() {
  std::vector<Diagnostic> diagnostics;
  Result<Node> node = parse_yaml(file, diagnostics);
  EXPECT_TRUE(node.ok());
  return *node;
}

std::string complaint(std::string_view assignment) {
  Node root = sample();
  const Status status = apply_override(root, assignment, 1);
  return status.ok() ? "" : status.error().message;
}

TEST(Override, replaces_a_setting_of_the_named_entry) {
  Node root = sample();
  ASSERT_TRUE(apply_override(root, "imu.device=tcp://127.0.0.1:5000", 2).ok());
  const Node* device = root.find("sensors")->items.at(0).find("device");
  EXPECT_EQ(device->text, "tcp://127.0.0.1:5000");
  EXPECT_EQ(device->position, (Position{0, 2}));
}

TEST(Override, adds_settings_and_nested_ones) {
  Node root = sample();
  ASSERT_TRUE(apply_override(root, "imu.rate=119Hz", 1).ok());
  ASSERT_TRUE(apply_override(root, "gesture.learn.rate=0.01", 2).ok());
  ASSERT_TRUE(apply_override(root, "gesture.layers=[32, 16]", 3).ok());
  EXPECT_EQ(root.find("sensors")->items.at(0).find("rate")->text, "119Hz");
  const Node& gesture = root.find("models")->items.at(0);
  EXPECT_EQ(gesture.find("learn")->find("rate")->text, "0.01");
  EXPECT_EQ(gesture.find("layers")->items.at(1).position, (Position{0, 3}));
}

TEST(Override, makes_the_agent_section_when_the_file_has_none) {
  Node root = sample();
  ASSERT_TRUE(apply_override(root, "agent.state=/tmp/x=y", 1).ok());
  EXPECT_EQ(root.find("agent")->find("state")->text, "/tmp/x=y");

  Node empty;
  ASSERT_TRUE(apply_override(empty, "agent.name=a", 1).ok());
  EXPECT_EQ(empty.kind, Node::Kind::mapping);
}

TEST(Override, says_what_is_wrong) {
  EXPECT_EQ(complaint("imuu.device=x"), "nothing has the id 'imuu'; did you mean 'imu'?");
  EXPECT_EQ(complaint("imu.device.path=x"),
            "'path' in 'imu.device.path=x' would be inside a value that has no settings");
  for (const char* text :
       {"", "=", "imu", "imu.device", "imu=x", ".device=x", "imu.=x", "imu..a=x"}) {
    EXPECT_EQ(complaint(text), "'" + std::string(text) + "' is not of the form ID.KEY=VALUE");
  }
  EXPECT_EQ(complaint("imu.device=[1"),
            "a key must be plain text; is a bracket before this never closed?");
  // yaml-cpp's words, to which 0.8 adds the name.
  const std::string unknown = complaint("imu.device=*x");
  EXPECT_TRUE(unknown == "the referenced anchor is not defined" ||
              unknown == "the referenced anchor is not defined: x")
      << unknown;
}

}  // namespace
}  // namespace haltere::config
