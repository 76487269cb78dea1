// A larger net that teaches a small one while both learn the same stream.
#include "learner/teacher.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20261122;
constexpr std::size_t inputs = 8;
constexpr std::size_t classes = 6;
constexpr std::size_t label_every = 8;

struct Row {
  std::vector<float> x;
  Target truth;
};

/// 18 clouds in random places, each of one of the classes, which few units learn slowly to part.
class Clouds {
 public:
  explicit Clouds(std::uint64_t from) : random_(from), centers_(clouds * inputs) {
    for (float& center : centers_) center = 3.0F * random_.symmetric();
  }

  std::vector<Row> rows(std::size_t count) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t cloud = random_.below(clouds);
      std::vector<float> x;
      for (std::size_t k = 0; k < inputs; ++k)
        x.push_back(centers_[cloud * inputs + k] +
                    0.8F * (random_.symmetric() + random_.symmetric()));
      rows.push_back({x, {.label = static_cast<int>(cloud % classes)}});
    }
    return rows;
  }

 private:
  static constexpr std::size_t clouds = 18;
  models::Random random_;
  std::vector<float> centers_;
};

ModelSettings student_settings(std::uint64_t from) {
  ModelSettings settings = small_classifier(classes);
  settings.layers = {4};
  settings.learn.seed = from;
  settings.learn.followers = false;
  return settings;
}

ModelSettings with_teacher(ModelSettings settings) {
  settings.learn.teacher = {48};
  return settings;
}

/// One row in `label_every` has a label.
void learn_some(OnlineModel& model, const std::vector<Row>& rows, std::size_t first,
                std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    if (i % label_every == 0) {
      model.learn(rows[i].x, rows[i].truth);
    } else {
      model.learn_unlabelled(rows[i].x);
    }
  }
}

double accuracy(const OnlineModel& model, const std::vector<Row>& rows) {
  double right = 0.0;
  for (const Row& row : rows) right += model.ask(row.x).label == row.truth.label ? 1.0 : 0.0;
  return right / static_cast<double>(rows.size());
}

TEST(Teacher, TeachesWhatFewLabelsDoNot) {
  constexpr std::uint64_t seeds = 4;
  double alone = 0.0;
  double taught = 0.0;
  for (std::uint64_t from = 1; from <= seeds; ++from) {
    Clouds clouds(seed + from);
    const std::vector<Row> rows = clouds.rows(2000);
    const std::vector<Row> asked = clouds.rows(1000);
    OnlineModel student = make_model(student_settings(from), inputs);
    OnlineModel pupil = make_model(with_teacher(student_settings(from)), inputs);
    learn_some(student, rows, 0, rows.size());
    learn_some(pupil, rows, 0, rows.size());
    alone += accuracy(student, asked) / seeds;
    taught += accuracy(pupil, asked) / seeds;
    const std::optional<TeacherFigures> figures = pupil.teacher();
    ASSERT_TRUE(figures);
    EXPECT_EQ(figures->rows, rows.size() / label_every);
    EXPECT_GT(figures->unlabelled, 0U);
    EXPECT_GT(figures->teacher, figures->student);
    EXPECT_FALSE(student.teacher());
  }
  EXPECT_GT(taught, alone + 0.03) << "alone " << alone;
}

/// Bits of the handed-over net's weights.
std::vector<float> weights(const OnlineModel& model) {
  const std::span<const float> all = model.network().parameters();
  return {all.begin(), all.end()};
}

TEST(Teacher, TeachesTheSameEachTime) {
  const std::vector<Row> rows = Clouds(seed).rows(1200);
  OnlineModel first = make_model(with_teacher(student_settings(1)), inputs);
  OnlineModel second = make_model(with_teacher(student_settings(1)), inputs);
  learn_some(first, rows, 0, rows.size());
  learn_some(second, rows, 0, rows.size());
  EXPECT_EQ(weights(first), weights(second));
}

TEST(Teacher, GoesOnFromACheckpointAsIfNeverStopped) {
  const std::vector<Row> rows = Clouds(seed).rows(1800);
  const ModelSettings settings = with_teacher(student_settings(1));
  OnlineModel model = make_model(settings, inputs);
  learn_some(model, rows, 0, 900);
  OnlineModel restored = make_model(settings, inputs);
  ASSERT_TRUE(restored.restore(model.save()).ok());
  learn_some(model, rows, 900, rows.size());
  learn_some(restored, rows, 900, rows.size());
  EXPECT_GT(model.teacher()->unlabelled, 0U);
  EXPECT_EQ(weights(model), weights(restored));
  EXPECT_EQ(model.save(), restored.save());
  OnlineModel without = make_model(student_settings(1), inputs);
  EXPECT_FALSE(without.restore(model.save()).ok());
}

TEST(Teacher, LearnsLabelsThatComeUp) {
  ModelSettings settings = with_teacher(student_settings(1));
  settings.learn.new_labels = true;
  OnlineModel model = make_model(settings, inputs);
  const std::vector<Row> rows = Clouds(seed).rows(600);
  learn_some(model, rows, 0, 300);
  ASSERT_TRUE(model.add_label("far").ok());
  model.learn(std::vector<float>(inputs, 9.0F), {.label = classes});
  learn_some(model, rows, 300, rows.size());
  EXPECT_EQ(model.teacher()->rows, rows.size() / label_every + 1);
}

TEST(Teacher, TeachesValues) {
  ModelSettings settings;
  settings.task = Task::regress;
  settings.layers = {3};
  settings.learn.followers = false;
  settings.learn.teacher = {32};
  OnlineModel model = make_model(settings, 2);
  models::Random random(seed);
  for (std::size_t i = 0; i < 2400; ++i) {
    const std::vector<float> x{3.0F * random.symmetric(), random.symmetric()};
    if (i % 4 == 0) {
      model.learn(x, {-1, x[0] * x[0]});
    } else {
      model.learn_unlabelled(x);
    }
  }
  const std::optional<TeacherFigures> figures = model.teacher();
  ASSERT_TRUE(figures);
  EXPECT_LT(figures->teacher, figures->student);
  EXPECT_GT(figures->unlabelled, 0U);
  EXPECT_NEAR(model.ask(std::vector<float>{2.0F, 0.0F}).value, 4.0F, 1.0F);
}

TEST(Teacher, IsNotForAnomaly) {
  ModelSettings settings;
  settings.task = Task::anomaly;
  settings.learn.teacher = {8};
  const Status checked = check(settings);
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("teacher must be left out"), std::string::npos);
}

}  // namespace
}  // namespace haltere::learner
