#include "agent/pipeline/run_files.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace haltere::agent {
namespace {

static_assert(std::endian::native == std::endian::little, "weights are written as they lie");

constexpr double s_per_ns = 1e-9;

Error cannot_write(const std::string& name) {
  return {ErrorKind::io, "cannot write " + name + ": " + std::generic_category().message(errno)};
}

// The shortest text that reads back as the same number: no information lost, no locale.
template <typename Number>
void append_number(std::string& line, Number number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  line.append(text.data(), end.ptr);
}

std::string header_of(const Graph& graph, const ModelNode& model) {
  std::string header = "t,label";
  for (const sensors::Channel& feature :
       graph.spec().filters[model.spec().filter].output.channels) {
    header += "," + feature.name;
  }
  return header + "\n";
}

std::string label_of(const ModelNode& model, int label) {
  return label < 0 ? std::string()
                   : model.model().settings().labels[static_cast<std::size_t>(label)];
}

Status write_plain(const std::string& name, const void* bytes, std::size_t size) {
  std::FILE* file = std::fopen(name.c_str(), "wbe");
  if (file == nullptr) return cannot_write(name);
  const bool written = std::fwrite(bytes, 1, size, file) == size;
  if (std::fclose(file) != 0 || !written) return cannot_write(name);
  return {};
}

}  // namespace

std::string RunFiles::name_for(const std::string& name, const ModelNode& model) const {
  return several_ ? name + "." + model.spec().id : name;
}

Result<RunFiles> RunFiles::open(const RunFileNames& names, const Graph& graph) {
  RunFiles files;
  files.names_ = names;
  files.several_ = graph.models().size() > 1;
  if (names.features.empty()) return files;
  for (const ModelNode& model : graph.models()) {
    const std::string name = files.name_for(names.features, model);
    File& file = files.features_.emplace_back(std::fopen(name.c_str(), "we"));
    if (file == nullptr) return cannot_write(name);
    const std::string header = header_of(graph, model);
    std::fwrite(header.data(), 1, header.size(), file.get());
  }
  return files;
}

void RunFiles::on_window(const Graph& graph, const WindowEvent& event) {
  if (features_.empty()) return;
  line_.clear();
  append_number(line_, static_cast<double>(event.time_ns) * s_per_ns);
  line_ += "," + label_of(graph.models()[event.model], event.label);
  for (const float feature : event.features) {
    line_ += ',';
    append_number(line_, feature);
  }
  line_ += '\n';
  std::fwrite(line_.data(), 1, line_.size(), features_[event.model].get());
}

Status RunFiles::finish_features() {
  for (File& file : features_) {
    const bool failed = std::ferror(file.get()) != 0 || std::fflush(file.get()) != 0;
    if (failed) return cannot_write(names_.features);
  }
  features_.clear();
  return {};
}

Status RunFiles::finish_model(const ModelNode& model) {
  if (!names_.weights.empty()) {
    const std::span<const float> weights = model.model().network().parameters();
    Status written =
        write_plain(name_for(names_.weights, model), weights.data(), weights.size_bytes());
    if (!written) return written;
  }
  if (names_.bundle.empty()) return {};
  const auto bundle = model.make_bundle();
  if (!bundle) {
    return Error{bundle.error().kind,
                 "no bundle of model '" + model.spec().id + "': " + bundle.error().message};
  }
  return write_plain(name_for(names_.bundle, model), bundle->data(), bundle->size());
}

Status RunFiles::finish(const Graph& graph) {
  if (Status finished = finish_features(); !finished) return finished;
  for (const ModelNode& model : graph.models()) {
    if (Status finished = finish_model(model); !finished) return finished;
  }
  return {};
}

}  // namespace haltere::agent
