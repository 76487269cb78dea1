// The C file of a model is compiled, run, and must give the bundle's bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "models/interop/c_source.hpp"
#include "models/interop/float_chain.hpp"
#include "models/kernels/bundle_view.hpp"
#include "tests/agent/scratch_folder.hpp"
#include "tests/read_file.hpp"

namespace haltere::models::interop {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr const char* driver = R"(#include <stdio.h>
#include "model.c"
int main(void) {
  int8_t x[HALTERE_MODEL_INPUTS];
  int8_t y[HALTERE_MODEL_OUTPUTS];
  while (fread(x, 1, sizeof x, stdin) == sizeof x) {
    haltere_model_run(x, y);
    fwrite(y, 1, sizeof y, stdout);
  }
  return 0;
}
)";

void write(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Bytes run_layers(const Bytes& bundle, const Bytes& input) {
  const auto model = Int8Model::create(bundle);
  EXPECT_TRUE(model.ok());
  const kernels::BundleView& view = model->view();
  std::vector<std::int8_t> scratch(kernels::required_ram_bytes(view));
  std::vector<std::int8_t> y(view.outputs);
  Bytes output;
  for (std::size_t at = 0; at + view.inputs <= input.size(); at += view.inputs) {
    std::copy_n(input.begin() + static_cast<std::ptrdiff_t>(at), view.inputs,
                kernels::bundle_inputs(view, scratch.data()));
    kernels::run_layers(view, scratch.data(), y.data());
    output.insert(output.end(), y.begin(), y.end());
  }
  return output;
}

/// Compiles the C file of `bundle` without warnings and feeds it 500 random rows.
void expect_same_bytes(const Bytes& bundle) {
  const auto source = export_c(bundle);
  ASSERT_TRUE(source.ok()) << source.error().message;
  const agent::ScratchFolder scratch;
  const std::string folder = scratch.path();
  const std::string text(driver);
  write(folder + "/model.c", *source);
  write(folder + "/main.c", Bytes(text.begin(), text.end()));
  std::mt19937 random(7);
  Bytes input(std::size_t{500} * Int8Model::create(bundle)->view().inputs);
  for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random());
  write(folder + "/in.bin", input);
  const std::string compile =
      "cc -std=c99 -O1 -Wall -Wextra -Werror -pedantic -o " + folder + "/run " + folder + "/main.c";
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): our own command, in one thread
  ASSERT_EQ(std::system(compile.c_str()), 0);
  const std::string run = folder + "/run < " + folder + "/in.bin > " + folder + "/out.bin";
  // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): likewise
  ASSERT_EQ(std::system(run.c_str()), 0);
  EXPECT_EQ(read_bytes(folder + "/out.bin"), run_layers(bundle, input));
}

class CSource : public testing::TestWithParam<const char*> {};

TEST_P(CSource, CompilesWithoutWarningsAndGivesTheSameBytes) {
  const auto bundle = import_tflite(
      read_bytes(std::string("tests/fuzz/corpus/tflite_fuzz/") + GetParam()), {"net", {}});
  ASSERT_TRUE(bundle.ok());
  expect_same_bytes(*bundle);
}

TEST(CSourceOfInt4, GivesTheSameBytes) {
  expect_same_bytes(read_bytes("tests/fuzz/corpus/bundle_fuzz/int4.hb"));
}

INSTANTIATE_TEST_SUITE_P(Files, CSource,
                         testing::Values("syn_odd_7_5_3.tflite", "syn_tanh_18_10_4.tflite",
                                         "syn_fio_16_24_3.tflite", "syn_pc_33_17_9_2.tflite"));

}  // namespace
}  // namespace haltere::models::interop
