#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace haltere::models {

/// Memory that begins at a cache line. A vector register that is filled from two lines costs twice,
/// and where large arrays begin otherwise (16 bytes into a page) half of all loads and stores do.
template <typename Value>
struct LineAllocator {
  using value_type = Value;
  static constexpr std::align_val_t line{64};

  LineAllocator() = default;
  template <typename Other>
  explicit LineAllocator(const LineAllocator<Other>& /*other*/) {}

  Value* allocate(std::size_t count) {
    return static_cast<Value*>(::operator new(count * sizeof(Value), line));
  }
  void deallocate(Value* values, std::size_t /*count*/) { ::operator delete(values, line); }
  bool operator==(const LineAllocator&) const = default;
};

/// What the float loops work on.
using Floats = std::vector<float, LineAllocator<float>>;

}  // namespace haltere::models
