#pragma once

#include <span>
#include <string>

#include "config/settings.hpp"

namespace haltere::config {

/// Settings of `component` for a terminal: one block per setting with what it may be, its default
/// and what it means.
[[nodiscard]] std::string terminal_reference(const Component& component);

/// One line per component, by kind, for a terminal.
[[nodiscard]] std::string terminal_list(std::span<const Component> components);

/// The whole reference page in Markdown.
[[nodiscard]] std::string markdown_reference(std::span<const Component> components);

/// JSON Schema (draft 7) of a configuration, by which editors complete and check it as one types.
[[nodiscard]] std::string json_schema(std::span<const Component> components);

}  // namespace haltere::config
