#include "agent/pipeline/streams.hpp"

#include <algorithm>

namespace haltere::agent {
namespace {}  // namespace

StreamTable::Entry& StreamTable::entry(SourceIndex source, const std::string& name) {
  const auto known = std::ranges::find(entries_, name, &Entry::name);
  if (known != entries_.end()) return *known;
  return entries_.emplace_back(Entry{name, {.source = source, .channels = {}}});
}

void StreamTable::add(SourceIndex source, std::string_view id, const sensors::Layout& layout) {
  const std::string whole(id);
  for (std::size_t i = 0; i < layout.channels.size(); ++i) {
    const sensors::Channel& channel = layout.channels[i];
    const std::string quantity = whole + "." + std::string(to_string(channel.quantity));
    const std::string own = whole + "." + channel.name;
    entry(source, whole).stream.channels.push_back(i);
    entry(source, quantity).stream.channels.push_back(i);
    for (std::size_t dot = channel.name.find('.'); dot != std::string::npos;
         dot = channel.name.find('.', dot + 1)) {
      const std::string group = whole + "." + channel.name.substr(0, dot);
      entry(source, group).stream.channels.push_back(i);
      const std::string of_quantity = group + "." + std::string(to_string(channel.quantity));
      if (of_quantity != own) entry(source, of_quantity).stream.channels.push_back(i);
    }
    if (own != quantity) entry(source, own).stream.channels.push_back(i);
  }
}

std::optional<StreamRef> StreamTable::find(const fusion::StreamName& name,
                                           std::vector<config::Diagnostic>& diagnostics) const {
  const auto found = std::ranges::find(entries_, name.name, &Entry::name);
  if (found != entries_.end()) return found->stream;
  std::vector<std::string_view> names;
  for (const Entry& known : entries_) names.emplace_back(known.name);
  diagnostics.push_back({name.position, "'" + name.name + "' is not a stream" +
                                            config::suggestion(name.name, names)});
  return std::nullopt;
}

sensors::Layout select(const sensors::Layout& layout, const StreamRef& stream) {
  sensors::Layout selected{.channels = {}, .rate_hz = layout.rate_hz};
  for (const std::size_t channel : stream.channels) {
    selected.channels.push_back(layout.channels[channel]);
  }
  return selected;
}

}  // namespace haltere::agent
