#include "agent/cli/mcu/statistics.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>

#include "agent/deploy/mcu_text.hpp"
#include "models/bundle.hpp"
#include "models/recipe.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_inputs_printed = 5;

double asleep_share(const link::StatisticsReply& counts) {
  if (counts.ticks == 0) return 0.0;
  return static_cast<double>(counts.asleep_ticks) / static_cast<double>(counts.ticks);
}

/// Which histogram entry stands for "unknown": the last.
std::string histogram_name(const McuStatistics& statistics, std::size_t i,
                           const ModelNames& names) {
  const bool last = i + 1 == statistics.histogram.size();
  return names.verdict(last ? -1 : static_cast<int>(i));
}

/// How far an input is from what was learned: 0 for mean 0 and deviation 1.
float shift(const link::InputDrift& drift) {
  return std::max(std::abs(drift.mean), std::abs(drift.deviation - 1.0F));
}

std::vector<std::size_t> most_shifted(const std::vector<link::InputDrift>& drift) {
  std::vector<std::size_t> order(drift.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return shift(drift[a]) > shift(drift[b]); });
  order.resize(std::min(order.size(), most_inputs_printed));
  return order;
}

}  // namespace

std::string ModelNames::verdict(int label) const {
  if (label < 0) return "unknown";
  const auto index = static_cast<std::size_t>(label);
  return index < labels.size() ? labels[index] : std::to_string(label);
}

std::string ModelNames::input(std::size_t index) const {
  return index < inputs.size() ? inputs[index] : "input " + std::to_string(index);
}

ModelNames model_names(const McuInfo& info, const Registry& registry) {
  ModelNames names;
  const auto found = registry.recognise(info.model_hash, packing_for(info));
  if (!found) return names;
  const auto bytes = registry.load(found->stored.id, found->stored.version);
  const auto view = bytes ? models::open(*bytes) : Result<kernels::BundleView>(bytes.error());
  if (!view) return names;
  for (std::uint16_t i = 0; i < view->label_count; ++i) {
    const char* label = kernels::bundle_label(*view, i);
    names.labels.emplace_back(label, strnlen(label, kernels::name_bytes));
  }
  names.inputs = models::input_names(view->recipe);
  return names;
}

ordered_json statistics_json(const link::WatchReply& watch, const McuStatistics& statistics,
                             const ModelNames& names) {
  const link::StatisticsReply& counts = statistics.counts;
  ordered_json histogram = ordered_json::object();
  for (std::size_t i = 0; i < statistics.histogram.size(); ++i) {
    histogram[histogram_name(statistics, i, names)] = statistics.histogram[i];
  }
  ordered_json drift = ordered_json::array();
  for (std::size_t i = 0; i < statistics.drift.size(); ++i) {
    drift.push_back({{"input", names.input(i)},
                     {"mean", statistics.drift[i].mean},
                     {"deviation", statistics.drift[i].deviation}});
  }
  const bool on = watch.blocked == link::Blocked::none;
  return {{"infers_by_itself", on},
          {"why_not", on ? ordered_json() : ordered_json(why_blocked(watch))},
          {"ram_bytes", watch.ram_bytes},
          {"missing_bytes", watch.missing_bytes},
          {"rate_hz", watch.rate_hz},
          {"votes", watch.votes},
          {"of", watch.of},
          {"wake_line", (watch.state & link::watch_wake_line) != 0},
          {"model_version", counts.model_version},
          {"samples", counts.samples},
          {"lost_samples", counts.lost_samples},
          {"windows", counts.windows},
          {"decision", names.verdict(counts.decision)},
          {"since_sample", counts.since},
          {"changes", counts.changes},
          {"mean_score", counts.mean_score},
          {"saturated_inputs", counts.saturated},
          {"asleep_share", asleep_share(counts)},
          {"histogram", histogram},
          {"drift_windows", statistics.drift_windows},
          {"drift", drift}};
}

void print_statistics(const link::WatchReply& watch, const McuStatistics& statistics,
                      const ModelNames& names) {
  const link::StatisticsReply& counts = statistics.counts;
  if (watch.blocked != link::Blocked::none) {
    std::cout << "infers by itself: no; " << why_blocked(watch) << '\n';
  }
  std::cout << fmt::format("samples     {}, {} lost, at {:g} Hz; asleep {:.1f} % of the time\n",
                           counts.samples, counts.lost_samples, watch.rate_hz,
                           100.0 * asleep_share(counts));
  if (statistics.histogram.empty()) return;
  std::cout << fmt::format(
      "decision    {} since sample {}; {} changes ({} of {} windows decide)\n"
      "windows     {}, mean score {:.3f}, {} inputs at the end of their range\n",
      names.verdict(counts.decision), counts.since, counts.changes, watch.votes, watch.of,
      counts.windows, counts.mean_score, counts.saturated);
  for (std::size_t i = 0; i < statistics.histogram.size(); ++i) {
    if (statistics.histogram[i] == 0) continue;
    std::cout << fmt::format("  {:<16} {:>8}\n", histogram_name(statistics, i, names),
                             statistics.histogram[i]);
  }
  std::cout << fmt::format("furthest from what was learned, over {} windows:\n",
                           statistics.drift_windows);
  for (const std::size_t i : most_shifted(statistics.drift)) {
    std::cout << fmt::format("  {:<24} mean {:+.2f}, deviation {:.2f}\n", names.input(i),
                             statistics.drift[i].mean, statistics.drift[i].deviation);
  }
}

}  // namespace haltere::agent
