#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "learner/online_model.hpp"

namespace haltere::bench {

/// Rows of a recording with their truth, in the order in which they are learned.
struct Recording {
  std::size_t inputs = 0;
  std::vector<std::string> labels;  ///< classify: names of the classes
  std::vector<float> features;      ///< [count][inputs]
  std::vector<learner::Target> targets;
  std::vector<int> groups;  ///< [count]: batch, file or load, whatever the protocol divides by

  [[nodiscard]] std::size_t count() const { return targets.size(); }
  [[nodiscard]] std::span<const float> row(std::size_t index) const {
    return std::span(features).subspan(index * inputs, inputs);
  }
};

/// Each reads one data set as its README describes it, from the folder `data`. Errors: of the
/// files.

/// 128 features, 6 gases; batches in order, shuffled inside as numpy's RandomState(0) does.
[[nodiscard]] Result<Recording> read_gas_drift(const std::string& data);
/// 7 features, price down or up; in time order.
[[nodiscard]] Result<Recording> read_elec2(const std::string& data);
/// 5 features, empty or occupied; test 1 (group 1), train (0), test 2 (2): in time order.
[[nodiscard]] Result<Recording> read_occupancy(const std::string& data);
/// 8 features, carbon monoxide in mg/m3; rows where something is missing are left out.
[[nodiscard]] Result<Recording> read_air_quality(const std::string& data);
/// Windows of 1024 samples every 512, 62 features, 10 bearing conditions; recordings one after the
/// other, whose number is the group.
[[nodiscard]] Result<Recording> read_cwru(const std::string& data);
/// The motor's load in horsepower for each of read_cwru's groups.
[[nodiscard]] Result<std::vector<int>> read_cwru_loads(const std::string& data);

}  // namespace haltere::bench
