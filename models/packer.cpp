#include "models/packer.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "models/bundle.hpp"
#include "models/byte_writer.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/bytes.hpp"
#include "models/kernels/crc32.hpp"
#include "models/kernels/lookup_s8.hpp"
#include "models/kernels/packed_groups.hpp"

namespace haltere::models {
namespace {

namespace at = kernels::bundle_layout;
namespace groups = kernels::packed_groups;
using kernels::DenseS8;
using kernels::WeightPacking;

constexpr std::int64_t most_sum = std::int64_t{1} << 23U;

/// A row as the kernels want it: the shift to the right, and never a multiplier that has no effect.
struct Row {
  std::int32_t layer_bias = 0;
  std::int32_t multiplier = 0;
  std::int32_t shift = 1;
};

/// Rows and columns that are not there are zero.
class Layer {
 public:
  explicit Layer(const DenseS8& dense) : dense_(dense) {}

  [[nodiscard]] const DenseS8& dense() const { return dense_; }

  [[nodiscard]] std::int32_t weight(std::size_t row, std::size_t column) const {
    if (row >= dense_.outputs || column >= dense_.inputs) return 0;
    return dense_.weights[row * dense_.inputs + column];
  }

  [[nodiscard]] Row row(std::size_t index) const {
    if (index >= dense_.outputs) return {};
    const Row row{.layer_bias = kernels::load_i32(dense_.layer_bias + 4 * index),
                  .multiplier = kernels::load_i32(dense_.multipliers + 4 * index),
                  .shift = -dense_.shifts[index]};
    // Below half a step whatever the sum is.
    if (row.multiplier == 0 || row.shift > 23) return {.layer_bias = row.layer_bias};
    return row;
  }

  /// Sum of the weights of every second column from `first` on.
  [[nodiscard]] std::int32_t sum_of_every_second(std::size_t row, std::size_t first) const {
    std::int32_t sum = 0;
    for (std::size_t i = first; i < dense_.inputs; i += 2) sum += weight(row, i);
    return sum;
  }

 private:
  DenseS8 dense_;
};

bool is_row_packable(const Layer& layer, std::size_t index) {
  std::int64_t weights = 0;
  for (std::size_t i = 0; i < layer.dense().inputs; ++i)
    weights += std::abs(layer.weight(index, i));
  const Row row = layer.row(index);
  return 128 * weights + std::abs(std::int64_t{row.layer_bias}) < most_sum && row.shift >= 1 &&
         row.shift <= static_cast<std::int32_t>(groups::max_shift);
}

bool is_packable(const Layer& layer) {
  for (std::size_t row = 0; row < layer.dense().outputs; ++row)
    if (!is_row_packable(layer, row)) return false;
  return true;
}

// Everything below wraps at 2^32, as the kernels' sums do.
std::uint32_t wrap(std::int64_t value) { return static_cast<std::uint32_t>(value); }

using Starts = std::array<std::uint32_t, groups::rows>;

Starts dual_starts(const Layer& layer, std::size_t first) {
  Starts starts{};
  for (std::size_t r = 0; r < groups::rows; ++r) {
    const std::int64_t odd = layer.sum_of_every_second(first + r, 1);
    const std::int64_t even = layer.sum_of_every_second(first + r, 0);
    starts[r] = wrap(256 * (layer.row(first + r).layer_bias - 128 * odd) - even);
  }
  return starts;
}

Starts pairs_starts(const Layer& layer, std::size_t first) {
  const std::int64_t raised =
      std::int64_t{0x8000} * groups::columns / 2 * groups::steps(layer.dense().inputs);
  const auto layer_bias = [&](std::size_t r) -> std::int64_t {
    return layer.row(first + r).layer_bias;
  };
  return {wrap(layer_bias(0) - raised + 65536 * layer_bias(2)), wrap(layer_bias(2)),
          wrap(layer_bias(1) - raised + 65536 * layer_bias(3)), wrap(layer_bias(3))};
}

Starts columns_starts(const Layer& layer, std::size_t first) {
  Starts starts{};
  for (std::size_t r = groups::rows; r-- > 0;) {
    const std::int64_t weights =
        layer.sum_of_every_second(first + r, 0) + layer.sum_of_every_second(first + r, 1);
    starts[r] = wrap(layer.row(first + r).layer_bias - 128 * weights);
    if (r + 1 < groups::rows) starts[r] += starts[r + 1] << 8U;
  }
  return starts;
}

Starts bytes_starts(const Layer& layer, std::size_t first) {
  Starts starts{};
  for (std::size_t r = 0; r < groups::rows; ++r) starts[r] = wrap(layer.row(first + r).layer_bias);
  return starts;
}

Starts starts_of(const Layer& layer, std::size_t first, WeightPacking packing) {
  switch (packing) {
    case WeightPacking::plain:
    case WeightPacking::nibbles: break;
    case WeightPacking::dual: return dual_starts(layer, first);
    case WeightPacking::pairs: return pairs_starts(layer, first);
    case WeightPacking::columns: return columns_starts(layer, first);
    case WeightPacking::bytes: return bytes_starts(layer, first);
  }
  return {};
}

/// Four weights of one row.
std::uint32_t dual_word(const Layer& layer, std::size_t row, std::size_t column) {
  const auto half = [&](std::size_t i) {
    return wrap(256 * layer.weight(row, i + 1) - layer.weight(row, i)) & 0xffffU;
  };
  return half(column) | half(column + 2) << 16U;
}

/// One weight of four rows, `raised` added to each.
std::uint32_t column_word(const Layer& layer, std::size_t first, std::size_t column,
                          std::int32_t raised) {
  std::uint32_t word = 0;
  for (unsigned r = 0; r < groups::rows; ++r)
    word |= (wrap(layer.weight(first + r, column) + raised) & 0xffU) << 8 * r;
  return word;
}

void write_weights(const Layer& layer, std::size_t first, WeightPacking packing, ByteWriter& out) {
  const std::int32_t raised = packing == WeightPacking::bytes ? 0 : 128;
  const std::size_t columns = std::size_t{groups::columns} * groups::steps(layer.dense().inputs);
  for (std::size_t column = 0; column < columns; column += groups::columns)
    for (std::size_t i = 0; i < groups::rows; ++i)
      out.u32(packing == WeightPacking::dual ? dual_word(layer, first + i, column)
                                             : column_word(layer, first, column + i, raised));
}

void write_row(const Layer& layer, std::size_t index, WeightPacking packing, ByteWriter& out) {
  const Row row = layer.row(index);
  const std::int32_t zero_point =
      layer.dense().output_zero_point + (packing == WeightPacking::columns ? 128 : 0);
  out.i32(row.multiplier);
  out.i32((std::int32_t{1} << (row.shift - 1)) + zero_point * (std::int32_t{1} << row.shift));
  out.i32(row.shift);
}

void write_groups(const Layer& layer, WeightPacking packing, ByteWriter& out) {
  for (std::size_t first = 0; first < layer.dense().outputs; first += groups::rows) {
    for (const std::uint32_t start : starts_of(layer, first, packing)) out.u32(start);
    write_weights(layer, first, packing, out);
    for (std::size_t r = 0; r < groups::rows; ++r) write_row(layer, first + r, packing, out);
  }
}

/// Whether the layer at `bytes` was packed; otherwise it is copied.
bool write_layer(const std::uint8_t* bytes, WeightPacking packing, ByteWriter& out) {
  const kernels::LayerView view = kernels::read_layer(bytes);
  const Layer layer(view.dense);
  if (view.dense.packing != WeightPacking::plain || !is_packable(layer)) {
    out.raw({bytes, view.next});
    return false;
  }
  std::array<std::uint8_t, at::layer_header_bytes> header{};
  std::copy_n(bytes, header.size(), header.begin());
  header[at::layer_packing] = static_cast<std::uint8_t>(packing);
  out.raw(header);
  write_groups(layer, packing, out);
  if (view.table != nullptr)
    out.raw({reinterpret_cast<const std::uint8_t*>(view.table), kernels::lookup_table_bytes});
  return true;
}

void finish(std::vector<std::uint8_t>& bytes, WeightPacking packing) {
  bytes[at::packing_class] = static_cast<std::uint8_t>(packing);
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(bytes.data() + at::total_length, &size, sizeof size);
  const std::size_t end = bytes.size() - at::crc_bytes;
  const std::uint32_t crc = kernels::crc32(bytes.data(), end);
  std::memcpy(bytes.data() + end, &crc, sizeof crc);
}

}  // namespace

Result<std::vector<std::uint8_t>> pack(std::span<const std::uint8_t> bundle,
                                       WeightPacking packing) {
  // The reader wants its bytes aligned; a vector's are.
  std::vector<std::uint8_t> plain(bundle.begin(), bundle.end());
  const auto view = open(plain);
  if (!view) return view.error();
  if (view->packing != WeightPacking::plain)
    return Error{ErrorKind::invalid, "its weights are packed already"};
  if (packing == WeightPacking::plain) return plain;
  ByteWriter out;
  out.raw({plain.data(), view->layers});
  const std::uint8_t* layer = view->layers;
  bool any = false;
  for (int i = 0; i < view->layer_count; ++i) {
    any = write_layer(layer, packing, out) || any;
    layer = kernels::read_layer(layer).next;
  }
  if (!any) return plain;
  out.raw({layer, plain.data() + plain.size()});
  finish(out.bytes(), packing);
  return std::move(out.bytes());
}

}  // namespace haltere::models
