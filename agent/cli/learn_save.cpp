#include "agent/cli/learn_save.hpp"

#include <string>

#include "config/text.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {
namespace {

bool is_alike(const models::Bundle& a, const models::Bundle& b) {
  return a.task == b.task && a.recipe == b.recipe && a.labels == b.labels;
}

}  // namespace

std::uint32_t next_version(const std::filesystem::path& state, std::string_view id) {
  const Result<StoredModel> newest = Registry(state).newest(id);
  return newest ? newest->version + 1 : 1;
}

Result<StoredModel> keep_learned(const std::filesystem::path& state,
                                 std::span<const std::uint8_t> bundle) {
  const Registry registry(state);
  const Result<models::Bundle> model = models::decode(bundle);
  if (!model) return model.error();
  const std::string& id = model->provenance.model_id;
  const Result<StoredModel> newest = registry.newest(id);
  const auto bytes = newest ? registry.load(id, newest->version)
                            : Result<std::vector<std::uint8_t>>(newest.error());
  // A damaged predecessor is no reason to refuse a sound model.
  const Result<models::Bundle> before = bytes ? models::decode(*bytes) : bytes.error();
  if (before && !is_alike(*before, *model))
    return Error{ErrorKind::invalid, "there is another model " + config::in_quotes(id) +
                                         " with other inputs, labels or another task; name this "
                                         "one with --id, or write it with -o FILE.hb"};
  Result<StoredModel> stored = registry.store(bundle);
  if (!stored) return stored;
  const Status pruned = registry.prune(id, kept_versions);
  return pruned ? std::move(stored) : pruned.error();
}

}  // namespace haltere::agent
