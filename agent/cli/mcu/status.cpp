#include "agent/cli/mcu/status.hpp"

#include <iostream>

#include "agent/deploy/hex.hpp"
#include "agent/deploy/mcu_text.hpp"
#include "config/units.hpp"

namespace haltere::agent {
namespace {

using nlohmann::ordered_json;

std::string bytes_text(double bytes) {
  return config::format_quantity(bytes, config::Dimension::bytes);
}

ordered_json counters_json(const link::StatusReply& status) {
  return {{"inferences", status.inferences},
          {"infer_errors", status.infer_errors},
          {"frames", status.frames},
          {"crc_errors", status.crc_errors},
          {"cobs_errors", status.cobs_errors},
          {"oversize_frames", status.oversize_frames},
          {"short_frames", status.short_frames},
          {"overruns", status.overruns},
          {"refused_requests", status.refused_requests},
          {"commits", status.commits},
          {"refused_bundles", status.refused_bundles},
          {"switches", status.switches},
          {"rollbacks", status.rollbacks},
          {"boot_fallbacks", status.boot_fallbacks}};
}

/// Both slots' models; hash 0: there is none.
struct ModelsThere {
  ModelThere active;
  ModelThere previous;
};

ordered_json info_json(const McuInfo& info, const ModelsThere& models) {
  ordered_json active;
  if (info.active_slot != link::no_slot) {
    active = {{"slot", info.active_slot},
              {"version", info.model_version},
              {"hash", format_hash(info.model_hash)},
              {"source", source_json(models.active)}};
  }
  const bool has_previous = info.previous_hash != 0;
  const bool enrolled = (info.state & link::state_enrolled) != 0;
  return {{"core", to_string(info.core)},
          {"firmware_version", format_version(info.firmware_version)},
          {"bundle_format", info.bundle_format},
          {"ram_bytes", info.ram_bytes},
          {"slot_bytes", info.slot_bytes},
          {"max_frame_bytes", info.max_content_bytes},
          {"window_frames", info.window_frames},
          {"boots", info.boots},
          {"reset_reason", to_string(info.reset_reason)},
          {"device", enrolled ? ordered_json(to_hex(info.device)) : ordered_json()},
          {"on_trial", (info.state & link::state_on_trial) != 0},
          {"model", active},
          {"previous_hash",
           has_previous ? ordered_json(format_hash(info.previous_hash)) : ordered_json()},
          {"previous_source", source_json(models.previous)}};
}

void print_models(const McuInfo& info, const ModelsThere& models) {
  if (info.active_slot == link::no_slot) {
    std::cout << "model       none\n";
    return;
  }
  std::cout << "model       version " << info.model_version << " (" << to_text(models.active)
            << ") in slot " << int{info.active_slot}
            << ((info.state & link::state_on_trial) != 0 ? ", on trial" : "") << "\nprevious    "
            << (info.previous_hash == 0
                    ? "none to roll back to; a push takes the older slot from its start on"
                    : to_text(models.previous))
            << '\n';
}

void print_status(const McuInfo& info, const ModelsThere& models, const link::StatusReply& status) {
  std::cout << "core        " << to_string(info.core) << "\nfirmware    "
            << format_version(info.firmware_version) << ", started " << info.boots
            << " times, last by " << to_string(info.reset_reason) << "\nfree        "
            << bytes_text(info.ram_bytes) << " of RAM, " << bytes_text(info.slot_bytes)
            << " of flash per model\n";
  const bool enrolled = (info.state & link::state_enrolled) != 0;
  std::cout << "enrolled    " << (enrolled ? "as " + to_hex(info.device) : "no") << '\n';
  print_models(info, models);
  const ordered_json counters = counters_json(status);
  for (const auto& [name, count] : counters.items()) {
    if (count == 0) continue;
    const std::string gap(name.size() < 12 ? 12 - name.size() : 1, ' ');
    std::cout << name << gap << count << '\n';
  }
}

}  // namespace

ModelThere model_there(std::uint64_t hash, const McuInfo& info, const Registry& registry) {
  if (hash == 0) return {};
  return {hash, registry.recognise(hash, packing_for(info))};
}

std::string to_text(const ModelThere& model) {
  std::string text = format_hash(model.hash);
  if (!model.source) return text;
  const bool as_stored = model.source->identity == model.hash;
  text += as_stored ? ", " : ", packed from ";
  text += model.source->stored.id + " version " + std::to_string(model.source->stored.version);
  return as_stored ? text : text + ", " + format_hash(model.source->identity);
}

ordered_json source_json(const ModelThere& model) {
  if (!model.source) return nullptr;
  return {{"id", model.source->stored.id},
          {"version", model.source->stored.version},
          {"identity", format_hash(model.source->identity)}};
}

Status show_mcu_status(McuLink& link, const Registry& registry, bool json) {
  auto status = link.status();
  if (!status) return status.error();
  const McuInfo& info = link.info();
  const ModelsThere models{.active = model_there(info.model_hash, info, registry),
                           .previous = model_there(info.previous_hash, info, registry)};
  if (!json) {
    print_status(info, models, *status);
    return {};
  }
  ordered_json report = info_json(info, models);
  report["counters"] = counters_json(*status);
  std::cout << report.dump(2) << '\n';
  return {};
}

}  // namespace haltere::agent
