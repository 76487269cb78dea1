// Platform `align`: how the aligner in align.hpp is configured and what its rows are.

#include "fusion/align_filter.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "fusion/merger.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Section;
using config::Setting;
using config::Type;
using sensors::Quantity;

constexpr std::array<std::string_view, 3> methods{"hold", "linear", "sinc"};
constexpr std::array<std::string_view, 2> in_gap_choices{"stop", "hold"};
constexpr double default_gap_periods = 5.0;
constexpr double shortest_default_gap_s = 0.25;
constexpr double most_samples_kept = 200'000.0;

constexpr std::array stream_settings{
    Setting{.key = "stream", .type = Type::stream, .description = "Stream", .required = true},
    Setting{.key = "method",
            .type = Type::choice,
            .description = "Between samples: the newest, on the line between two (a "
                           "sample's delay), or windowed sinc, which keeps waves of up to 0.45 of "
                           "the lower rate and nothing above (9 of its periods)",
            .default_text = "linear",
            .choices = methods},
    Setting{.key = "latency",
            .type = Type::number,
            .description = "By how much its samples' times are later than what they show",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 10.0,
            .default_text = "0s"},
    Setting{.key = "gap",
            .type = Type::number,
            .description = "Samples further apart have a gap between them, which is never bridged; "
                           "default: five periods, at least 250ms",
            .dimension = Dimension::time,
            .min = 0.001},
    Setting{.key = "rate",
            .type = Type::number,
            .description = "The most samples a second, where the stream itself has no fixed rate",
            .dimension = Dimension::frequency,
            .min = 0.0001,
            .max = 100'000.0},
};

constexpr std::array align_settings{
    Setting{.key = "streams",
            .type = Type::sections,
            .description = "What is put side by side",
            .required = true,
            .children = stream_settings},
    Setting{.key = "rate",
            .type = Type::number,
            .description = "Rows a second; their times are whole multiples of its period",
            .dimension = Dimension::frequency,
            .min = 0.0001,
            .max = 100'000.0,
            .required = true},
    Setting{.key = "late",
            .type = Type::number,
            .description = "How long a stream that is behind the others is waited for; what comes "
                           "later is counted and passed over",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 10.0,
            .default_text = "100ms"},
    Setting{.key = "in_gap",
            .type = Type::choice,
            .description = "While a stream has a gap: no rows, and a new segment after it; or rows "
                           "in which it stands still and its `valid` is 0",
            .default_text = "stop",
            .choices = in_gap_choices},
};

std::vector<StreamName> align_inputs(const Section& section) {
  std::vector<StreamName> inputs;
  for (const Section& stream : section.sections("streams")) {
    inputs.push_back({stream.text("stream"), stream.position("stream")});
  }
  return inputs;
}

// As one would name it from outside: `imu.ax` of `imu.acceleration`.
std::string full_name(const std::string& stream, const sensors::Channel& channel) {
  return stream.substr(0, stream.find('.')) + "." + channel.name;
}

double rate_of(const Section& stream, const sensors::Layout& layout) {
  return stream.has("rate") ? stream.number("rate") : layout.rate_hz;
}

AlignStream stream_of(const Section& section, const sensors::Layout& layout) {
  AlignStream stream{.channels = layout.channels.size(),
                     .rate_hz = rate_of(section, layout),
                     .latency_s = section.number("latency")};
  const auto* const method = std::ranges::find(methods, section.text("method"));
  stream.method = static_cast<AlignMethod>(method - methods.begin());
  stream.gap_s = section.has("gap")
                     ? section.number("gap")
                     : std::max(default_gap_periods / stream.rate_hz, shortest_default_gap_s);
  return stream;
}

void check_stream(const Section& stream, const sensors::Layout& layout,
                  std::vector<config::Diagnostic>& diagnostics) {
  const std::string& name = stream.text("stream");
  if (!(rate_of(stream, layout) > 0.0)) {
    diagnostics.push_back(
        {stream.position("stream"), "'" + name +
                                        "' has no fixed rate: say how many samples a second it "
                                        "gives at most, as in 'rate: 10Hz'"});
    return;
  }
  const AlignStream settled = stream_of(stream, layout);
  if (settled.gap_s * settled.rate_hz <= 1.0) {
    diagnostics.push_back({stream.position("gap"), "shorter than one period of '" + name +
                                                       "', so that all of it would be gaps"});
  } else if (settled.gap_s * settled.rate_hz > most_samples_kept) {
    diagnostics.push_back({stream.position("gap"), "longer than 200000 samples of '" + name + "'"});
  }
}

sensors::Layout align_output(const Section& section, std::span<const sensors::Layout> inputs,
                             std::vector<config::Diagnostic>& diagnostics) {
  sensors::Layout layout{.channels = {}, .rate_hz = section.number("rate")};
  const std::vector<Section>& streams = section.sections("streams");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_stream(streams[i], inputs[i], diagnostics);
    for (const sensors::Channel& channel : inputs[i].channels) {
      const std::string name = full_name(streams[i].text("stream"), channel);
      if (std::ranges::count(layout.channels, name, &sensors::Channel::name) > 0) {
        diagnostics.push_back(
            {streams[i].position("stream"), "'" + name + "' is among the streams already"});
      }
      layout.channels.push_back({name, channel.quantity, channel.full_scale});
    }
  }
  for (const Section& stream : streams) {
    layout.channels.push_back({"valid." + stream.text("stream"), Quantity::state});
  }
  return layout;
}

// Its rows are the streams' channels side by side, then for each stream whether they are valid.
class AlignFilter final : public Filter, public Merger {
 public:
  AlignFilter(const AlignSettings& settings, bool stops_in_gap)
      : streams_(settings.streams.size()), stops_in_gap_(stops_in_gap), align_(settings) {
    output_.resize(align_.row().size() + streams_);
  }

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
    while (align_.next(to_the_end)) {
      broken_ = broken_ || align_.after_gap();
      if (write_row() || !stops_in_gap_) {
        starts_segment_ = broken_;
        broken_ = false;
        any_ = true;
        return true;
      }
      broken_ = any_;
    }
    return false;
  }

  [[nodiscard]] sensors::TimeNs time_ns() const override { return align_.time_ns(); }
  [[nodiscard]] bool starts_segment() const override { return starts_segment_; }
  [[nodiscard]] const AlignCounts& counts(std::size_t input) const override {
    return align_.counts(input);
  }

 private:
  // True when every stream is valid.
  bool write_row() {
    const std::span<const float> row = align_.row();
    const auto flags = std::ranges::copy(row, output_.begin()).out;
    bool all = true;
    for (std::size_t i = 0; i < streams_; ++i) {
      const bool valid = align_.valid(i);
      flags[static_cast<std::ptrdiff_t>(i)] = valid ? 1.0F : 0.0F;
      all = all && valid;
    }
    return all;
  }

  std::size_t streams_;
  bool stops_in_gap_;
  Aligner align_;
  std::vector<float> output_;
  bool any_ = false;     ///< there were rows
  bool broken_ = false;  ///< the next row does not follow the one before
  bool starts_segment_ = false;
};

std::unique_ptr<Filter> make_align(const Section& section,
                                   std::span<const sensors::Layout> inputs) {
  AlignSettings settings{
      .rate_hz = section.number("rate"), .late_s = section.number("late"), .streams = {}};
  const std::vector<Section>& streams = section.sections("streams");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    settings.streams.push_back(stream_of(streams[i], inputs[i]));
  }
  return std::make_unique<AlignFilter>(settings, section.text("in_gap") == "stop");
}

}  // namespace

const FilterType align_type{
    .component = {.kind = "fusion",
                  .platform = "align",
                  .description = "Streams of different rates and sensors, resampled onto one clock",
                  .settings = align_settings},
    .inputs = align_inputs,
    .output = align_output,
    .make = make_align,
    .merges = true,
};

}  // namespace haltere::fusion
