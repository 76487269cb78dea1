#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/cli/command_line.hpp"
#include "agent/deploy/mcu_link.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// Of all `haltere mcu` commands.
struct McuArguments {
  std::vector<std::string> devices;
  std::string device;  ///< the one of them that is talked to
  std::string file;
  std::string state;
  int baud = 115200;
  std::uint32_t count = 100;
  double limit_s = 60.0;
  bool json = false;
  std::string span = "10s";
  std::string rate;
  std::string label;
  std::string output;
  std::string target;
  std::string segment;
  double learning_rate = 0.0;
  bool end = false;
  std::uint32_t votes = 0;
  std::uint32_t of = 0;
};

using McuAction = Status (*)(McuLink& link, const McuArguments& arguments);

/// Where `mcu` commands are added, and what they leave behind.
struct McuActions {
  Command mcu;
  std::shared_ptr<McuArguments> arguments;
  int* exit_code = nullptr;
};

/// Adds `mcu NAME`, which says hello and then does `action`, with the options that all have.
Command add_mcu_action(const McuActions& actions, const std::string& name,
                       const std::string& description, McuAction action);

}  // namespace haltere::agent
