#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere fuse window FILE`: features of the windows of a recording.
void add_fuse_window(CLI::App& fuse, int& exit_code);

}  // namespace haltere::agent
