// A satellite receiver's columns of a table.

#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "agent/fuse/position_run.hpp"
#include "agent/fuse/timed_table.hpp"
#include "fusion/navigation/geodesy.hpp"

namespace haltere::agent {
namespace {

using config::Dimension;
using fusion::navigation::Geodetic;
using fusion::navigation::LocalFrame;
using fusion::navigation::Vec3;

using Names = std::array<std::string_view, 3>;
using Columns = std::array<TableColumn, 3>;

constexpr std::array<Names, 3> place_names{Names{"lat", "latitude", "Latitude"},
                                           Names{"lon", "longitude", "lng"},
                                           Names{"height", "altitude", "alt"}};
constexpr std::array<Names, 3> local_names{Names{"east", "e", "x"}, Names{"north", "n", "y"},
                                           Names{"up", "u", "z"}};
constexpr std::array<Names, 3> velocity_names{Names{"ve", "velocity_e", "v_east"},
                                              Names{"vn", "velocity_n", "v_north"},
                                              Names{"vu", "velocity_u", "v_up"}};

Result<Columns> find_all(const TimedTable& table, const std::array<Names, 3>& names,
                         const std::array<Dimension, 3>& dimensions) {
  Columns columns;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto column = table.find(names[i], dimensions[i]);
    if (!column) return column.error();
    columns[i] = *column;
  }
  return columns;
}

bool complete(const Columns& columns) {
  return columns[0].found() && columns[1].found() && columns[2].found();
}

class ReceiverRead {
 public:
  explicit ReceiverRead(TimedTable table) : table_(std::move(table)) {}

  Result<ReceiverRecording> run() {
    if (const Status found = find_columns(); !found) return found.error();
    while (true) {
      const auto more = table_.next();
      if (!more) return more.error();
      if (!*more) return std::move(recording_);
      if (!table_.has_time()) continue;
      if (const Status taken = take_row(); !taken) return taken.error();
    }
  }

 private:
  Status find_columns() {
    constexpr auto m = Dimension::length;
    auto place = find_all(table_, place_names, {Dimension::angle, Dimension::angle, m});
    if (!place) return place.error();
    geodetic_ = complete(*place);
    const auto local = geodetic_ ? place : find_all(table_, local_names, {m, m, m});
    if (!local) return local.error();
    if (!complete(*local)) {
      return table_.wrong("has no columns lat, lon, height, nor east, north, up of a receiver");
    }
    fix_ = *local;
    // Degrees where no unit says otherwise.
    for (std::size_t i = 0; geodetic_ && i < 2; ++i) {
      if (fix_[i].scale.dimension == Dimension::none) {
        fix_[i].scale.factor = fusion::navigation::radian_per_degree;
      }
    }
    const auto velocity =
        find_all(table_, velocity_names, {Dimension::none, Dimension::none, Dimension::none});
    if (!velocity) return velocity.error();
    velocity_ = *velocity;
    return {};
  }

  Status take_row() {
    if (complete(velocity_)) {
      const auto value = read_new(velocity_, velocity_before_);
      if (!value) return value.error();
      if (*value) recording_.velocities.push_back({table_.time_ns(), **value});
    }
    const auto value = read_new(fix_, fix_before_);
    if (!value) return value.error();
    if (!*value) return {};
    const auto local = to_local(**value);
    if (!local) return local.error();
    recording_.fixes.push_back({table_.time_ns(), *local});
    return {};
  }

  // Nothing where a cell is blank or all are as before.
  Result<std::optional<Vec3>> read_new(const Columns& columns, std::optional<Vec3>& before) {
    Vec3 v{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto read = table_.number(columns[i]);
      if (!read) return read.error();
      v[i] = *read;
    }
    const bool whole = fusion::navigation::within(v, 1e300);
    if (!whole || (before && *before == v)) return std::optional<Vec3>{};
    before = v;
    return std::optional<Vec3>{v};
  }

  Result<Vec3> to_local(const Vec3& fix) {
    if (!geodetic_) return fix;
    const Geodetic place{fix[0], fix[1], fix[2]};
    if (!is_place(place)) {
      return table_.wrong("row " + std::to_string(table_.rows()) +
                          ": lat, lon and height are no place on earth");
    }
    if (!frame_) frame_.emplace(place);
    return frame_->local(place);
  }

  TimedTable table_;
  Columns fix_;
  Columns velocity_;
  bool geodetic_ = false;
  std::optional<LocalFrame> frame_;
  std::optional<Vec3> fix_before_;
  std::optional<Vec3> velocity_before_;
  ReceiverRecording recording_;
};

}  // namespace

Result<ReceiverRecording> read_receiver(const std::string& path, double rate_hz) {
  auto table = TimedTable::open(path, rate_hz);
  if (!table) return table.error();
  return ReceiverRead(std::move(table).value()).run();
}

}  // namespace haltere::agent
