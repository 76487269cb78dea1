#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "learner/compress/fit.hpp"
#include "models/bundle.hpp"
#include "models/network.hpp"
#include "models/quantizer.hpp"

namespace haltere::learner {

/// What smaller models are made of.
struct CompressSource {
  models::Network network;  ///< float, to begin with
  models::Bundle draft;     ///< as for models::quantize: all but scales, layers and self-test
  std::vector<float> mean;  ///< [inputs], of the rows' normalisation
  std::vector<float> std;   ///< [inputs], likewise
  std::vector<float> raw;   ///< [rows][inputs], to calibrate with
  FitRows rows;             ///< the same rows, normalised, with their targets
  std::uint64_t seed = 1;
};

/// One model that could be handed over.
struct Candidate {
  std::string method;
  std::vector<std::size_t> widths;  ///< of its hidden layers
  models::Bundle bundle;
};

/// Makes int8 models of different kinds and sizes from one float net and its rows. Deterministic on
/// one kind of CPU. Errors of all: those of models::quantize.
class Compressor {
 public:
  /// Tunes the source's float net on its rows first.
  explicit Compressor(CompressSource source);

  [[nodiscard]] const models::Network& network() const { return source_.network; }
  [[nodiscard]] const FitRows& rows() const { return source_.rows; }

  /// Quantized after training, with one scale per layer or per output, the biases corrected.
  [[nodiscard]] Result<Candidate> rounded(bool per_channel) const;

  /// Trained on with weights and activations rounded, then quantized.
  [[nodiscard]] Result<Candidate> aware() const;

  /// The same two, a scale per output, with int4 weights in the big layers.
  [[nodiscard]] Result<Candidate> rounded_int4() const;
  [[nodiscard]] Result<Candidate> aware_int4() const;

  /// Whole hidden units pruned down to `widths`, from the net pruned last, and trained on, at last
  /// with rounding.
  [[nodiscard]] Result<Candidate> pruned(std::span<const std::size_t> widths);

  /// The net pruned last, or the source's, with int4 weights in its big layers.
  [[nodiscard]] Result<Candidate> pruned_int4() const;
  [[nodiscard]] const models::Network& pruned_network() const {
    return pruned_ ? *pruned_ : network();
  }

  /// A fresh net of `widths` that learns what a larger teacher answers beside the truth, at last
  /// with rounding.
  [[nodiscard]] Result<Candidate> distilled(std::span<const std::size_t> widths);

 private:
  [[nodiscard]] Result<models::Bundle> quantized(const models::Network& network,
                                                 models::Calibration calibration) const;
  [[nodiscard]] Result<Candidate> finished(std::string method, models::Network network,
                                           const FitRows& rows, FitSettings settings) const;
  [[nodiscard]] const FitRows& softened();

  CompressSource source_;
  std::optional<models::Network> pruned_;  ///< the one pruned last
  std::optional<FitRows> softened_;        ///< the rows with the teacher's answers
};

/// Whether int4 weights would save anything worth their loss: any layer is big.
[[nodiscard]] bool has_big_layer(const models::Network& network);

/// Widths of the hidden layers of `network`.
[[nodiscard]] std::vector<std::size_t> hidden_widths(const models::Network& network);

/// Widths to try, `widths` themselves not among them, the widest first: three quarters, a half and
/// so on down to an eighth, at least 2 units each.
[[nodiscard]] std::vector<std::vector<std::size_t>> narrower(std::span<const std::size_t> widths);

}  // namespace haltere::learner
