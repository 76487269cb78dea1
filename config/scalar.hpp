#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace haltere::config {

/// A single value as it was written and, by the type of its setting, as what it means.
struct Scalar {
  std::string text;
  bool flag = false;
  std::int64_t integer = 0;
  double number = 0.0;  ///< SI
};

/// Reads `node` as one value of `setting`; for a list, as one of its items. False, with the reason
/// added to `diagnostics`, when it is none.
[[nodiscard]] bool read_scalar(const Node& node, const Setting& setting, Scalar& value,
                               std::vector<Diagnostic>& diagnostics);

}  // namespace haltere::config
