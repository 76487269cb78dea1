#include "agent/pipeline/condition.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "agent/pipeline/streams.hpp"

namespace haltere::agent {
namespace {

class ConditionTest : public testing::Test {
 protected:
  ConditionTest() {
    streams_.add(0, "motion",
                 {.channels = {{"at_rest", sensors::Quantity::state},
                               {"walking", sensors::Quantity::state}}});
    streams_.add(1, "machine", {.channels = {{"zone", sensors::Quantity::number}}});
  }

  /// Whether `text` holds while the three channels have these values.
  bool holds_for(const std::string& text, float at_rest, float walking, float zone) {
    std::vector<config::Diagnostic> none;
    const Condition condition = read_condition(text, {}, streams_, none);
    EXPECT_TRUE(none.empty()) << (none.empty() ? "" : none[0].message);
    bool any = false;
    for (const auto& terms : condition.any_of) {
      bool all = true;
      for (const Condition::Term& term : terms) {
        const float value = term.source == 1 ? zone : term.channel == 0 ? at_rest : walking;
        all = all && holds(term, value);
      }
      any = any || all;
    }
    return any;
  }

  std::string complaint(const std::string& text) {
    std::vector<config::Diagnostic> found;
    static_cast<void>(read_condition(text, {.line = 3, .column = 5}, streams_, found));
    if (found.size() != 1) return std::to_string(found.size()) + " complaints";
    EXPECT_EQ(found[0].position.line, 3);
    return found[0].message;
  }

  StreamTable streams_;
};

TEST_F(ConditionTest, andBindsCloserThanOr) {
  EXPECT_TRUE(holds_for("motion.walking", 0, 1, 0));
  EXPECT_FALSE(holds_for("not motion.walking", 0, 1, 0));
  const std::string text = "motion.at_rest and machine.zone<2 or motion.walking";
  EXPECT_TRUE(holds_for(text, 1, 0, 1));
  EXPECT_FALSE(holds_for(text, 1, 0, 2));
  EXPECT_TRUE(holds_for(text, 0, 1, 3));
}

TEST_F(ConditionTest, numbersAreCompared) {
  EXPECT_TRUE(holds_for("machine.zone <= 2", 0, 0, 2));
  EXPECT_FALSE(holds_for("machine.zone < 2", 0, 0, 2));
  EXPECT_TRUE(holds_for("machine.zone >= 2", 0, 0, 2));
  EXPECT_FALSE(holds_for("machine > 2", 0, 0, 2));
  EXPECT_TRUE(holds_for("machine == 2", 0, 0, 2));
  EXPECT_TRUE(holds_for("machine != -1.5", 0, 0, 2));
  EXPECT_FALSE(holds_for("not machine == 2", 0, 0, 2));
}

TEST_F(ConditionTest, whatHasNoValueYetSatisfiesNothing) {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(holds_for("motion.walking", 0, none, 0));
  EXPECT_FALSE(holds_for("not motion.walking", 0, none, 0));
  EXPECT_FALSE(holds_for("machine != 1", 0, 0, none));
}

TEST_F(ConditionTest, mistakesAreSaidWhereTheyStand) {
  EXPECT_EQ(complaint("motion.waking"),
            "'motion.waking' is not a stream; did you mean 'motion.walking'?");
  EXPECT_EQ(complaint("motion"), "'motion' has 2 channels; one is needed");
  EXPECT_EQ(complaint(""), "a stream is missing, as in 'motion.at_rest'");
  EXPECT_EQ(complaint("machine.zone < two"), "'two' is not a number");
  EXPECT_EQ(complaint("machine.zone <"), "'' is not a number");
  EXPECT_EQ(complaint("motion.walking motion.at_rest"),
            "'motion.at_rest' is not expected here: conditions are joined by 'and' or 'or'");
}

}  // namespace
}  // namespace haltere::agent
