#include "models/kernels/lookup_s8.hpp"

#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {

void lookup_s8(const int8_t* table, int8_t* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = load_i8(table + (values[i] + 128));
}

}  // namespace kernels
}  // namespace haltere
