#pragma once

namespace CLI {
class App;
}

namespace haltere::agent {

/// `haltere fuse orientation`: a fusion algorithm alone, over a recording or a folder of them.
void add_fuse_command(CLI::App& app, int& exit_code);

}  // namespace haltere::agent
