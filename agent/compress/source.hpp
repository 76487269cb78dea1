#pragma once

#include <vector>

#include "agent/compress/bundle_rows.hpp"
#include "config/result.hpp"
#include "learner/compress/candidates.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {

/// Rows to train on and rows held back: every fourth of each class. Of an anomaly model's, all that
/// are trained on are normal.
struct CompressRows {
  BundleRows train;
  BundleRows judge;
};
[[nodiscard]] CompressRows part_rows(const models::Bundle& bundle, const BundleRows& rows);

/// `rows` as a net that learned with this `mean` and deviation `std` sees them.
[[nodiscard]] std::vector<float> normalised(const BundleRows& rows, const std::vector<float>& mean,
                                            const std::vector<float>& std);

/// What smaller models are made of in place of `bundle`. Errors: of a bundle that is not plain.
[[nodiscard]] Result<learner::CompressSource> compress_source(const models::Bundle& bundle,
                                                              const BundleRows& train);

}  // namespace haltere::agent
