#pragma once

#include <cstdlib>
#include <filesystem>

namespace haltere {

/// Where recordings lie, which are no part of the project: HALTERE_DATA, else beside the project.
/// What is not there is skipped, visibly.
inline std::filesystem::path recordings_folder() {
  const char* const set =
      std::getenv("HALTERE_DATA");  // NOLINT(concurrency-mt-unsafe): not set here
  return set != nullptr ? set : "../shared/data";
}

/// Whether tests that take long run in full, as `./dev test powercut` and the like ask.
inline bool is_thorough() {
  return std::getenv("HALTERE_THOROUGH") != nullptr;  // NOLINT(concurrency-mt-unsafe): as above
}

}  // namespace haltere
