#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/random.hpp"

namespace haltere::bench {

/// Streams on which drift detectors are commonly compared, made from the definitions in the papers.
enum class StreamKind : std::uint8_t {
  /// Street and Kim, KDD 2001: x in [0, 10]^3, class 1 if x0 + x1 <= theta, theta by concept 8, 9,
  /// 7, 9.5; 10 % of the labels turned.
  sea,
  /// Agrawal, Imielinski, Swami, IEEE TKDE 1993: nine attributes of a person, ten functions.
  agrawal,
  /// Breiman et al., CART, 1984: seven segments of a digit, each turned with 10 %; with 17
  /// irrelevant bits, of which drift exchanges some for segments (as in MOA).
  led,
  /// Hulten, Spencer, Domingos, KDD 2001: x in [0, 1]^10, class 1 if sum w x >= sum w / 2; drift
  /// turns the hyperplane; 5 % of the labels turned.
  hyperplane,
};

inline constexpr std::array all_streams{StreamKind::sea, StreamKind::agrawal, StreamKind::led,
                                        StreamKind::hyperplane};

[[nodiscard]] std::string_view to_string(StreamKind kind);

/// Endless rows of a stream under one concept or, while drift is gradual, under one of two.
class SyntheticStream {
 public:
  SyntheticStream(StreamKind kind, std::uint64_t seed);

  [[nodiscard]] std::size_t inputs() const;
  [[nodiscard]] std::size_t classes() const;

  /// Draws a row of `concept_index` (0..3) into `row` [inputs]; returns its class.
  std::size_t draw(std::size_t concept_index, std::span<float> row);

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(random_.next()) * 0x1p-32; }

 private:
  std::size_t draw_sea(std::size_t concept_index, std::span<float> row);
  std::size_t draw_agrawal(std::size_t concept_index, std::span<float> row);
  std::size_t draw_led(std::size_t concept_index, std::span<float> row);
  std::size_t draw_hyperplane(std::size_t concept_index, std::span<float> row);

  StreamKind kind_;
  models::Random random_;
};

}  // namespace haltere::bench
