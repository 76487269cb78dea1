#include "bench/handed_over.hpp"

#include <utility>

#include "learner/candidate.hpp"

namespace haltere::bench {

Result<models::Int8Model> handed_over(const learner::OnlineModel& model, const std::string& id,
                                      const std::vector<std::uint8_t>& recipe) {
  learner::CandidateInfo info;
  info.model_id = id;
  info.recipe = recipe;
  const Result<models::Bundle> bundle = learner::make_candidate(model, info);
  if (!bundle) return bundle.error();
  Result<std::vector<std::uint8_t>> bytes = models::encode(*bundle);
  if (!bytes) return bytes.error();
  return models::Int8Model::create(std::move(bytes).value());
}

}  // namespace haltere::bench
