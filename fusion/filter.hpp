#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "config/result.hpp"
#include "config/settings.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion {

class Merger;

/// One node of the fusion chain: takes rows, yields rows. Reads no clock, does no I/O and allocates
/// nothing after construction: same rows in, same bits out.
class Filter {
 public:
  Filter() = default;
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  virtual ~Filter() = default;

  /// Takes one row, the channels of all inputs one after the other in the order of
  /// `FilterType::inputs`. `starts_segment`: not contiguous with the row before, so nothing may be
  /// carried over. Returns true when `output` is new.
  virtual bool update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) = 0;

  /// Input `input` has another clock than the rows, and a new sample of it is in the row that comes
  /// next: perhaps of the same values as before. Inputs of the rows' own clock are new in each.
  virtual void input_is_new(std::size_t /*input*/) {}

  /// The newest output, one value per channel of the filter's layout.
  [[nodiscard]] virtual std::span<const float> output() const = 0;

  /// Only filters that cut windows: the recipe for the bundle (models/format.md), else empty.
  [[nodiscard]] virtual std::span<const std::uint8_t> recipe() const { return {}; }

  /// Only filters that merge clocks (FilterType::merges): takes samples in place of `update`.
  [[nodiscard]] virtual Merger* merger() { return nullptr; }
};

/// A stream that a filter's settings name.
struct StreamName {
  std::string name;
  config::Position position;
};

/// Streams that `settings` name, in the order in which `Filter::update` gets their channels.
using InputsOf = std::vector<StreamName>(const config::Section& settings);

/// What the filter yields, given what its inputs are (same order). Channels named `gravity.x`,
/// `gravity.y` ... together are the stream `ID.gravity` to others. Problems (an input with the
/// wrong number of channels or quantity, no rate where one is needed) are added to `diagnostics`.
using OutputOf = sensors::Layout(const config::Section& settings,
                                 std::span<const sensors::Layout> inputs,
                                 std::vector<config::Diagnostic>& diagnostics);

/// Makes the filter; settings and inputs have passed OutputOf without diagnostics.
using Make = std::unique_ptr<Filter>(const config::Section& settings,
                                     std::span<const sensors::Layout> inputs);

/// A fusion platform: its settings (without `id` and `platform`, which every one has) and how to
/// make one.
struct FilterType {
  config::Component component;
  InputsOf* inputs;
  OutputOf* output;
  Make* make;
  bool merges = false;  ///< inputs of different clocks into rows with times of their own
};

/// Every fusion platform, ascending by name.
[[nodiscard]] std::span<const FilterType> filter_types();

/// The fusion platform `platform`, or nullptr.
[[nodiscard]] const FilterType* find_filter_type(std::string_view platform);

}  // namespace haltere::fusion
