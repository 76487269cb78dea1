#pragma once

// Test-then-train figures of every task, always beside answers that need no model.
#include "learner/confusion.hpp"           // IWYU pragma: export
#include "learner/metrics_class.hpp"       // IWYU pragma: export
#include "learner/metrics_interval.hpp"    // IWYU pragma: export
#include "learner/metrics_regression.hpp"  // IWYU pragma: export
#include "learner/ranking.hpp"             // IWYU pragma: export
