#include "agent/learn/plot.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "agent/learn/report.hpp"
#include "agent/outputs/svg.hpp"

namespace haltere::agent {
namespace {

using learner::Confusion;
using learner::Task;

constexpr int width = 960;
constexpr SvgBox chart{.x = 70, .y = 96, .width = 860, .height = 260};
constexpr std::string_view model_colour = "#0b5cad";
constexpr std::string_view no_change_colour = "#8a8f98";
constexpr std::string_view other_colour = "#2f855a";
constexpr std::string_view drift_colour = "#d9480f";
constexpr std::string_view grid_colour = "#e3e6ea";
constexpr SvgText small{.size = 11, .colour = "#57606a"};

/// One curve: its name, colour and figure.
struct Curve {
  std::string_view name;
  std::string_view colour;
  double HistoryPoint::*figure;
};

std::vector<Curve> curves_of(Task task) {
  const Curve model{"model", model_colour, &HistoryPoint::value};
  const Curve no_change{"no change", no_change_colour, &HistoryPoint::no_change};
  switch (task) {
    case Task::classify:
      return {model, no_change, {"majority", other_colour, &HistoryPoint::other}};
    case Task::regress: return {model, no_change, {"mean", other_colour, &HistoryPoint::other}};
    case Task::anomaly: break;
  }
  return {{"highest score (relative)", model_colour, &HistoryPoint::value},
          {"share of alarms", other_colour, &HistoryPoint::other}};
}

std::string_view title_of(Task task) {
  switch (task) {
    case Task::classify: return "Accuracy over time, each row answered before it is learned";
    case Task::regress: return "Mean absolute error over time, each row answered before learned";
    case Task::anomaly: break;
  }
  return "Anomaly score over time, each row answered before it is learned";
}

/// A figure that nearly all of the chosen ones stay below: a wild one must not flatten the rest.
double high_of(const std::vector<HistoryPoint>& points, const std::vector<Curve>& curves) {
  std::vector<double> figures;
  for (const HistoryPoint& point : points)
    for (const Curve& curve : curves) figures.push_back(point.*curve.figure);
  if (figures.empty()) return 1.0;
  std::ranges::sort(figures);
  const double high = figures[(figures.size() - 1) * 98 / 100];
  return high > 0.0 ? high : 1.0;
}

/// The course as it is drawn: scores in shares of a high one.
std::vector<HistoryPoint> course_of(const LearnResult& result) {
  std::vector<HistoryPoint> points = result.history.points();
  if (result.plan.task != Task::anomaly) return points;
  const double high = 1.1 * high_of(points, {{"", "", &HistoryPoint::value}});
  for (HistoryPoint& point : points) point.value /= high;
  return points;
}

/// Maps rows and figures to the chart.
struct Scale {
  double rows = 1.0;
  double top = 1.0;

  [[nodiscard]] SvgPoint at(double row, double figure) const {
    const double share = std::clamp(figure / top, 0.0, 1.0);
    return {chart.x + chart.width * row / rows, chart.y + chart.height * (1.0 - share)};
  }
};

void draw_axes(Svg& svg, const Scale& scale, Task task, std::string_view unit) {
  SvgText right = small;
  right.anchor = "end";
  const double step = round_step(scale.top, 5);
  for (int i = 0; i * step <= scale.top * (1.0 + 1e-9); ++i) {
    const SvgPoint at = scale.at(0.0, i * step);
    svg.line(at, {chart.x + chart.width, at.y}, grid_colour);
    const std::string figure =
        task == Task::regress ? short_number(i * step) : short_number(100.0 * i * step) + " %";
    svg.text({at.x - 8, at.y + 4}, figure, right);
  }
  SvgText middle = small;
  middle.anchor = "middle";
  const double row_step = round_step(scale.rows, 8);
  for (int i = 0; i * row_step <= scale.rows; ++i) {
    const SvgPoint at = scale.at(i * row_step, 0.0);
    svg.line(at, {at.x, at.y + 4}, no_change_colour);
    svg.text({at.x, at.y + 18}, std::to_string(std::lround(i * row_step)), middle);
  }
  middle.anchor = "end";
  svg.text({chart.x + chart.width, chart.y + chart.height + 34}, unit, middle);
}

/// Returns how many drifts were drawn.
std::size_t draw_drifts(Svg& svg, const LearnResult& result, const Scale& scale) {
  std::size_t drawn = 0;
  for (const learner::DriftEvent& event : result.model.drift().events()) {
    if (event.level != learner::DriftLevel::drift) continue;
    const SvgPoint foot = scale.at(static_cast<double>(event.row), 0.0);
    svg.line(foot, {foot.x, chart.y}, drift_colour, 1.0, "4 3");
    ++drawn;
  }
  return drawn;
}

void draw_legend(Svg& svg, const std::vector<Curve>& curves, std::size_t drifts) {
  double x = chart.x;
  const double y = chart.y - 14;
  const auto entry = [&](std::string_view name, std::string_view colour, std::string_view dashes) {
    svg.line({x, y - 4}, {x + 22, y - 4}, colour, 2.5, dashes);
    svg.text({x + 28, y}, name, {.size = 12});
    x += 46.0 + 6.6 * static_cast<double>(name.size());
  };
  for (const Curve& curve : curves) entry(curve.name, curve.colour, {});
  if (drifts > 0) entry("drift noted (" + std::to_string(drifts) + ")", drift_colour, "4 3");
}

void draw_course(Svg& svg, const LearnResult& result) {
  const std::vector<HistoryPoint> points = course_of(result);
  const Task task = result.plan.task;
  const std::vector<Curve> curves = curves_of(task);
  const Scale scale{static_cast<double>(std::max<std::size_t>(result.rows, 1)),
                    task == Task::regress ? 1.1 * high_of(points, curves) : 1.0};
  svg.text({chart.x, chart.y - 38}, title_of(task), {.size = 14, .bold = true});
  draw_axes(svg, scale, task, result.features == result.plan.features ? "rows" : "windows");
  const std::size_t drifts = draw_drifts(svg, result, scale);
  for (std::size_t i = curves.size(); i > 0; --i) {  // the model's on top of the others
    const Curve& curve = curves[i - 1];
    std::vector<SvgPoint> line;
    line.reserve(points.size());
    for (const HistoryPoint& point : points)
      line.push_back(scale.at(static_cast<double>(point.row), point.*curve.figure));
    svg.polyline(line, curve.colour, curve.colour == model_colour ? 2.2 : 1.4);
  }
  draw_legend(svg, curves, drifts);
}

/// At most `most` bytes of `label`, not cutting a UTF-8 character in two.
std::string cut(const std::string& label, std::size_t most) {
  if (label.size() <= most) return label;
  std::size_t size = most - 1;
  while (size > 0 && (static_cast<unsigned char>(label[size]) & 0xC0U) == 0x80U) --size;
  return label.substr(0, size) + ".";
}

/// The report for a person, line by line.
void draw_words(Svg& svg, const LearnResult& result, double top) {
  std::istringstream lines(learn_text(result));
  constexpr std::size_t most = 110;  // characters beside the heads
  double y = top;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t gap = std::min<std::size_t>(line.size(), 14);
    svg.text({chart.x, y}, line.substr(0, gap), {.size = 12, .bold = !line.starts_with(' ')});
    svg.text({chart.x + 110, y}, cut(line.substr(gap), most), {.size = 12});
    y += 18.0;
  }
}

/// White to blue by `share`; text on it dark or light.
std::string shade(double share) {
  const auto mix = [&](int light, int dark) {
    return std::to_string(light + static_cast<int>(std::lround(share * (dark - light))));
  };
  return "rgb(" + mix(246, 11) + ',' + mix(248, 92) + ',' + mix(251, 173) + ')';
}

constexpr double matrix_side = 300.0;

double side_of(std::size_t classes) {
  return std::min(60.0, matrix_side / static_cast<double>(classes));
}

/// `share`: of the rows of this truth.
void draw_cell(Svg& svg, SvgPoint corner, double side, double count, double share) {
  svg.box({corner.x, corner.y, side - 1, side - 1}, shade(share));
  if (side < 30.0) return;
  SvgText style{.size = 11, .anchor = "middle"};
  if (side < 40.0) style.size = 9;
  if (share > 0.55) style.colour = "#ffffff";
  svg.text({corner.x + side / 2, corner.y + side / 2 + 4}, std::to_string(std::llround(count)),
           style);
}

void draw_cells(Svg& svg, const Confusion& answers, SvgPoint corner, double side) {
  const std::size_t classes = answers.classes();
  for (std::size_t truth = 0; truth < classes; ++truth) {
    double rows = 0.0;
    for (std::size_t answer = 0; answer < classes; ++answer) rows += answers.count(truth, answer);
    for (std::size_t answer = 0; answer < classes; ++answer) {
      const double count = answers.count(truth, answer);
      draw_cell(svg,
                {corner.x + static_cast<double>(answer) * side,
                 corner.y + static_cast<double>(truth) * side},
                side, count, count / std::max(rows, 1.0));
    }
  }
}

void draw_matrix(Svg& svg, const Confusion& answers, const std::vector<std::string>& labels,
                 SvgPoint corner, const std::string& title) {
  const double side = side_of(labels.size());
  svg.text({corner.x, corner.y - 28}, title, {.size = 14, .bold = true});
  svg.text({corner.x, corner.y - 10}, "rows: truth, columns: answer", small);
  draw_cells(svg, answers, corner, side);
  if (side < 10.0) return;
  SvgText right = small;
  right.anchor = "end";
  SvgText middle = small;
  middle.anchor = "middle";
  const double foot = corner.y + side * static_cast<double>(labels.size()) + 14;
  const auto most = static_cast<std::size_t>(std::max(side / 6.0, 1.0));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * side;
    svg.text({corner.x - 6, corner.y + centre + 4}, cut(labels[i], 11), right);
    svg.text({corner.x + centre, foot}, cut(labels[i], most), middle);
  }
}

void draw_confusions(Svg& svg, const LearnResult& result, double top) {
  const std::vector<std::string>& labels = result.plan.labels;
  draw_matrix(svg, result.model.class_metrics().all(), labels, {chart.x + 20, top},
              "Confusions while learning");
  const SvgPoint second{chart.x + 500, top};
  if (!result.tests.empty())
    draw_matrix(svg, result.tests.front().as_int8.answers, labels, second,
                "Confusions of the int8 model, first test");
  else if (!result.folds.empty())
    draw_matrix(svg, result.folds.front().together.front().as_int8.answers, labels, second,
                "Confusions of the int8 models, folds");
}

}  // namespace

std::string learn_svg(const LearnResult& result) {
  const bool classify = result.plan.task == Task::classify;
  const std::string words = learn_text(result);
  const auto lines = static_cast<double>(std::ranges::count(words, '\n'));
  const double words_top = chart.y + chart.height + 64;
  const double matrix_top = words_top + 18.0 * lines + 48.0;
  const auto classes = static_cast<double>(result.plan.labels.size());
  const double height = classify ? matrix_top + side_of(result.plan.labels.size()) * classes + 40.0
                                 : words_top + 18.0 * lines + 12.0;
  Svg svg(width, static_cast<int>(height));
  svg.text({chart.x, 32},
           cut(result.table.substr(result.table.find_last_of('/') + 1), 60) + ": " +
               std::string(learner::to_string(result.plan.task)) +
               (result.plan.target.empty() ? "" : " " + cut(result.plan.target, 40)),
           {.size = 18, .bold = true});
  draw_course(svg, result);
  draw_words(svg, result, words_top);
  if (classify) draw_confusions(svg, result, matrix_top);
  return svg.finish();
}

}  // namespace haltere::agent
