#pragma once

#include <array>
#include <cstdint>

#include "mcu/link/seal.hpp"
#include "tests/mcu/firmware/device.hpp"

namespace haltere::firmware {

inline constexpr std::array<std::uint8_t, 16> key{9, 8, 7,  6,  5,  4,  3,  2,
                                                  1, 0, 11, 12, 13, 14, 15, 16};
inline constexpr std::array<std::uint8_t, 12> device_id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

inline void fix_crc(Bytes& bundle) {
  const std::uint32_t crc = link::crc32_iso_hdlc(0, bundle.data(), bundle.size() - 4);
  link::ByteWriter(bundle.data() + bundle.size() - 4, 4).u32(crc);
}

/// `bundle` as a board with the key would hand it over.
inline Bytes sealed(Bytes bundle, std::uint32_t counter,
                    const std::array<std::uint8_t, 16>& with_key = key,
                    const std::array<std::uint8_t, 12>& for_device = device_id,
                    link::Core target = link::Core::host) {
  link::BundleSeal seal;
  seal.target = static_cast<std::uint16_t>(target);
  std::ranges::copy(for_device, std::begin(seal.device));
  seal.counter = counter;
  link::seal_bundle(with_key.data(), seal, bundle.data(), bundle.size());
  fix_crc(bundle);
  return bundle;
}

inline Bytes payload_of(const auto& request) {
  Bytes payload(600);
  link::ByteWriter writer(payload.data(), payload.size());
  encode(request, writer);
  payload.resize(writer.size());
  return payload;
}

/// The request that gives a device `key` and `device_id`.
inline Bytes enrolment() {
  link::EnrollRequest enroll;
  std::ranges::copy(device_id, std::begin(enroll.device));
  std::ranges::copy(key, std::begin(enroll.key));
  return payload_of(enroll);
}

}  // namespace haltere::firmware
