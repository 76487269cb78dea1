#include "agent/pipeline/components.hpp"
#include "config/json.hpp"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "config/reference.hpp"

namespace haltere::agent {
namespace {

TEST(Components, have_sound_tables) {
  for (const config::Component& component : components()) {
    for (const std::string& problem : config::check_table(component)) ADD_FAILURE() << problem;
  }
}

TEST(Components, are_listed_once_each) {
  std::set<std::string> names;
  for (const config::Component& component : components()) {
    EXPECT_TRUE(names.insert(config::owner_name(component)).second)
        << config::owner_name(component);
  }
  for (const char* name : {"agent", "bus platform 'i2c'", "sensor platform 'serial_lines'",
                           "fusion platform 'orientation'", "model", "mcu"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(Components, reference_page_is_up_to_date) {
  std::ifstream file("docs/reference.md");
  std::ostringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), config::markdown_reference(components()))
      << "run: build/haltere help --markdown > docs/reference.md";
}

TEST(Components, schema_is_json_with_every_list) {
  const auto schema = nlohmann::json::parse(config::json_schema(components()));
  for (const char* key : {"agent", "buses", "sensors", "fusion", "models", "mcus"})
    EXPECT_TRUE(schema["properties"].contains(key)) << key;
}

}  // namespace
}  // namespace haltere::agent
