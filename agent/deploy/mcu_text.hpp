#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mcu/link/messages.hpp"
#include "mcu/link/sensing.hpp"

namespace haltere::agent {

/// "Cortex-M4F".
[[nodiscard]] std::string_view to_string(link::Core core);
/// "power", "software" ...
[[nodiscard]] std::string_view to_string(link::ResetReason reason);
/// What the microcontroller means by an error, for a person.
[[nodiscard]] std::string describe(const link::ErrorReply& error);
/// "1.2.3" of `packed` = major << 16 | minor << 8 | patch.
[[nodiscard]] std::string format_version(std::uint32_t packed);
/// 16 hexadecimal digits.
[[nodiscard]] std::string format_hash(std::uint64_t hash);
/// "ax".
[[nodiscard]] std::string channel_name(const link::SensorChannelText& channel);
/// Why it does not infer by itself, for a person; empty when it does.
[[nodiscard]] std::string why_blocked(const link::WatchReply& watch);

}  // namespace haltere::agent
