#pragma once

#include <functional>
#include <string>
#include <vector>

namespace haltere::agent {

/// Runs `one` for every device at once, each in a process of its own, and prints what each printed
/// on standard output in the devices' order: under its name, or with `json` as one object by
/// device, null where it failed. The exit code: exit_done if all did.
[[nodiscard]] int on_each_device(const std::vector<std::string>& devices, bool json,
                                 const std::function<int(const std::string&)>& one);

}  // namespace haltere::agent
