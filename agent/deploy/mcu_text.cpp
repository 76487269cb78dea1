#include "agent/deploy/mcu_text.hpp"

#include <array>
#include <cstdio>

#include "config/units.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {
namespace {

std::string bytes_text(std::uint32_t bytes) {
  return config::format_quantity(bytes, config::Dimension::bytes);
}

}  // namespace

std::string_view to_string(link::Core core) {
  switch (core) {
    case link::Core::host: return "host";
    case link::Core::cortex_m0: return "Cortex-M0";
    case link::Core::cortex_m0plus: return "Cortex-M0+";
    case link::Core::cortex_m3: return "Cortex-M3";
    case link::Core::cortex_m4: return "Cortex-M4";
    case link::Core::cortex_m4f: return "Cortex-M4F";
    case link::Core::cortex_m7: return "Cortex-M7";
    case link::Core::cortex_m33: return "Cortex-M33";
    case link::Core::rv32im: return "RV32IM";
    case link::Core::rv32imc: return "RV32IMC";
    case link::Core::avr: return "AVR";
  }
  return "unknown core";
}

std::string_view to_string(link::ResetReason reason) {
  switch (reason) {
    case link::ResetReason::unknown: return "unknown";
    case link::ResetReason::power: return "power";
    case link::ResetReason::pin: return "pin";
    case link::ResetReason::software: return "software";
    case link::ResetReason::watchdog: return "watchdog";
    case link::ResetReason::fault: return "fault";
  }
  return "unknown";
}

std::string describe(const link::ErrorReply& error) {
  switch (error.code) {
    case link::ErrorCode::none: break;
    case link::ErrorCode::malformed: return "it does not understand the request";
    case link::ErrorCode::unsupported: return "its firmware does not know this request";
    case link::ErrorCode::too_big: return "too big: " + bytes_text(error.detail) + " are needed";
    case link::ErrorCode::storage: return "writing its storage failed";
    case link::ErrorCode::no_transfer: return "it knows of no transfer";
    case link::ErrorCode::out_of_range:
      return "out of range, the limit is " + std::to_string(error.detail);
    case link::ErrorCode::incomplete: return "the transfer is not complete";
    case link::ErrorCode::hash_mismatch: return "the bundle arrived damaged";
    case link::ErrorCode::bad_bundle:
      return "not a valid bundle: " +
             std::string(models::to_string(static_cast<kernels::BundleError>(error.detail)));
    case link::ErrorCode::self_test:
      return "the model's self-test gave other outputs there; the model before stays active";
    case link::ErrorCode::not_committed: return "there is no checked model to activate";
    case link::ErrorCode::no_model: return "it has no such model";
    case link::ErrorCode::wrong_count:
      return "wrong number of values, its model takes " + std::to_string(error.detail);
    case link::ErrorCode::on_trial:
      return "its model is still on trial for " + std::to_string(error.detail) + " inferences";
    case link::ErrorCode::not_authentic:
      return "it obeys only the board that enrolled it, and runs only models sealed for it";
    case link::ErrorCode::outdated:
      return "the model is older than one that ran there (number " + std::to_string(error.detail) +
             ")";
    case link::ErrorCode::closed:
      return "nobody allows it to be enrolled: press its button meanwhile";
    case link::ErrorCode::not_learning: return "it does not learn; `mcu study` lets it begin";
    case link::ErrorCode::no_sensor: return "it has no sensor of its own";
  }
  return "unknown error " + std::to_string(static_cast<int>(error.code));
}

std::string format_version(std::uint32_t packed) {
  return std::to_string(packed >> 16) + "." + std::to_string((packed >> 8) & 0xFF) + "." +
         std::to_string(packed & 0xFF);
}

std::string format_hash(std::uint64_t hash) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

std::string channel_name(const link::SensorChannelText& channel) {
  std::string name(std::begin(channel.name), std::end(channel.name));
  return name.substr(0, name.find('\0'));
}

std::string why_blocked(const link::WatchReply& watch) {
  const auto bytes_text = [](std::uint32_t bytes) {
    return config::format_quantity(bytes, config::Dimension::bytes);
  };
  switch (watch.blocked) {
    case link::Blocked::none: return {};
    case link::Blocked::sensor: return "it has no sensor of its own";
    case link::Blocked::model: return "it has no model that takes windows";
    case link::Blocked::channels: return "its model wants a channel that its sensor has not";
    case link::Blocked::rate: return "its sensor does not sample at its model's rate";
    case link::Blocked::ram:
      return "windows need " + bytes_text(watch.ram_bytes) + " of RAM beside the model (" +
             bytes_text(watch.missing_bytes) + " missing)";
  }
  return "it says why by a code that is not known here";
}

}  // namespace haltere::agent
