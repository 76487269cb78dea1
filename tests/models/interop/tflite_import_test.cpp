// Imported .tflite models against what TensorFlow Lite Micro answered, byte for byte, and damaged
// ones.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "models/interop/float_chain.hpp"
#include "models/interop/raw_model.hpp"
#include "tests/environment.hpp"
#include "tests/read_file.hpp"

namespace haltere::models::interop {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::filesystem::path data_folder() { return recordings_folder() / "tflite"; }

Bytes run_all(const Bytes& bundle, const Bytes& input) {
  auto model = RawModel::create(bundle);
  EXPECT_TRUE(model.ok());
  Bytes output;
  for (std::size_t at = 0; at < input.size(); at += model->input_bytes())
    model->run(std::span(input).subspan(at, model->input_bytes()), output);
  return output;
}

TEST(TfliteImport, GivesTheBytesOfTfliteMicro) {
  if (!std::filesystem::exists(data_folder())) GTEST_SKIP() << "no " << data_folder();
  std::size_t models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data_folder())) {
    if (entry.path().extension() != ".tflite") continue;
    SCOPED_TRACE(entry.path().filename().string());
    auto stem = entry.path();
    stem.replace_extension();
    const auto bundle = import_tflite(read_bytes(entry.path()), {"model", {}});
    ASSERT_TRUE(bundle.ok()) << bundle.error().message;
    EXPECT_EQ(run_all(*bundle, read_bytes(stem.string() + ".in.bin")),
              read_bytes(stem.string() + ".tflm.bin"));
    ++models;
  }
  EXPECT_GE(models, 13U);
}

class Sample : public testing::TestWithParam<const char*> {
 protected:
  static Bytes file() {
    return read_bytes(std::filesystem::path("tests/fuzz/corpus/tflite_fuzz") / GetParam());
  }
};

TEST_P(Sample, IsImported) {
  const auto bundle = import_tflite(file(), {"sample", {}});
  ASSERT_TRUE(bundle.ok()) << bundle.error().message;
  EXPECT_TRUE(Int8Model::create(*bundle).ok());
}

TEST_P(Sample, IsRefusedWhenCutOff) {
  const Bytes whole = file();
  ASSERT_FALSE(whole.empty());
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto bundle = import_tflite(part, {"sample", {}});
    if (bundle) {
      ++accepted;  // only what no table points at may be missing
      EXPECT_EQ(*bundle, *import_tflite(whole, {"sample", {}}));
    }
  }
  EXPECT_LE(accepted, 16U);
}

TEST_P(Sample, NeverMakesABundleThatDoesNotOpenWhenABitFlips) {
  Bytes bytes = file();
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 7) {  // every place in a byte, in turn
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << bit % 8));
    const auto bundle = import_tflite(bytes, {"sample", {}});
    if (bundle) {
      EXPECT_TRUE(RawModel::create(*bundle).ok()) << "bit " << bit;
    } else {
      EXPECT_FALSE(bundle.error().message.empty());
      ++refused;
    }
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << bit % 8));
  }
  EXPECT_GT(refused, 100U);
}

// Every offset that may lead to a vector of one 64-bit number is led to a copy at the file's end,
// whose number lies four bytes off its alignment, as no writer puts it.
TEST_P(Sample, ReadsWideNumbersOffTheirAlignment) {
  const Bytes whole = file();
  const auto expected = import_tflite(whole, {"sample", {}});
  std::size_t same = 0;
  for (std::size_t at = 0; at + 4 <= whole.size(); at += 4) {
    std::uint32_t offset = 0;
    std::memcpy(&offset, &whole[at], 4);
    const std::size_t target = at + offset;
    if (offset == 0 || target % 8 != 4 || target + 12 > whole.size()) continue;
    if (Bytes(whole.begin() + static_cast<std::ptrdiff_t>(target),
              whole.begin() + static_cast<std::ptrdiff_t>(target + 4)) != Bytes{1, 0, 0, 0})
      continue;
    Bytes moved = whole;
    moved.resize((whole.size() + 7) / 8 * 8);
    offset = static_cast<std::uint32_t>(moved.size() - at);
    std::memcpy(&moved[at], &offset, 4);
    moved.insert(moved.end(), whole.begin() + static_cast<std::ptrdiff_t>(target),
                 whole.begin() + static_cast<std::ptrdiff_t>(target + 12));
    const auto bundle = import_tflite(moved, {"sample", {}});
    if (bundle && *bundle == *expected) ++same;
  }
  EXPECT_GE(same, 2U);
}

INSTANTIATE_TEST_SUITE_P(Files, Sample,
                         testing::Values("syn_odd_7_5_3.tflite", "syn_tanh_18_10_4.tflite",
                                         "syn_fio_16_24_3.tflite", "syn_pc_33_17_9_2.tflite"));

TEST(TfliteImport, NamesOutputsAsAsked) {
  const Bytes file = read_bytes("tests/fuzz/corpus/tflite_fuzz/syn_odd_7_5_3.tflite");
  const auto bundle = import_tflite(file, {"named", {"a", "b", "c"}});
  ASSERT_TRUE(bundle.ok());
  const auto decoded = decode(*bundle);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->labels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(decoded->task, kernels::Task::classify);
  EXPECT_EQ(decoded->provenance.model_id, "named");
  EXPECT_FALSE(import_tflite(file, {"named", {"a", "b"}}).ok());
}

}  // namespace
}  // namespace haltere::models::interop
