#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "agent/pipeline/graph.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// Files a run may leave behind; empty = not wanted. With several models each gets its own, `.ID`
/// being appended.
struct RunFileNames {
  std::string features;  ///< CSV: t (s), label, then one column per feature
  std::string weights;   ///< the final float parameters, raw float32, little-endian
  std::string bundle;    ///< the final model, quantized
};

/// Writes them. The same windows and the same model give the same bytes.
class RunFiles {
 public:
  /// Opens the feature files. Errors: io.
  [[nodiscard]] static Result<RunFiles> open(const RunFileNames& names, const Graph& graph);

  void on_window(const Graph& graph, const WindowEvent& event);

  /// Writes what is known at the end. Errors: io (also of earlier windows), invalid (a bundle of a
  /// model that has not learned anything).
  Status finish(const Graph& graph);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  [[nodiscard]] std::string name_for(const std::string& name, const ModelNode& model) const;
  Status finish_features();
  Status finish_model(const ModelNode& model);

  RunFileNames names_;
  bool several_ = false;
  std::vector<File> features_;  ///< per model
  std::string line_;
};

}  // namespace haltere::agent
