#include "agent/cli/commands.hpp"

int main(int argc, char** argv) { return haltere::agent::run_command_line(argc, argv); }
