// Windows' features beside those that numpy, scipy and PyWavelets compute of the same recordings:
// feature_reference.py.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "fusion/window.hpp"

namespace haltere::fusion {
namespace {

struct Reference {
  std::size_t samples = 0;
  double rate_hz = 0.0;
  std::string taper;
  std::vector<std::string> channels;
  std::vector<std::vector<float>> rows;
  std::map<std::string, double> values;
};

std::vector<std::string> words_of(std::istringstream& line) {
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  return words;
}

void read_line(const std::string& kind, std::istringstream& line, Reference& reference) {
  if (kind == "channels") reference.channels = words_of(line);
  if (kind == "row") {
    std::vector<float>& row = reference.rows.emplace_back();
    for (const std::string& word : words_of(line)) row.push_back(std::stof(word));
  }
  if (kind == "value") {
    std::string name;
    line >> name;
    line >> reference.values[name];
  }
}

/// The windows of the file, and the features that all are asked for.
std::vector<Reference> read_references(std::string& features) {
  std::ifstream file(HALTERE_FEATURE_REFERENCE);
  std::vector<Reference> all;
  for (std::string text; std::getline(file, text);) {
    std::istringstream line(text);
    std::string kind;
    line >> kind;
    if (kind == "features") {
      std::getline(line, features);
    } else if (kind == "window") {
      Reference& reference = all.emplace_back();
      line >> reference.samples >> reference.rate_hz >> reference.taper;
    } else if (!all.empty()) {
      read_line(kind, line, all.back());
    }
  }
  return all;
}

std::map<std::string, float> features_of(const Reference& reference, const std::string& features) {
  std::vector<config::Diagnostic> diagnostics;
  const auto node =
      config::parse_yaml("{inputs: [a], length_samples: " + std::to_string(reference.samples) +
                             ", taper: " + reference.taper + ", features: " + features + "}",
                         diagnostics);
  const auto section =
      config::read_section(*node, window_type.component.settings, "window", diagnostics);
  sensors::Layout row{.channels = {}, .rate_hz = reference.rate_hz};
  for (const std::string& name : reference.channels) row.channels.push_back({.name = name});
  const sensors::Layout named = window_type.output(section, {&row, 1}, diagnostics);
  for (const auto& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.message;
  if (!diagnostics.empty()) return {};
  const auto window = window_type.make(section, {&row, 1});
  sensors::TimeNs time_ns = 0;
  bool complete = false;
  for (const auto& values : reference.rows) complete = window->update(time_ns++, false, values);
  EXPECT_TRUE(complete);
  std::map<std::string, float> found;
  for (std::size_t i = 0; i < named.channels.size(); ++i)
    found[named.channels[i].name] = window->output()[i];
  return found;
}

TEST(FeatureReference, EveryFeatureIsWhatScipyComputes) {
  std::string features;
  const auto references = read_references(features);
  ASSERT_EQ(references.size(), 4U);
  for (const Reference& reference : references) {
    const auto found = features_of(reference, features);
    ASSERT_EQ(found.size(), reference.values.size()) << reference.samples << ' ' << reference.taper;
    for (const auto& [name, value] : found) {
      ASSERT_TRUE(reference.values.contains(name)) << name;
      const double expected = reference.values.at(name);
      // Float's sums over a window: a few units in the sixth place, of the largest sample's size.
      EXPECT_NEAR(static_cast<double>(value), expected, 3e-6 + 2e-5 * std::abs(expected))
          << name << " of " << reference.samples << ' ' << reference.taper;
    }
  }
}

}  // namespace
}  // namespace haltere::fusion
