#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {

bool all_zero(const uint8_t* bytes, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (load_u8(bytes + i) != 0) return false;
  }
  return true;
}

}  // namespace kernels
}  // namespace haltere
