// A run with a microcontroller: our firmware as a process of this machine.
#include "tests/agent/pipeline/live_fixture.hpp"
#include "tests/fakes/subprocess.hpp"

namespace haltere::agent {
namespace {

TEST_F(LiveRunTest, theReportSaysHowTheMicrocontrollerWasWhenTheRunEnded) {
  fakes::Subprocess firmware({FIRMWARE_HOST});
  const std::string yaml =
      motion_yaml("/nowhere", "mcus:\n  - {id: tag, device: " + firmware.read_line() +
                                  ", model: motion}\n  - {id: gone, device: /nowhere, model: "
                                  "motion}\n");
  LiveOptions live_options = options(0);
  live_options.control = file("control.sock");
  const auto control = live_options.control;
  const auto live = make_live(load_yaml_text(scratch_, yaml), std::move(live_options));
  ASSERT_NE(live, nullptr);
  const sensors::Doorbell stop;
  std::jthread world([&] {
    wait_until([&] {
      const auto status = ask_agent(control, {{"command", "status"}});
      return status && (*status)["mcus"]["tag"]["connected"] == true;
    });
    stop.ring();
  });
  const json report = run(*live, stop.fd());
  EXPECT_EQ(report["ended"], true);
  EXPECT_EQ(report["mcus"]["tag"]["connected"], true);
  EXPECT_EQ(report["mcus"]["gone"]["connected"], false);
}

}  // namespace
}  // namespace haltere::agent
