#include "learner/teacher.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace haltere::learner {

namespace {

/// Rows over which errors fade to a third, and how many there must be before any is believed.
constexpr double rows_of_judgement = 200.0;
constexpr std::uint64_t rows_before_judgement = 32;

/// Rows without a truth that are remembered.
constexpr std::size_t most_unlabelled = 512;

/// Added to the settings' seed: the teacher's weights, dropout and choices are its own.
constexpr std::uint64_t teacher_seed = 2000;

models::Network teacher_network(const ModelSettings& settings, const models::Network& student) {
  std::vector<models::LayerShape> layers;
  for (const std::size_t units : settings.learn.teacher)
    layers.push_back({units, settings.activation});
  layers.push_back({student.outputs(), student.layer(student.layer_count() - 1).activation});
  return models::Network::create(student.inputs(), layers, settings.learn.seed + teacher_seed)
      .value();
}

LearnSettings teacher_settings(LearnSettings learn) {
  learn.frozen_layers = 0;
  learn.seed += teacher_seed;
  return learn;
}

/// Whether place `at` of a lesson is for a row without a truth.
bool is_unlabelled(std::size_t at) { return at == 0 || at % 2 == 1; }

}  // namespace

Teacher::Teacher(const ModelSettings& settings, const models::Network& student)
    : task_(settings.task),
      temperature_(settings.learn.teacher_temperature),
      trainer_(teacher_network(settings, student), loss_of(settings),
               teacher_settings(settings.learn), settings.learn.replay_rows),
      unlabelled_(std::min(settings.learn.replay, most_unlabelled), student.inputs(),
                  std::max<std::size_t>(1, settings.labels.size()), settings.targets),
      random_(settings.learn.seed + teacher_seed + 1),
      no_values_(settings.targets - 1, 0.0F),
      shares_(settings.learn.replay_rows, settings.learn.teacher_weight),
      lesson_shares_(shares_) {
  for (std::size_t at = 0; at < lesson_shares_.size(); ++at)
    if (is_unlabelled(at)) lesson_shares_[at] = 1.0F;
}

/// classify: 1 if `answer` is right, else 0; regress: mean absolute error over the targets.
double Teacher::score(std::span<const float> answer, const Example& example,
                      const Batch& batch) const {
  if (task_ == Task::classify) {
    const auto best = std::ranges::max_element(answer) - answer.begin();
    return static_cast<std::size_t>(best) == example.label ? 1.0 : 0.0;
  }
  double sum = 0.0;
  const std::span<const float> deviation = batch.target().deviation();
  for (std::size_t t = 0; t < deviation.size(); ++t) {
    const float value = answer[t] * deviation[t] + batch.target().mean()[t];
    const float truth = t == 0 ? example.value : example.others[t - 1];
    sum += std::abs(static_cast<double>(value) - static_cast<double>(truth)) /
           static_cast<double>(deviation[t]);
  }
  return sum / static_cast<double>(deviation.size());
}

void Teacher::judge(std::span<const float> student, const Example& example, const Batch& batch) {
  const std::span<const float> own = trainer_.forward(batch.rows(), 1);
  const double kept = 1.0 - 1.0 / rows_of_judgement;
  const double own_score = score(own, example, batch);
  const double student_score = score(student, example, batch);
  ++figures_.rows;
  figures_.teacher += own_score;
  figures_.student += student_score;
  const bool classify = task_ == Task::classify;
  loss_ = kept * loss_ + (classify ? 1.0 - own_score : own_score);
  student_loss_ = kept * student_loss_ + (classify ? 1.0 - student_score : student_score);
  trusted_ = figures_.rows >= rows_before_judgement && loss_ < student_loss_;
}

Truth Teacher::taught(const Batch& batch, std::span<const float> shares) {
  Truth truth = batch.truth();
  truth.lesson = {trainer_.forward(batch.rows(), shares.size()), shares, temperature_};
  return truth;
}

Truth Teacher::truth(const Batch& batch, std::size_t rows) {
  return trusted_ ? taught(batch, std::span(shares_).first(rows)) : batch.truth();
}

Truth Teacher::lesson(const Batch& batch, std::size_t rows) {
  return taught(batch, std::span(lesson_shares_).first(rows));
}

void Teacher::remember(std::span<const float> row, Batch& batch) {
  batch.place(0, row);
  const std::span<const float> answer = trainer_.forward(batch.rows(), 1);
  const auto likeliest = std::ranges::max_element(answer) - answer.begin();
  const auto label = static_cast<std::size_t>(task_ == Task::classify ? likeliest : 0);
  const Example example{row, label, 0.0F, no_values_};
  unlabelled_.push(example);
  batch.place(0, example);
}

std::size_t Teacher::place_lesson(Batch& batch, const Replay& replay) {
  const std::size_t rows = std::min({batch.capacity(), 2 * unlabelled_.size(), 2 * replay.size()});
  for (std::size_t at = 1; at < rows; ++at) {
    if (is_unlabelled(at)) {
      batch.place(at, unlabelled_.example(random_.below(unlabelled_.size())));
    } else {
      batch.place(at, replay.example(random_.below(replay.size())));
    }
  }
  return rows;
}

TeacherFigures Teacher::figures() const {
  TeacherFigures figures = figures_;
  const double rows = std::max(1.0, static_cast<double>(figures.rows));
  figures.teacher /= rows;
  figures.student /= rows;
  figures.trusted = trusted_;
  return figures;
}

void Teacher::widen_from(Teacher&& narrow) {
  trainer_.widen_from(narrow.trainer_);
  unlabelled_ = std::move(narrow.unlabelled_);
  unlabelled_.add_class();
  random_ = narrow.random_;
  trusted_ = narrow.trusted_;
  loss_ = narrow.loss_;
  student_loss_ = narrow.student_loss_;
  figures_ = narrow.figures_;
  scale_rate(narrow.rate_factor_);
}

void Teacher::exchange(Archive& archive) {
  trainer_.exchange(archive);
  unlabelled_.exchange(archive);
  archive.exchange(random_);
  archive.exchange(trusted_);
  archive.exchange(loss_);
  archive.exchange(student_loss_);
  archive.exchange(figures_.rows);
  archive.exchange(figures_.teacher);
  archive.exchange(figures_.student);
  archive.exchange(figures_.unlabelled);
  archive.exchange(rate_factor_);
  trainer_.scale_rate(rate_factor_);
}

std::optional<Teacher> make_teacher(const ModelSettings& settings, const models::Network& student) {
  if (settings.learn.teacher.empty() || settings.task == Task::anomaly) return std::nullopt;
  return std::make_optional<Teacher>(settings, student);
}

}  // namespace haltere::learner
