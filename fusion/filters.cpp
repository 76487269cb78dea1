#include <algorithm>
#include <array>

#include "fusion/activity_filter.hpp"
#include "fusion/air_filter.hpp"
#include "fusion/align_filter.hpp"
#include "fusion/filter.hpp"
#include "fusion/navigation/altitude_filter.hpp"
#include "fusion/navigation/position_filter.hpp"
#include "fusion/orientation_filter.hpp"
#include "fusion/redundant_filter.hpp"
#include "fusion/vibration_filter.hpp"
#include "fusion/window.hpp"

namespace haltere::fusion {
namespace {

// One line per fusion platform, ascending by name. An explicit table, because a static library
// silently drops objects that only register themselves.
constexpr std::array entries{
    &activity_type, &air_type,       &align_type,     &altitude_type, &orientation_type,
    &position_type, &redundant_type, &vibration_type, &window_type,
};

}  // namespace

std::span<const FilterType> filter_types() {
  static const auto all = [] {
    std::array<FilterType, entries.size()> made{};
    std::ranges::transform(entries, made.begin(), [](const FilterType* type) { return *type; });
    return made;
  }();
  return all;
}

const FilterType* find_filter_type(std::string_view platform) {
  const std::span<const FilterType> all = filter_types();
  const auto found = std::ranges::find(
      all, platform, [](const FilterType& type) { return type.component.platform; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace haltere::fusion
