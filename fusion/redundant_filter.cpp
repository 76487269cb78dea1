// Platform `redundant`: how the filter in scalar/ is configured and what it yields.

#include "fusion/redundant_filter.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "fusion/merger.hpp"
#include "fusion/scalar/redundant.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Section;
using config::Setting;
using config::Type;
using scalar::max_sensors;
using sensors::Quantity;

constexpr double gap_periods = 5.0;

constexpr std::array redundant_settings{
    Setting{.key = "inputs",
            .type = Type::streams,
            .description = "Two to eight channels of the same quantity, as [left.temperature, "
                           "right.temperature]",
            .required = true},
    Setting{.key = "tolerance",
            .type = Type::number,
            .description = "By how much sensors may differ for good, in the quantity's SI unit "
                           "(pressure: Pa); what their noise explains is always allowed",
            .min = 0.0,
            .max = 1e9,
            .default_text = "0"},
    Setting{.key = "rate",
            .type = Type::number,
            .description = "Values a second; default: the first input's rate",
            .dimension = Dimension::frequency,
            .min = 0.0001,
            .max = 100'000.0},
    Setting{.key = "late",
            .type = Type::number,
            .description = "How long a sensor that is behind the others is waited for",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 10.0,
            .default_text = "100ms"},
};

std::vector<StreamName> redundant_inputs(const Section& section) {
  std::vector<StreamName> inputs;
  const std::vector<std::string>& names = section.texts("inputs");
  for (std::size_t i = 0; i < names.size(); ++i)
    inputs.push_back({names[i], section.position("inputs", i)});
  return inputs;
}

double rate_of(const Section& section, std::span<const sensors::Layout> inputs) {
  return section.has("rate") ? section.number("rate") : inputs[0].rate_hz;
}

void check_input(const StreamName& name, const sensors::Layout& input, Quantity quantity,
                 std::vector<config::Diagnostic>& diagnostics) {
  const auto complain = [&](const std::string& what) {
    diagnostics.push_back({name.position, "'" + name.name + "' " + what});
  };
  if (input.channels.size() != 1) {
    complain("has " + std::to_string(input.channels.size()) + " channels; one is needed");
  } else if (input.channels[0].quantity != quantity) {
    complain("is of " + std::string(to_string(input.channels[0].quantity)) + ", the first of " +
             std::string(to_string(quantity)));
  }
  if (!(input.rate_hz > 0.0)) {
    complain("has no fixed rate; `align` it first, or give its sensor a 'rate'");
  }
}

sensors::Layout redundant_output(const Section& section, std::span<const sensors::Layout> inputs,
                                 std::vector<config::Diagnostic>& diagnostics) {
  const std::vector<StreamName> names = redundant_inputs(section);
  if (inputs.size() < 2 || inputs.size() > max_sensors) {
    diagnostics.push_back({section.position("inputs"), "two to eight inputs are needed"});
    return {};
  }
  const Quantity quantity = inputs[0].channels[0].quantity;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    check_input(names[i], inputs[i], quantity, diagnostics);
  sensors::Layout layout{
      .channels = {{"value", quantity}, {"sigma", quantity}, {"valid", Quantity::state}},
      .rate_hz = rate_of(section, inputs)};
  for (const char* what : {"weight", "fault"}) {
    for (const StreamName& name : names)
      layout.channels.push_back({std::string(what) + "." + name.name, Quantity::number});
  }
  return layout;
}

AlignSettings clock_of(const Section& section, std::span<const sensors::Layout> inputs) {
  AlignSettings settings{
      .rate_hz = rate_of(section, inputs), .late_s = section.number("late"), .streams = {}};
  for (const sensors::Layout& input : inputs) {
    settings.streams.push_back({.rate_hz = input.rate_hz,
                                .method = AlignMethod::hold,
                                .gap_s = gap_periods / std::min(input.rate_hz, settings.rate_hz)});
  }
  return settings;
}

class RedundantFilter final : public Filter, public Merger {
 public:
  RedundantFilter(const AlignSettings& clock, const scalar::RedundantSettings& settings)
      : count_(clock.streams.size()),
        align_(clock),
        filter_(count_, settings),
        output_(3 + 2 * count_) {}

  bool update(sensors::TimeNs /*time_ns*/, bool /*starts_segment*/,
              std::span<const float> /*row*/) override {
    return false;  // it merges
  }
  [[nodiscard]] std::span<const float> output() const override { return output_; }
  [[nodiscard]] Merger* merger() override { return this; }

  void take(const MergedSample& sample, std::span<const float> row) override {
    align_.push(sample.input, sample.time_ns, row, sample.starts_segment);
  }

  bool next(bool to_the_end) override {
    if (!align_.next(to_the_end)) return false;
    if (align_.after_gap()) filter_.restart();
    std::array<bool, max_sensors> present{};
    for (std::size_t i = 0; i < count_; ++i) present[i] = align_.valid(i);
    filter_.update(align_.row().data(), present.data());
    write_output();
    return true;
  }

  [[nodiscard]] sensors::TimeNs time_ns() const override { return align_.time_ns(); }
  [[nodiscard]] bool starts_segment() const override { return align_.after_gap(); }
  [[nodiscard]] const AlignCounts& counts(std::size_t input) const override {
    return align_.counts(input);
  }

 private:
  void write_output() {
    const scalar::RedundantOutput& out = filter_.output();
    output_[0] = out.value;
    output_[1] = out.sigma;
    output_[2] = out.valid ? 1.0F : 0.0F;
    for (std::size_t i = 0; i < count_; ++i) {
      output_[3 + i] = out.weight[i];
      output_[3 + count_ + i] = static_cast<float>(out.fault[i]);
    }
  }

  std::size_t count_;
  Aligner align_;
  scalar::Redundant filter_;
  std::vector<float> output_;
};

std::unique_ptr<Filter> make_redundant(const Section& section,
                                       std::span<const sensors::Layout> inputs) {
  const scalar::RedundantSettings settings{static_cast<float>(section.number("tolerance"))};
  return std::make_unique<RedundantFilter>(clock_of(section, inputs), settings);
}

}  // namespace

const FilterType redundant_type{
    .component = {.kind = "fusion",
                  .platform = "redundant",
                  .description =
                      "One value out of several sensors of the same quantity: weighted by their "
                      "noise, without those that fail (fault: 1 missing, 2 outlier, 3 disputed, 4 "
                      "jumped, 5 stuck, 6 drifting)",
                  .settings = redundant_settings},
    .inputs = redundant_inputs,
    .output = redundant_output,
    .make = make_redundant,
    .merges = true,
};

}  // namespace haltere::fusion
