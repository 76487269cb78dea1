#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/pipeline/spec.hpp"
#include "config/node.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// The streams by name: `imu` (all channels), `imu.acceleration` (all channels of a quantity),
/// `pose.gravity` (all channels `gravity.x` ... ), `aligned.imu.acceleration` (those of a quantity
/// among `imu.ax` ... ), `imu.ax` (one channel).
class StreamTable {
 public:
  /// Adds all streams of the source `id`.
  void add(SourceIndex source, std::string_view id, const sensors::Layout& layout);

  /// The stream `name`; otherwise a diagnostic at its place names the nearest one.
  [[nodiscard]] std::optional<StreamRef> find(const fusion::StreamName& name,
                                              std::vector<config::Diagnostic>& diagnostics) const;

 private:
  struct Entry {
    std::string name;
    StreamRef stream;
  };
  Entry& entry(SourceIndex source, const std::string& name);
  std::vector<Entry> entries_;
};

/// The part of `layout` that `stream` takes, at the same rate.
[[nodiscard]] sensors::Layout select(const sensors::Layout& layout, const StreamRef& stream);

}  // namespace haltere::agent
