#pragma once

#include <string>
#include <vector>

#include "agent/cli/command_line.hpp"
#include "agent/learn/learn_run.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// `haltere learn` as it was typed.
struct LearnArguments {
  LearnRequest request;
  std::string task = "classify";
  std::vector<std::string> layers;  ///< numbers, or auto; empty: those of the task
  std::string rate;                 ///< a number, or auto; empty: the default
  std::string optimizer = "adam";
  std::string activation = "relu";
  std::string drift = "adwin";
  std::string drift_on = "error";
  std::string drift_reaction = "alarm";
  std::vector<std::string> learn;  ///< KEY=VALUE each
  std::string separator = "auto";
  std::string decimal = "auto";
  std::string header = "auto";
  std::string fill = "auto";
  std::string bad_rows = "stop";
  std::string window;
  std::string step;
  std::string sample_rate;
  std::string segment;
  std::string context = "auto";
  std::vector<std::string> features;
  std::string id;
  std::string from;  ///< a model's id or .hb file; empty: from nothing
  std::string state;
  bool no_save = false;
  std::string plot;
  std::vector<std::string> outputs;
  std::string bundle;
  std::string report;
  bool json = false;
};

/// Adds every option of `haltere learn`.
void add_learn_options(Command command, LearnArguments& options);

/// Turns what was typed as text into `options.request`, `bundle` and the file of scores. Errors:
/// invalid, saying which option and why.
Status settle(LearnArguments& options);

}  // namespace haltere::agent
