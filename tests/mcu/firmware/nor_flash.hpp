#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "mcu/firmware/storage.hpp"

namespace haltere::firmware {

struct Geometry {
  const char* name = "";
  std::uint32_t page_bytes = 1024;
  std::uint32_t slot_pages = 4;
  std::uint8_t write_bytes = 4;
  std::uint8_t erased = 0xFF;
  std::uint32_t vault_bytes = 0;

  [[nodiscard]] std::uint32_t slot_bytes() const { return page_bytes * slot_pages; }
};

/// NOR flash that can show what a power cut would leave of it: before and in the middle of every
/// erasure, and of every write of a unit. Counts what such memory forbids.
class NorFlash {
 public:
  /// Content as it would be after a cut. 16-aligned as malloc gives it.
  using Content = std::vector<std::uint64_t>;

  explicit NorFlash(const Geometry& geometry)
      : NorFlash(geometry, Content((2 * geometry.slot_bytes() + geometry.vault_bytes) / 8,
                                   geometry.erased == 0 ? 0 : ~0ULL)) {}
  NorFlash(const Geometry& geometry, Content content)
      : geometry_(geometry), content_(std::move(content)) {}

  Storage storage() {
    Storage storage;
    storage.base = bytes();
    storage.slot_bytes = geometry_.slot_bytes();
    storage.page_bytes = geometry_.page_bytes;
    storage.vault_bytes = geometry_.vault_bytes;
    storage.write_bytes = geometry_.write_bytes;
    storage.erased = geometry_.erased;
    storage.context = this;
    storage.erase_page = [](void* context, std::uint32_t offset) {
      return static_cast<NorFlash*>(context)->erase(offset);
    };
    storage.write = [](void* context, std::uint32_t offset, const std::uint8_t* from,
                       std::uint32_t count) {
      return static_cast<NorFlash*>(context)->write(offset, from, count);
    };
    return storage;
  }

  [[nodiscard]] const Content& content() const { return content_; }

  /// Called with everything a cut in the next operation may leave: nothing of it done (first), then
  /// torn in several ways.
  std::function<void(const Content& after_cut)> on_cut;

  std::uint64_t operations = 0;
  int violations = 0;  ///< a unit written twice between erasures, or odd offsets
  /// Only every so many-th operation is cut.
  std::uint64_t stride = 1;

 private:
  std::uint8_t* bytes() { return bytes_of(content_); }
  static std::uint8_t* bytes_of(Content& content) {
    return static_cast<std::uint8_t*>(static_cast<void*>(content.data()));
  }

  bool erase(std::uint32_t offset) {
    if (offset % geometry_.page_bytes != 0) ++violations;
    const std::vector<std::uint8_t> blank(geometry_.page_bytes, geometry_.erased);
    change(offset, blank);
    return true;
  }

  bool write(std::uint32_t offset, const std::uint8_t* from, std::uint32_t count) {
    const std::uint32_t unit = geometry_.write_bytes;
    if (offset % unit != 0 || count % unit != 0) ++violations;
    for (std::uint32_t at = 0; at < count; at += unit) {
      std::uint8_t* place = bytes() + offset + at;
      if (!std::all_of(place, place + unit, [this](auto b) { return b == geometry_.erased; })) {
        ++violations;
      }
      change(offset + at, {from + at, from + at + unit});
    }
    return true;
  }

  void change(std::uint32_t offset, const std::vector<std::uint8_t>& target) {
    if (on_cut && operations % stride == 0) show_cuts(offset, target);
    ++operations;
    std::ranges::copy(target, bytes() + offset);
  }

  void show_cuts(std::uint32_t offset, const std::vector<std::uint8_t>& target) {
    on_cut(content_);
    Content torn = content_;
    std::uint8_t* place = bytes_of(torn) + offset;
    const std::vector<std::uint8_t> old(place, place + target.size());
    // The part before or the part behind some byte is done: the middle, and in an erasure each of
    // the first 64 bytes' eights.
    for (std::size_t at = target.size() / 2; at > 0; at = at > 64 ? 64 : at - std::min(at, step)) {
      const auto split = static_cast<std::ptrdiff_t>(at);
      std::ranges::copy(old, place);
      std::copy(target.begin(), target.begin() + split, place);
      on_cut(torn);
      std::copy(old.begin(), old.begin() + split, place);
      std::copy(target.begin() + split, target.end(), place + split);
      on_cut(torn);
    }
    // Each bit is as before or as after.
    for (std::size_t i = 0; i < target.size(); ++i) {
      const auto done = static_cast<std::uint8_t>(random_());
      place[i] = static_cast<std::uint8_t>((old[i] & ~done) | (target[i] & done));
    }
    on_cut(torn);
  }

  static constexpr std::size_t step = 8;

  Geometry geometry_;
  Content content_;
  std::mt19937 random_{20261122};
};

}  // namespace haltere::firmware
