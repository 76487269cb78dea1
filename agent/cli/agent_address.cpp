#include "agent/cli/agent_address.hpp"

#include "agent/pipeline/spec.hpp"
#include "agent/store/state_folder.hpp"

namespace haltere::agent {

void add_agent_address(Command command, AgentAddress& address) {
  command.add_option("file", address.file,
                     "Pipeline file of the agent, to find it by its `agent.state`");
  command.add_option("--state", address.state, "The agent's state folder, as for `haltere run`");
  command.add_option("--control", address.control,
                     "The agent's socket; default control.sock in the state folder");
}

Result<std::filesystem::path> control_of(const AgentAddress& address) {
  std::string state = address.state;
  if (state.empty() && address.control.empty() && !address.file.empty()) {
    const auto spec = load_pipeline(address.file, {});
    if (!spec) return spec.error();
    state = spec->state;
  }
  return control_path(address.control, state);
}

}  // namespace haltere::agent
