#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "tests/learner/streams.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace haltere::learner {
namespace {

class Allocations : public testing::TestWithParam<Task> {};

TEST_P(Allocations, AreNoneAfterConstruction) {
  ModelSettings settings = small_classifier(3);
  settings.task = GetParam();
  settings.learn.replay = 64;
  if (settings.task != Task::classify) settings.labels.clear();
  const Stream stream = make_clouds(3, 100, false, 20260103);
  OnlineModel model = make_model(settings, stream.inputs);
  const std::size_t before = allocations;
  for (std::size_t i = 0; i < stream.rows.size(); ++i) {
    Target target = stream.targets[i];
    if (settings.task == Task::anomaly) target = {};
    model.observe(stream.rows[i], target);
  }
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_EQ(model.counters().learned, stream.rows.size());
}

INSTANTIATE_TEST_SUITE_P(Tasks, Allocations,
                         testing::Values(Task::classify, Task::regress, Task::anomaly),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace haltere::learner
