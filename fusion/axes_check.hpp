#pragma once

#include <vector>

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Adds a diagnostic unless `input`, which `stream` names, has `axes` channels of `quantity`.
inline void check_axes(const sensors::Layout& input, sensors::Quantity quantity, std::size_t axes,
                       const StreamName& stream, std::vector<config::Diagnostic>& diagnostics) {
  bool sound = input.channels.size() == axes;
  for (const sensors::Channel& channel : input.channels) {
    sound = sound && channel.quantity == quantity;
  }
  if (sound) return;
  const std::string wanted(sensors::to_string(quantity));
  diagnostics.push_back(
      {stream.position, "'" + stream.name + "' does not have " +
                            (axes == 3 ? "three axes" : std::to_string(axes) + " channel") +
                            " of " + wanted + ", as a stream 'SENSOR." + wanted + "' would"});
}

}  // namespace haltere::fusion
