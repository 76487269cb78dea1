#include "agent/store/state_folder.hpp"

#include <cstdlib>

namespace haltere::agent {
namespace {

// Read before threads start, so that getenv is safe.
std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::filesystem::path state_folder(const std::string& configured) {
  if (!configured.empty()) return configured;
  const std::string systemd = variable("STATE_DIRECTORY");
  if (!systemd.empty()) return systemd.substr(0, systemd.find(':'));
  const std::string xdg = variable("XDG_STATE_HOME");
  if (!xdg.empty()) return std::filesystem::path(xdg) / "haltere";
  const std::string home = variable("HOME");
  if (!home.empty()) return std::filesystem::path(home) / ".local/state/haltere";
  return "/var/lib/haltere";
}

std::filesystem::path control_path(const std::string& configured,
                                   const std::string& configured_state) {
  if (!configured.empty()) return configured;
  return state_folder(configured_state) / "control.sock";
}

}  // namespace haltere::agent
