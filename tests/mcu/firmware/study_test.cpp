// A device that learns: its last layer, from the link and from its own sensor.
#include "mcu/firmware/study.hpp"

#include <cmath>

#include "mcu/firmware/wave.hpp"
#include "models/head_merge.hpp"
#include "tests/fakes/wave_bundle.hpp"
#include "tests/mcu/firmware/device.hpp"
#include "tests/mcu/firmware/script.hpp"

namespace haltere::firmware {
namespace {

/// Windows that the model's net cannot be right about: its classes are numbered anew.
struct Lesson {
  std::vector<std::vector<float>> rows;
  std::vector<std::uint16_t> labels;
};

constexpr std::size_t inputs = 12;
constexpr std::uint16_t classes = 4;

// Its last layer's sums stay within int8 here: where they are cut off, merging cannot say the same.
Bytes net() { return bundle_of(2, {inputs, 16, classes}); }

/// Clusters of rows, a class each.
Lesson lesson(std::size_t count) {
  std::mt19937 random(7);
  std::normal_distribution<float> noise(0.0F, 0.3F);
  Lesson lesson;
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint16_t>(i % classes);
    std::vector<float> row(inputs);
    for (std::size_t c = 0; c < inputs; ++c)
      row[c] = (c % classes == label ? 4.0F : -2.0F) + noise(random);
    lesson.rows.push_back(std::move(row));
    lesson.labels.push_back(label);
  }
  return lesson;
}

link::StudyReply teach(Device& device, std::uint32_t step, const std::vector<float>& row,
                       std::uint16_t label) {
  Bytes features(4 * row.size());
  link::ByteWriter writer(features.data(), features.size());
  for (const float value : row) writer.f32(value);
  return device.reply_to<link::StudyReply>(
      MessageType::teach, link::TeachRequest{step, label, features.data(), row.size()});
}

std::vector<float> pull(Device& device) {
  std::vector<float> delta;
  for (;;) {
    const link::PullRequest request{static_cast<std::uint16_t>(delta.size())};
    const auto reply = device.reply_to<link::PullReply>(MessageType::pull, request);
    link::ByteReader reader(reply.values, 4 * reply.count);
    for (std::size_t i = 0; i < reply.count; ++i) delta.push_back(reader.f32());
    if (reply.count == 0 || delta.size() >= reply.weights) return delta;
  }
}

double accuracy(const Bytes& bundle, const Lesson& lesson) {
  auto model = models::Int8Model::create(bundle).value();
  double hits = 0.0;
  for (std::size_t i = 0; i < lesson.rows.size(); ++i) {
    if (model.run(lesson.rows[i]).label == lesson.labels[i]) hits += 1.0;
  }
  return hits / static_cast<double>(lesson.rows.size());
}

TEST(Study, LearnsWhatItIsTaughtAndTheBoardMergesIt) {
  MemoryFlash flash;
  Device device(flash);
  const Bytes bundle = net();
  device.install(bundle);
  auto state =
      device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  EXPECT_EQ(state.weights, 17 * classes);
  const Lesson lessons = lesson(400);
  for (std::size_t i = 0; i < lessons.rows.size(); ++i) {
    state = teach(device, state.steps, lessons.rows[i], lessons.labels[i]);
  }
  EXPECT_EQ(state.steps, 400U);
  EXPECT_LT(state.kept_error, 0.15F);
  EXPECT_GT(state.kept_step, 0U);
  const auto delta = pull(device);
  ASSERT_EQ(delta.size(), state.weights);
  const auto merged = models::merge_head(models::decode(bundle).value(), delta);
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged->provenance.version, 3U);
  EXPECT_EQ(merged->provenance.parent, Device::hash_of(bundle));
  const double before = accuracy(bundle, lessons);
  const double after = accuracy(models::encode(*merged).value(), lessons);
  std::printf("accuracy %.3f before, %.3f as merged\n", before, after);
  EXPECT_LT(before, 0.8);
  EXPECT_GT(after, 0.95);
  EXPECT_EQ(device.hello().model_hash, Device::hash_of(bundle)) << "the bundle itself stays";
}

TEST(Study, ARepeatedRequestTeachesOnce) {
  MemoryFlash flash;
  Device device(flash);
  device.install(net());
  device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  const Lesson lessons = lesson(2);
  EXPECT_EQ(teach(device, 0, lessons.rows[0], 0).steps, 1U);
  const float error = teach(device, 0, lessons.rows[0], 0).error;
  EXPECT_EQ(teach(device, 0, lessons.rows[1], 1).steps, 1U);
  EXPECT_EQ(teach(device, 0, lessons.rows[1], 1).error, error);
  EXPECT_EQ(teach(device, 1, lessons.rows[1], 1).steps, 2U);
  const auto again =
      device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  EXPECT_EQ(again.steps, 2U) << "to begin again forgets nothing";
}

TEST(Study, ReturnsToItsBestWhenItGetsWorse) {
  MemoryFlash flash;
  Device device(flash);
  device.install(net());
  auto state =
      device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  const Lesson lessons = lesson(400);
  for (std::size_t i = 0; i < lessons.rows.size(); ++i) {
    state = teach(device, state.steps, lessons.rows[i], lessons.labels[i]);
  }
  const auto best = pull(device);
  const std::uint32_t kept = state.kept_step;
  for (std::size_t i = 0; i < 40 && state.returns == 0; ++i) {
    const auto wrong = static_cast<std::uint16_t>((lessons.labels[i] + 1 + i / 4 % 3) % classes);
    state = teach(device, state.steps, lessons.rows[i], wrong);
  }
  EXPECT_EQ(state.returns, 1U);
  EXPECT_EQ(state.kept_step, kept);
  EXPECT_EQ(pull(device), best);
}

TEST(Study, RefusesWhatItCannotDo) {
  MemoryFlash flash;
  Device device(flash);
  const link::StudyRequest begin{true, 0.0F};
  EXPECT_EQ(device.error_of(MessageType::study, begin).code, ErrorCode::no_model);
  device.install(net());
  EXPECT_EQ(device.error_of(MessageType::pull, link::PullRequest{0}).code, ErrorCode::not_learning);
  EXPECT_EQ(device.error_of(MessageType::teach, link::TeachRequest{}).code,
            ErrorCode::not_learning);
  EXPECT_EQ(
      device.error_of(MessageType::bench, link::BenchRequest{1, link::BenchSubject::study}).code,
      ErrorCode::not_learning);
  EXPECT_EQ(device.error_of(MessageType::study, link::StudyRequest{true, 11.0F}).code,
            ErrorCode::out_of_range);
  EXPECT_EQ(device.error_of(MessageType::study, link::StudyRequest{true, -1.0F}).code,
            ErrorCode::out_of_range);
  EXPECT_EQ(device.error_of(MessageType::label, link::LabelRequest{classes, 9}).detail, classes);
  device.reply_to<link::StudyReply>(MessageType::study, begin);
  EXPECT_EQ(device.error_of(MessageType::teach, link::TeachRequest{}).detail, inputs);
  const Bytes features(4 * inputs);
  EXPECT_EQ(
      device.error_of(MessageType::teach, link::TeachRequest{0, classes, features.data(), inputs})
          .code,
      ErrorCode::out_of_range);
  device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{false, 0.0F});
  EXPECT_EQ(device.error_of(MessageType::pull, link::PullRequest{0}).code, ErrorCode::not_learning);
}

TEST(Study, NamesTheRamThatItNeedsAndTakesNoMore) {
  const Bytes bundle = net();
  MemoryFlash small_flash;
  Device small(small_flash, 256);
  small.install(bundle);
  const auto refused = small.error_of(MessageType::study, link::StudyRequest{true, 0.0F});
  ASSERT_EQ(refused.code, ErrorCode::too_big);
  const std::size_t enough = (refused.detail + 7) / 8 * 8;
  MemoryFlash flash;
  Device device(flash, enough);
  device.install(bundle);
  const auto state =
      device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  EXPECT_TRUE(state.on);
  EXPECT_EQ(state.ram_bytes, (4U * (2 * 17 * classes + 16 + classes) + 7) / 8 * 8);
  (void)teach(device, 0, std::vector<float>(inputs, 1.0F), 0);
  MemoryFlash less_flash;
  Device less(less_flash, enough - 8);
  less.install(bundle);
  EXPECT_EQ(less.error_of(MessageType::study, link::StudyRequest{true, 0.0F}).code,
            ErrorCode::too_big);
}

TEST(Study, AnotherModelEndsIt) {
  MemoryFlash flash;
  Device device(flash);
  device.install(net());
  device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  device.install(bundle_of(3, {inputs, 16, classes}));
  EXPECT_EQ(device.error_of(MessageType::pull, link::PullRequest{0}).code, ErrorCode::not_learning);
}

/// Windows that were judged as `label`.
std::uint32_t judged_as(Device& device, std::size_t label) {
  const auto statistics =
      device.reply_to<link::StatisticsReply>(MessageType::statistics, Device::Nothing{});
  link::ByteReader reader(statistics.histogram, 4U * statistics.counts);
  reader.skip(4 * label);
  return reader.u32();
}

TEST(Study, LearnsFromItsOwnSensorWhatTheBoardCallsIt) {
  MemoryFlash flash;
  Script waves;
  Device device(flash, waves.sensor());
  const Bytes bundle = fakes::wave_bundle();
  device.install(bundle);
  // The first movement is of a class that the model does not see in it.
  const auto judgements = fakes::judge_wave(bundle, 1024);
  const auto label = static_cast<std::int16_t>((judgements.front().verdict.label + 1) % 4);
  device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  device.reply_to<link::StudyReply>(MessageType::label, link::LabelRequest{label, 512});
  waves.until = 512;
  (void)device.sense();
  const auto taught =
      device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  EXPECT_EQ(taught.steps, (512U - 64) / 32 + 1);
  const std::uint32_t before = judged_as(device, static_cast<std::size_t>(label));
  waves.until = 1024;
  (void)device.sense();
  EXPECT_EQ(judged_as(device, static_cast<std::size_t>(label)) - before, 16U) << "all after that";
  EXPECT_EQ(
      device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F}).steps,
      taught.steps)
      << "the label's time is over";
}

TEST(Study, TheButtonTeachesTheLastClassWithNobodyThere) {
  MemoryFlash flash;
  Script waves;
  Device device(flash, waves.sensor());
  device.install(fakes::wave_bundle());
  device.label_button = true;
  waves.until = 1024;
  (void)device.sense();
  device.label_button = false;
  const auto state =
      device.reply_to<link::StudyReply>(MessageType::study, link::StudyRequest{true, 0.0F});
  EXPECT_EQ(state.steps, (1024U - 64) / 32 + 1);
  EXPECT_GT(judged_as(device, wave_activities - 1), state.steps / 2);
}

}  // namespace
}  // namespace haltere::firmware
