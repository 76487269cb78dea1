#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace haltere::fusion {

/// What a row of channels amounts to among the rows before it: of each channel its value, its step
/// from the row before, and mean and standard deviation over the newest rows at several lengths; at
/// will the time of day as sine and cosine of one and two turns. Rows at the start count what there
/// is so far. Work per row: inputs x longest length; allocates at construction alone.
class RowContext {
 public:
  /// `lengths` in rows, each above 1.
  RowContext(std::size_t channels, std::vector<std::size_t> lengths, bool time_of_day);

  /// The next row [channels] into its context [size()], valid until the next call. `day_share`: its
  /// time of day, 0..1.
  std::span<const float> update(std::span<const float> row, float day_share = 0.0F);

  [[nodiscard]] std::size_t size() const { return out_.size(); }

  /// Name of each output: "value", "step(value)", "mean5(value)", "std5(value)", "day_sin1".
  [[nodiscard]] std::vector<std::string> names(std::span<const std::string> channels) const;

 private:
  [[nodiscard]] float back(std::size_t channel, std::size_t rows) const;
  std::size_t write_channel(std::size_t channel, std::size_t at);
  void write_day(float day_share, std::size_t at);

  std::size_t channels_;
  std::vector<std::size_t> lengths_;
  bool time_of_day_;
  std::size_t kept_;         ///< rows in the ring
  std::vector<float> ring_;  ///< [kept_][channels_]
  std::size_t newest_ = 0;
  std::size_t rows_ = 0;
  std::vector<float> out_;
};

/// The lengths that RowContext::names shows, each once; none of names that it did not make.
[[nodiscard]] std::vector<std::size_t> named_lengths(std::span<const std::string> names);

/// The lengths that a stream of `rows` rows of `channels` can teach: 5, 20, 80, 320, each only with
/// twenty times as many rows, and no more than keep the outputs within `most_outputs`.
[[nodiscard]] std::vector<std::size_t> context_lengths(std::size_t rows, std::size_t channels,
                                                       std::size_t most_outputs);

}  // namespace haltere::fusion
