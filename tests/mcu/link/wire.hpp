#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mcu/link/bytes.hpp"

namespace haltere::link {

using Bytes = std::vector<std::uint8_t>;

template <typename Message>
Bytes bytes_of(const Message& message) {
  Bytes bytes(512);
  ByteWriter writer(bytes.data(), bytes.size());
  encode(message, writer);
  EXPECT_FALSE(writer.overflow());
  bytes.resize(writer.size());
  return bytes;
}

/// Encodes `message` as `size` bytes, decodes them, and sees every shorter length refused, and a
/// longer one unless it `may_be_longer`. What the result points into lives until the next call.
template <typename Message>
Message through_the_wire(const Message& message, std::size_t size, bool may_be_longer = false) {
  static Bytes bytes;
  bytes = bytes_of(message);
  EXPECT_EQ(bytes.size(), size);
  Message other;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(decode(bytes.data(), cut, other)) << cut << " of " << bytes.size() << " bytes";
  Message decoded;
  EXPECT_TRUE(decode(bytes.data(), bytes.size(), decoded));
  EXPECT_EQ(bytes_of(decoded), bytes);
  Bytes longer = bytes;
  longer.push_back(1);
  EXPECT_EQ(decode(longer.data(), longer.size(), other), may_be_longer);
  return decoded;
}

}  // namespace haltere::link
