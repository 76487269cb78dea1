#include "bench/streams_synthetic.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::bench {

namespace {

constexpr std::size_t led_bits = 24;
constexpr std::size_t hyperplane_inputs = 10;

/// Segments of the digits 0..9.
constexpr std::array<std::array<int, 7>, 10> segments{{{1, 1, 1, 0, 1, 1, 1},
                                                       {0, 0, 1, 0, 0, 1, 0},
                                                       {1, 0, 1, 1, 1, 0, 1},
                                                       {1, 0, 1, 1, 0, 1, 1},
                                                       {0, 1, 1, 1, 0, 1, 0},
                                                       {1, 1, 0, 1, 0, 1, 1},
                                                       {1, 1, 0, 1, 1, 1, 1},
                                                       {1, 0, 1, 0, 0, 1, 0},
                                                       {1, 1, 1, 1, 1, 1, 1},
                                                       {1, 1, 1, 1, 0, 1, 1}}};

/// The attributes of Agrawal et al. in their table's order.
struct Person {
  double salary, commission, age, education, car, zip_code, house_value, house_years, loan;
};

bool is_between(double low, double value, double high) { return low <= value && value <= high; }

/// Index of the age groups below 40, below 60 and above.
std::size_t age_group(double age) {
  if (age < 40.0) return 0U;
  return age < 60.0 ? 1U : 2U;
}

/// Group A of functions 1 to 4 of the paper.
bool is_in_group_a(std::size_t function, const Person& person) {
  constexpr std::array<std::array<double, 2>, 3> levels{{{0.0, 1.0}, {1.0, 3.0}, {2.0, 4.0}}};
  const std::size_t group = age_group(person.age);
  const bool fits = is_between(levels[group][0], person.education, levels[group][1]);
  const auto earns_from = [&](const std::array<double, 3>& low) {
    return is_between(low[group], person.salary, low[group] + 50e3);
  };
  switch (function) {
    case 0: return group != 1;
    case 1: return earns_from({50e3, 75e3, 25e3});
    case 2: return fits;
    default: return fits ? earns_from({25e3, 50e3, 50e3}) : earns_from({50e3, 75e3, 25e3});
  }
}

}  // namespace

std::string_view to_string(StreamKind kind) {
  switch (kind) {
    case StreamKind::sea: return "sea";
    case StreamKind::agrawal: return "agrawal";
    case StreamKind::led: return "led";
    case StreamKind::hyperplane: return "hyperplane";
  }
  return "sea";
}

SyntheticStream::SyntheticStream(StreamKind kind, std::uint64_t seed)
    : kind_(kind), random_(seed) {}

std::size_t SyntheticStream::inputs() const {
  switch (kind_) {
    case StreamKind::sea: return 3;
    case StreamKind::agrawal: return 9;
    case StreamKind::led: return led_bits;
    case StreamKind::hyperplane: return hyperplane_inputs;
  }
  return 0;
}

std::size_t SyntheticStream::classes() const { return kind_ == StreamKind::led ? 10 : 2; }

std::size_t SyntheticStream::draw(std::size_t concept_index, std::span<float> row) {
  switch (kind_) {
    case StreamKind::sea: return draw_sea(concept_index, row);
    case StreamKind::agrawal: return draw_agrawal(concept_index, row);
    case StreamKind::led: return draw_led(concept_index, row);
    case StreamKind::hyperplane: return draw_hyperplane(concept_index, row);
  }
  return 0;
}

std::size_t SyntheticStream::draw_sea(std::size_t concept_index, std::span<float> row) {
  constexpr std::array<float, 4> thetas{8.0F, 9.0F, 7.0F, 9.5F};
  for (float& value : row) value = static_cast<float>(10.0 * uniform());
  const bool one = row[0] + row[1] <= thetas[concept_index];
  return one != (uniform() < 0.1) ? 1 : 0;
}

std::size_t SyntheticStream::draw_agrawal(std::size_t concept_index, std::span<float> row) {
  Person person{};
  person.salary = 20e3 + 130e3 * uniform();
  person.commission = person.salary >= 75e3 ? 0.0 : 10e3 + 65e3 * uniform();
  person.age = static_cast<double>(20 + random_.below(61));
  person.education = static_cast<double>(random_.below(5));
  person.car = static_cast<double>(1 + random_.below(20));
  person.zip_code = static_cast<double>(random_.below(9));
  person.house_value = (9.0 - person.zip_code) * 100e3 * (0.5 + uniform());
  person.house_years = static_cast<double>(1 + random_.below(30));
  person.loan = 500e3 * uniform();
  const std::array values{person.salary,      person.commission,  person.age,
                          person.education,   person.car,         person.zip_code,
                          person.house_value, person.house_years, person.loan};
  for (std::size_t i = 0; i < values.size(); ++i) row[i] = static_cast<float>(values[i]);
  return is_in_group_a(concept_index, person) ? 0 : 1;
}

std::size_t SyntheticStream::draw_led(std::size_t concept_index, std::span<float> row) {
  const std::size_t digit = random_.below(10);
  for (std::size_t i = 0; i < row.size(); ++i)
    row[i] = static_cast<float>(i < 7 ? segments[digit][i] : static_cast<int>(random_.below(2)));
  for (std::size_t i = 0; i < 7; ++i)
    if (uniform() < 0.1) row[i] = 1.0F - row[i];
  constexpr std::array<std::size_t, 4> exchanged{0, 3, 5, 7};
  for (std::size_t i = 0; i < exchanged[concept_index]; ++i) std::swap(row[i], row[7 + 2 * i]);
  return digit;
}

std::size_t SyntheticStream::draw_hyperplane(std::size_t concept_index, std::span<float> row) {
  double sum = 0.0;
  double weights = 0.0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double value = uniform();
    // Each concept turns the plane by giving the weights to other inputs.
    const double weight = (i + 3 * concept_index) % row.size() < 5 ? 0.9 : 0.1;
    row[i] = static_cast<float>(value);
    sum += weight * value;
    weights += weight;
  }
  const bool one = sum >= 0.5 * weights;
  return one != (uniform() < 0.05) ? 1 : 0;
}

}  // namespace haltere::bench
