#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "learner/online_model.hpp"
#include "models/bundle.hpp"

namespace haltere::learner {

/// What a bundle says besides the model itself.
struct CandidateInfo {
  std::string model_id;                  ///< 1..16 bytes UTF-8
  std::vector<std::uint8_t> recipe;      ///< how the model's rows come about (models/format.md)
  std::vector<std::string> target_name;  ///< regress: names of all targets, or none
  std::uint32_t version = 1;
  std::uint64_t parent = 0;     ///< identity of the bundle it follows; 0 = none
  std::int64_t created_ns = 0;  ///< time of the newest sample it learned from
};

/// Quantizes `model` as it stands, calibrated on its remembered rows. The same model gives the same
/// bundle. Errors: invalid when it has no remembered rows yet, or what `models::quantize` refuses.
[[nodiscard]] Result<models::Bundle> make_candidate(const OnlineModel& model,
                                                    const CandidateInfo& info);

/// The answer of an int8 model to one raw row, in the same terms as OnlineModel's.
[[nodiscard]] Prediction predict_int8(models::Int8Model& model, std::span<const float> row);

}  // namespace haltere::learner
