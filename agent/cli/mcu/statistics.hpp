#pragma once

#include <string>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "agent/deploy/registry.hpp"
#include "agent/store/state_folder.hpp"
#include "config/json.hpp"

namespace haltere::agent {

/// What a microcontroller's model calls its answers and inputs; empty when it is not stored here.
struct ModelNames {
  std::vector<std::string> labels;
  std::vector<std::string> inputs;

  /// The label, its number where there are no names, or "unknown" below 0.
  [[nodiscard]] std::string verdict(int label) const;
  [[nodiscard]] std::string input(std::size_t index) const;
};

[[nodiscard]] ModelNames model_names(const McuInfo& info, const Registry& registry);

[[nodiscard]] nlohmann::ordered_json statistics_json(const link::WatchReply& watch,
                                                     const McuStatistics& statistics,
                                                     const ModelNames& names);

void print_statistics(const link::WatchReply& watch, const McuStatistics& statistics,
                      const ModelNames& names);

}  // namespace haltere::agent
