// Reads arbitrary bytes as a table to learn from: what its columns mean, and its rows.

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "agent/table/reader.hpp"

namespace {

using namespace haltere;

void check_row(const agent::TablePlan& plan, const std::vector<float>& features,
               const learner::Target& target) {
  for (const float feature : features)
    if (!std::isfinite(feature)) std::abort();
  if (!std::isfinite(target.value)) std::abort();
  const auto labels = static_cast<int>(plan.labels.size());
  if (plan.task == learner::Task::classify && (target.label < 0 || target.label >= labels))
    std::abort();
}

void read_all(const std::string& path, learner::Task task, const agent::TableSettings& settings) {
  const Result<agent::TablePlan> plan = agent::plan_table(path, task, "2", settings);
  if (!plan) return;
  Result<agent::TableReader> reader = agent::TableReader::open(path, *plan);
  if (!reader) std::abort();  // the plan was made of this very table
  std::vector<float> features(plan->features.size());
  learner::Target target;
  while (true) {
    const Result<bool> more = reader->next(features, target);
    if (!more) std::abort();
    if (!*more) break;
    check_row(*plan, features, target);
  }
  if (reader->row_number() > plan->rows + reader->counts().bad) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("table", MFD_CLOEXEC);
  const bool stored =
      ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == static_cast<ssize_t>(size);
  if (!stored) return 0;
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  agent::TableSettings patient;
  patient.skip_bad_rows = true;
  patient.missing = {"-200"};
  read_all(path, learner::Task::classify, {});
  read_all(path, learner::Task::regress, patient);
  read_all(path, learner::Task::anomaly, patient);
  return 0;
}
