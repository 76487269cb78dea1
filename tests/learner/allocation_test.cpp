#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "learner/trainer.hpp"
#include "tests/learner/streams.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}

// Not inlined: the compiler would see `free` of what `new` returned, and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace haltere::learner {
namespace {

class Allocations : public testing::TestWithParam<Task> {};

TEST_P(Allocations, AreNoneAfterConstruction) {
  ModelSettings settings = small_classifier(3);
  settings.task = GetParam();
  settings.learn.replay = 64;
  if (settings.task != Task::classify) settings.labels.clear();
  if (settings.task != Task::anomaly) settings.learn.teacher = {24};
  const Stream stream = make_clouds(3, 100, false, 20260103);
  OnlineModel model = make_model(settings, stream.inputs);
  const std::size_t before = allocations;
  for (std::size_t i = 0; i < stream.rows.size(); ++i) {
    Target target = stream.targets[i];
    if (settings.task == Task::anomaly) target = {};
    model.observe(stream.rows[i], target);
    model.learn_unlabelled(stream.rows[i]);
  }
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_EQ(model.counters().learned, stream.rows.size());
}

/// Steps of every kind: on one row and on several, plain, with momentum, of Adam.
TEST(TrainerAllocations, AreNoneInItsSteps) {
  constexpr std::array<models::LayerShape, 3> layers{{{130, models::Activation::relu},
                                                      {5, models::Activation::tanh},
                                                      {3, models::Activation::linear}}};
  const std::vector<float> x(std::size_t{4} * 7, 0.5F);
  const std::vector<float> values(std::size_t{4} * 3, 1.0F);
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam})
    for (const float momentum : {0.0F, 0.9F}) {
      LearnSettings settings;
      settings.optimizer = kind;
      settings.momentum = momentum;
      settings.weight_decay = 0.0F;
      Trainer trainer(models::Network::create(7, layers, 1).value(), {}, settings, 4);
      const std::size_t before = allocations;
      for (const std::size_t rows : {std::size_t{1}, std::size_t{4}}) {
        EXPECT_EQ(trainer.forward(x, rows).size(), rows * 3);
        EXPECT_NE(trainer.step(x, {{}, values}, rows), StepOutcome::skipped);
      }
      EXPECT_EQ(allocations - before, 0U);
    }
}

INSTANTIATE_TEST_SUITE_P(Tasks, Allocations,
                         testing::Values(Task::classify, Task::regress, Task::anomaly),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace haltere::learner
