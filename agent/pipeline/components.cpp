#include "agent/pipeline/components.hpp"

#include <vector>

#include "agent/pipeline/settings.hpp"
#include "fusion/filter.hpp"
#include "sensors/drivers.hpp"

namespace haltere::agent {
namespace {

std::vector<config::Component> collect() {
  std::vector<config::Component> all{agent_component()};
  for (const config::Component& bus : sensors::bus_components()) all.push_back(bus);
  for (const sensors::Driver& driver : sensors::drivers()) all.push_back(driver.component);
  for (const fusion::FilterType& filter : fusion::filter_types()) all.push_back(filter.component);
  all.push_back(model_component());
  all.push_back(mcu_component());
  return all;
}

}  // namespace

std::span<const config::Component> components() {
  static const std::vector<config::Component> all = collect();
  return all;
}

}  // namespace haltere::agent
