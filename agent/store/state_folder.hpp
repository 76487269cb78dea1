#pragma once

#include <filesystem>
#include <string>

namespace haltere::agent {

/// Where an agent keeps models and checkpoints: `configured`, else $STATE_DIRECTORY (systemd), else
/// $XDG_STATE_HOME/haltere, else ~/.local/state/haltere, else /var/lib/haltere. Makes nothing.
[[nodiscard]] std::filesystem::path state_folder(const std::string& configured);

/// Where the running agent listens: `configured`, else `control.sock` in the state folder.
[[nodiscard]] std::filesystem::path control_path(const std::string& configured,
                                                 const std::string& configured_state);

}  // namespace haltere::agent
