#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"

namespace haltere::fakes {

/// The real TensorFlow Lite, loaded at run time from its C library.
class TfliteLibrary {
 public:
  /// Errors: not_found, with the loader's reason.
  [[nodiscard]] static Result<TfliteLibrary> load(const std::filesystem::path& library);

  /// Runs `model` on input tensors that follow each other; returns the output tensors. Errors:
  /// refused, when TensorFlow Lite does not take the model; it says why on standard error.
  [[nodiscard]] Result<std::vector<std::uint8_t>> run(std::span<const std::uint8_t> model,
                                                      std::span<const std::uint8_t> inputs) const;

 private:
  std::shared_ptr<void> handle_;
};

}  // namespace haltere::fakes
