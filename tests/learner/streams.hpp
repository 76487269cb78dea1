#pragma once

#include <cstddef>
#include <vector>

#include "learner/online_model.hpp"
#include "models/random.hpp"

namespace haltere::learner {

/// Rows with their truth, made from a seed.
struct Stream {
  std::size_t inputs = 0;
  std::vector<std::vector<float>> rows;
  std::vector<Target> targets;
};

/// `classes` clouds of `inputs` features in random places, `per_class` rows each, in random order
/// or, when `sorted`, one class after the other. Scales differ by powers of ten.
inline Stream make_clouds(std::size_t classes, std::size_t per_class, bool sorted,
                          std::uint64_t seed) {
  constexpr std::size_t inputs = 6;
  Stream stream{inputs, {}, {}};
  models::Random random(seed);
  std::vector<float> centers(classes * inputs);
  for (float& center : centers) center = 3.0F * random.symmetric();
  for (std::size_t i = 0; i < classes * per_class; ++i) {
    const std::size_t label = sorted ? i / per_class : random.below(classes);
    std::vector<float> row(inputs);
    float scale = 0.001F;
    for (std::size_t k = 0; k < inputs; ++k) {
      row[k] = scale * (5.0F + centers[label * inputs + k] + 0.5F * random.symmetric());
      scale *= 10.0F;
    }
    stream.rows.push_back(row);
    stream.targets.push_back({static_cast<int>(label), 0.0F});
  }
  return stream;
}

/// Settings of a small classifier.
inline ModelSettings small_classifier(std::size_t classes) {
  ModelSettings settings;
  settings.layers = {12};
  for (std::size_t c = 0; c < classes; ++c)
    settings.labels.emplace_back(1, static_cast<char>('a' + c));
  settings.learn.replay = 128;
  return settings;
}

inline OnlineModel make_model(const ModelSettings& settings, std::size_t inputs) {
  Result<OnlineModel> model = OnlineModel::create(settings, inputs);
  return std::move(model).value();
}

inline void learn_all(OnlineModel& model, const Stream& stream, std::size_t first,
                      std::size_t last) {
  for (std::size_t i = first; i < last; ++i) model.observe(stream.rows[i], stream.targets[i]);
}

/// Share of the rows that the model answers rightly as it stands.
inline double accuracy(OnlineModel& model, const Stream& stream) {
  double hits = 0.0;
  for (std::size_t i = 0; i < stream.rows.size(); ++i)
    hits += model.predict(stream.rows[i]).label == stream.targets[i].label ? 1.0 : 0.0;
  return hits / static_cast<double>(stream.rows.size());
}

}  // namespace haltere::learner
