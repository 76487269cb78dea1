#pragma once

#include <nlohmann/json.hpp>

// Compiled once, in json.cpp: each source that uses JSON would take seconds more to compile its
// own.
extern template class nlohmann::basic_json<>;
extern template class nlohmann::basic_json<nlohmann::ordered_map>;
