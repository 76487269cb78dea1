#pragma once

#include <string>
#include <vector>

#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/interop/chain.hpp"

namespace haltere::models::interop {

/// What the file does not say of a model that is imported.
struct ImportNames {
  std::string model_id;             ///< 1..16 bytes UTF-8
  std::vector<std::string> labels;  ///< names of the outputs; none: those of a softmax are numbered
};

/// Whether `chain` computes with int8, apart from QUANTIZE and DEQUANTIZE at its ends.
[[nodiscard]] bool is_int8(const Chain& chain);

/// An int8 chain as a bundle that computes the same bytes as TensorFlow Lite Micro's reference
/// kernels. Operators for which a bundle has no layer become layers whose weights are 1 on the
/// diagonal. Errors: invalid, naming the operator that a bundle cannot hold.
[[nodiscard]] Result<Bundle> int8_bundle(const Chain& chain, const ImportNames& names);

/// The task that an imported model gets, and its labels: classify with labels or behind a softmax,
/// else regress.
[[nodiscard]] kernels::Task task_of(const Chain& chain, const ImportNames& names);
[[nodiscard]] std::vector<std::string> labels_of(const Chain& chain, const ImportNames& names);

}  // namespace haltere::models::interop
