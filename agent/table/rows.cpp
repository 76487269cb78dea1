#include "agent/table/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "agent/pipeline/row_labels.hpp"
#include "fusion/row_context.hpp"
#include "fusion/window_check.hpp"
#include "fusion/window_features.hpp"
#include "models/recipe.hpp"

namespace haltere::agent {
namespace {

using learner::Target;
using learner::Task;

/// Column `name`, or none for an empty name.
Result<std::optional<std::size_t>> optional_column(const TableHeader& header,
                                                   const std::string& path,
                                                   const std::string& name) {
  if (name.empty()) return std::optional<std::size_t>();
  const Result<std::size_t> found = header.find(path, name);
  if (!found) return found.error();
  return std::optional(*found);
}

sensors::Layout layout_of(const TablePlan& plan, double rate_hz) {
  sensors::Layout layout;
  layout.rate_hz = rate_hz;
  for (const std::string& feature : plan.features) layout.channels.push_back({.name = feature});
  return layout;
}

Result<std::unique_ptr<fusion::Window>> make_window(const Windowing& windowing,
                                                    const sensors::Layout& row) {
  fusion::WindowSettings settings = windowing.window;
  settings.trigger.channels = windowing.trigger.empty() ? 0 : 1;
  if (windowing.all_features)
    settings.features =
        fusion::all_features(fusion::window_extent(settings, row.rate_hz).samples, row);
  return fusion::Window::create(settings, row);
}

}  // namespace

struct TableRows::State {
  State(TableReader opened, const TablePlan& of) : reader(std::move(opened)), plan(&of) {}

  /// Whether the row read last starts a segment.
  bool starts_segment() {
    if (!segment) return rows == 0;
    const bool starts = rows == 0 || reader.cell(*segment) != segment_text;
    if (starts) segment_text = reader.cell(*segment);
    return starts;
  }

  bool add_row(const Target& target);
  void watch_trigger();
  bool take_target(Target& target) const;
  Status add_context(const std::string& path);
  [[nodiscard]] float day_share() const;

  TableReader reader;
  const TablePlan* plan;
  std::vector<std::string> names;
  std::optional<std::size_t> group;
  std::optional<std::size_t> segment;
  std::string segment_text;
  std::optional<std::size_t> trigger;
  std::string trigger_text;
  std::unique_ptr<fusion::Window> window;     ///< none: rows as they are
  std::optional<fusion::RowContext> context;  ///< beside each row
  std::optional<std::size_t> day_column;
  RowLabels labels{1, 1};  ///< classify; anomaly: normal and abnormal rows
  std::vector<float> row;
  Target newest;
  std::size_t since_abnormal = 0;  ///< rows, this one included, since the last abnormal one
  std::size_t rows = 0;
  std::size_t passed_over = 0;
};

/// Puts the trigger's number behind the row; where a text has changed the largest there is.
void TableRows::State::watch_trigger() {
  if (!trigger) return;
  const std::string_view cell = reader.cell(*trigger);
  double number = 0.0;
  if (sensors::parse_cell(cell, number) == sensors::Cell::number) {
    row.back() = static_cast<float>(number);
    return;
  }
  const bool changed = !cell.empty() && rows > 0 && cell != trigger_text;
  row.back() = changed ? std::numeric_limits<float>::max() : 0.0F;
  trigger_text = cell;
}

/// True when the row completes a window.
bool TableRows::State::add_row(const Target& target) {
  const bool starts = starts_segment();
  newest = target;
  labels.add(target.label, starts);
  since_abnormal = target.label == 1 ? 1 : since_abnormal + 1;
  if (starts && target.label != 1) since_abnormal = window->view().window_samples + 1U;
  watch_trigger();
  return window->update(static_cast<sensors::TimeNs>(rows++), starts, row);
}

/// The window's target; false if it has none.
bool TableRows::State::take_target(Target& target) const {
  target = {};
  switch (plan->task) {
    case Task::classify: target.label = labels.label(); return target.label >= 0;
    case Task::regress: target = newest; return std::isfinite(newest.value);
    case Task::anomaly: break;
  }
  target.label = since_abnormal <= window->view().window_samples ? 1 : labels.label();
  return true;
}

/// Lets rows stand in the context that the plan says.
Status TableRows::State::add_context(const std::string& path) {
  if (plan->context.empty()) return {};
  const auto day = optional_column(reader.header(), path, plan->day_column);
  if (!day) return day.error();
  day_column = *day;
  context.emplace(plan->features.size(), plan->context, day_column.has_value());
  names = context->names(plan->features);
  row.resize(plan->features.size());
  return {};
}

float TableRows::State::day_share() const {
  return day_column ? std::max(0.0F, day_share_of(reader.cell(*day_column))) : 0.0F;
}

TableRows::TableRows(std::unique_ptr<State> state) : state_(std::move(state)) {}
TableRows::TableRows(TableRows&&) noexcept = default;
TableRows& TableRows::operator=(TableRows&&) noexcept = default;
TableRows::~TableRows() = default;

Result<TableRows> TableRows::open(const std::string& path, const TablePlan& plan,
                                  const std::optional<Windowing>& windowing,
                                  const std::string& group) {
  Result<TableReader> reader = TableReader::open(path, plan);
  if (!reader) return reader.error();
  auto state = std::make_unique<State>(std::move(reader).value(), plan);
  const TableHeader& header = state->reader.header();
  const auto grouped = optional_column(header, path, group);
  if (!grouped) return grouped.error();
  state->group = *grouped;
  state->names = plan.features;
  if (!windowing) {
    if (const Status added = state->add_context(path); !added) return added.error();
    return TableRows(std::move(state));
  }
  const auto segment = optional_column(header, path, windowing->segment);
  if (!segment) return segment.error();
  state->segment = *segment;
  const auto trigger = optional_column(header, path, windowing->trigger);
  if (!trigger) return trigger.error();
  state->trigger = *trigger;
  auto window = make_window(*windowing, layout_of(plan, windowing->rate_hz));
  if (!window) return Error{ErrorKind::invalid, "--window: " + window.error().message};
  state->window = std::move(window).value();
  state->names.clear();
  for (const sensors::Channel& channel : state->window->layout().channels)
    state->names.push_back(channel.name);
  state->row.resize(plan.features.size() + (state->trigger ? 1 : 0));
  state->labels =
      RowLabels(state->window->view().window_samples, std::max<std::size_t>(plan.labels.size(), 2));
  state->reader.keep_without_target();
  return TableRows(std::move(state));
}

Result<bool> TableRows::next(std::span<float> features, Target& target) {
  State& state = *state_;
  if (!state.window && !state.context) return state.reader.next(features, target);
  if (!state.window) {
    Result<bool> more = state.reader.next(state.row, target);
    if (more && *more)
      std::ranges::copy(state.context->update(state.row, state.day_share()), features.begin());
    return more;
  }
  while (true) {
    Result<bool> more =
        state.reader.next(std::span(state.row).first(state.plan->features.size()), target);
    if (!more || !*more) return more;
    if (!state.add_row(target)) continue;
    if (state.take_target(target)) break;
    ++state.passed_over;
  }
  std::ranges::copy(state.window->output(), features.begin());
  return true;
}

const std::vector<std::string>& TableRows::names() const { return state_->names; }

Result<std::vector<std::uint8_t>> TableRows::recipe() const {
  if (!state_->window) return models::table_recipe(state_->names);
  const std::span<const std::uint8_t> bytes = state_->window->recipe();
  return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

const fusion::Window* TableRows::window() const { return state_->window.get(); }

std::string_view TableRows::group() const {
  return state_->group ? state_->reader.cell(*state_->group) : std::string_view();
}

std::size_t TableRows::row_number() const { return state_->reader.row_number(); }
TableReader& TableRows::reader() { return state_->reader; }
const TableReader& TableRows::reader() const { return state_->reader; }
std::size_t TableRows::passed_over_windows() const { return state_->passed_over; }

}  // namespace haltere::agent
