#include "agent/deploy/registry.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <tuple>

#include "agent/store/atomic_file.hpp"
#include "mcu/link/checksum.hpp"
#include "models/bundle.hpp"
#include "models/packer.hpp"

namespace haltere::agent {
namespace {

namespace fs = std::filesystem;

/// The id came with the bundle, perhaps from elsewhere: it must not lead out of the registry.
bool names_a_folder(std::string_view id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

/// 7 for "7.hb"; 0 for anything else.
std::uint32_t version_of(const fs::path& path) {
  if (path.extension() != ".hb") return 0;
  const std::string stem = path.stem().string();
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), version);
  const bool whole = error == std::errc{} && end == stem.data() + stem.size();
  return whole && std::to_string(version) == stem ? version : 0;
}

std::uint64_t identity_of(const std::vector<std::uint8_t>& bundle) {
  return link::fnv1a_64(link::fnv1a_start, bundle.data(), bundle.size());
}

/// Names in `folder`; none when it does not exist.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code code;
  for (auto it = fs::directory_iterator(folder, code); !code && it != fs::directory_iterator{};
       it.increment(code))
    found.push_back(it->path());
  std::ranges::sort(found);
  return found;
}

}  // namespace

Result<StoredModel> Registry::store(std::span<const std::uint8_t> bytes) const {
  const auto bundle = models::decode(bytes);
  if (!bundle) return bundle.error();
  const models::Provenance& provenance = bundle->provenance;
  if (!names_a_folder(provenance.model_id))
    return Error{ErrorKind::invalid, "the model's id '" + provenance.model_id +
                                         "' may only have letters, digits, _ and -"};
  StoredModel stored{
      .id = provenance.model_id,
      .version = provenance.version,
      .size = bytes.size(),
      .path = root_ / provenance.model_id / (std::to_string(provenance.version) + ".hb")};
  if (auto written = write_file_atomically(stored.path, bytes); !written) return written.error();
  return stored;
}

std::vector<StoredModel> Registry::list(std::string_view id) const {
  std::vector<StoredModel> models;
  if (!names_a_folder(id)) return models;
  for (const fs::path& path : entries(root_ / id)) {
    const std::uint32_t version = version_of(path);
    std::error_code code;
    const std::uintmax_t size = fs::file_size(path, code);
    if (version == 0 || code) continue;
    models.push_back({std::string(id), version, size, path});
  }
  std::ranges::sort(models, {}, &StoredModel::version);
  return models;
}

std::vector<StoredModel> Registry::list() const {
  std::vector<StoredModel> models;
  for (const fs::path& folder : entries(root_)) {
    auto versions = list(folder.filename().string());
    std::ranges::move(versions, std::back_inserter(models));
  }
  return models;
}

Result<StoredModel> Registry::newest(std::string_view id) const {
  auto versions = list(id);
  if (versions.empty())
    return Error{ErrorKind::not_found, "no model '" + std::string(id) + "' in " + root_.string()};
  return std::move(versions.back());
}

Result<std::vector<std::uint8_t>> Registry::load(std::string_view id, std::uint32_t version) const {
  const auto versions = list(id);
  const auto found = std::ranges::find(versions, version, &StoredModel::version);
  if (found == versions.end())
    return Error{ErrorKind::not_found, "no version " + std::to_string(version) + " of model '" +
                                           std::string(id) + "' in " + root_.string()};
  auto bytes = read_whole_file(found->path, max_bundle_bytes);
  if (!bytes) return bytes;
  if (const auto opened = models::open(*bytes); !opened)
    return Error{opened.error().kind, found->path.string() + " is " + opened.error().message};
  return bytes;
}

std::optional<RecognisedModel> Registry::recognise(std::uint64_t hash,
                                                   kernels::WeightPacking packing) const {
  for (const StoredModel& stored : list()) {
    const auto bytes = load(stored.id, stored.version);
    if (!bytes) continue;
    const std::uint64_t identity = identity_of(*bytes);
    if (identity == hash) return RecognisedModel{stored, identity};
    if (packing == kernels::WeightPacking::plain) continue;
    const auto packed = models::pack(*bytes, packing);
    if (packed && identity_of(*packed) == hash) return RecognisedModel{stored, identity};
  }
  return std::nullopt;
}

Status Registry::prune(std::string_view id, std::size_t keep) const {
  const auto versions = list(id);
  for (std::size_t i = 0; i + keep < versions.size(); ++i) {
    std::error_code code;
    fs::remove(versions[i].path, code);
    if (code)
      return Error{ErrorKind::io,
                   "cannot delete " + versions[i].path.string() + ": " + code.message()};
  }
  return {};
}

}  // namespace haltere::agent
