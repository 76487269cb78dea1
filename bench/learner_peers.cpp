#include "bench/learner_peers.hpp"

#include "models/random.hpp"

namespace haltere::bench {

const std::vector<Net>& nets() {
  static const std::vector<Net> all{{"a", "a = 36-32-16-6", {36, 32, 16, 6}, true},
                                    {"b", "b = 64-64-32-4", {64, 64, 32, 4}, true},
                                    {"c",
                                     "c = 640-128x4-8-128x4-640",
                                     {640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640},
                                     false}};
  return all;
}

Data make_data(const Net& net) {
  models::Random random(1);
  Data data;
  data.x.resize(256 * net.widths.front());
  data.y.resize(256 * net.widths.back());
  for (float& value : data.x) value = random.symmetric();
  for (float& value : data.y) value = random.symmetric();
  for (int i = 0; i < 256; ++i)
    data.labels.push_back(static_cast<std::int32_t>(random.below(net.widths.back())));
  return data;
}

}  // namespace haltere::bench
