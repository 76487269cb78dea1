// A device with a sensor of its own: what it decides by itself, streams, counts and says.
#include <cmath>

#include "mcu/firmware/debounce.hpp"
#include "mcu/firmware/wave.hpp"
#include "mcu/link/sensing.hpp"
#include "tests/fakes/wave_bundle.hpp"
#include "tests/mcu/firmware/device.hpp"
#include "tests/mcu/firmware/script.hpp"
#include "tests/mcu/firmware/sealed.hpp"

namespace haltere::firmware {
namespace {

struct Expected {
  std::vector<std::uint32_t> histogram = std::vector<std::uint32_t>(wave_activities + 1);
  std::vector<link::ChangeNotice> changes;
  std::uint32_t windows = 0;
};

/// What the firmware should count, by the test's own debouncing: 2 of the last 3.
Expected expected_of(const std::vector<fakes::WaveJudgement>& judgements) {
  Expected expected;
  std::vector<std::int16_t> verdicts;
  std::int16_t decision = -1;
  for (const auto& judgement : judgements) {
    const std::int16_t label = judgement.verdict.label;
    ++expected.windows;
    ++expected.histogram[label < 0 ? wave_activities : static_cast<std::size_t>(label)];
    verdicts.push_back(label);
    const auto from = verdicts.end() - std::min<std::ptrdiff_t>(3, std::ssize(verdicts));
    if (std::count(from, verdicts.end(), label) < 2 || label == decision) continue;
    expected.changes.push_back({label, decision, judgement.last, expected.windows, 1, 0.0F});
    decision = label;
  }
  return expected;
}

std::vector<std::uint32_t> numbers(const std::uint8_t* bytes, std::size_t count) {
  link::ByteReader reader(bytes, 4 * count);
  std::vector<std::uint32_t> values(count);
  for (auto& value : values) value = reader.u32();
  return values;
}

constexpr std::uint32_t all_samples = 8192;

TEST(Sensing, JudgesEveryWindowAsThisMachineWouldWithNobodyThere) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  const Bytes bundle = fakes::wave_bundle();
  device.install(bundle);
  EXPECT_EQ(script.rate_hz, 100.0F) << "as the model wants it";
  script.until = all_samples;
  EXPECT_TRUE(device.sense().empty()) << "nobody asked for reports";
  const auto judgements = fakes::judge_wave(bundle, all_samples);
  const Expected expected = expected_of(judgements);
  ASSERT_GT(expected.changes.size(), 3U);
  const auto statistics =
      device.reply_to<link::StatisticsReply>(MessageType::statistics, Device::Nothing{});
  EXPECT_EQ(statistics.samples, all_samples);
  EXPECT_EQ(statistics.lost_samples, 0U);
  EXPECT_EQ(statistics.windows, expected.windows);
  EXPECT_EQ(statistics.changes, expected.changes.size());
  EXPECT_EQ(statistics.decision, expected.changes.back().decision);
  EXPECT_EQ(statistics.since, expected.changes.back().sample);
  EXPECT_EQ(statistics.model_hash, Device::hash_of(bundle));
  ASSERT_EQ(statistics.counts, expected.histogram.size());
  EXPECT_EQ(numbers(statistics.histogram, statistics.counts), expected.histogram);
  double score = 0.0;
  for (const auto& judgement : judgements) score += (judgement.verdict.score + 128) / 256.0;
  EXPECT_NEAR(statistics.mean_score, score / expected.windows, 1e-4);
  EXPECT_EQ(device.status().inferences, expected.windows);
}

TEST(Sensing, KnowsHowItsInputsDrift) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  const Bytes bundle = fakes::wave_bundle();
  device.install(bundle);
  script.until = 1024;  // the first movement alone: far from the mean of all four
  (void)device.sense();
  const auto judgements = fakes::judge_wave(bundle, 1024);
  const auto view = models::open(bundle);
  ASSERT_TRUE(view);
  std::uint16_t input = 0;
  bool far = false;
  while (input < view->inputs) {
    const auto drift =
        device.reply_to<link::DriftReply>(MessageType::drift, link::DriftRequest{input});
    ASSERT_GT(drift.count, 0U);
    EXPECT_EQ(drift.windows, judgements.size());
    link::ByteReader reader(drift.values, 8 * drift.count);
    for (std::size_t i = 0; i < drift.count; ++i, ++input) {
      double sum = 0.0;
      double squares = 0.0;
      for (const auto& judgement : judgements) {
        const double z = static_cast<double>(view->input_scale) *
                         (judgement.inputs[input] - view->input_zero_point);
        sum += z;
        squares += z * z;
      }
      const double mean = sum / static_cast<double>(judgements.size());
      const double variance = squares / static_cast<double>(judgements.size()) - mean * mean;
      EXPECT_NEAR(reader.f32(), mean, 1e-4);
      EXPECT_NEAR(reader.f32(), std::sqrt(std::max(0.0, variance)), 2e-3);
      far = far || std::abs(mean) > 0.5;
    }
  }
  EXPECT_TRUE(far);
  EXPECT_EQ(device.reply_to<link::DriftReply>(MessageType::drift, link::DriftRequest{input}).count,
            0U);
}

TEST(Sensing, ReportsOnlyChangesAndOnlyWhenAsked) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  const Bytes bundle = fakes::wave_bundle();
  device.install(bundle);
  device.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{.report = true});
  script.until = all_samples;
  const auto notices = device.sense();
  const Expected expected = expected_of(fakes::judge_wave(bundle, all_samples));
  ASSERT_EQ(notices.size(), expected.changes.size());
  for (std::size_t i = 0; i < notices.size(); ++i) {
    link::ChangeNotice change;
    EXPECT_EQ(notices[i].sequence, i + 1);
    ASSERT_TRUE(decode(notices[i].payload, notices[i].payload_bytes, change));
    EXPECT_EQ(change.decision, expected.changes[i].decision);
    EXPECT_EQ(change.before, expected.changes[i].before);
    EXPECT_EQ(change.sample, expected.changes[i].sample);
    EXPECT_EQ(change.windows, expected.changes[i].windows);
  }
  (void)device.hello();
  script.until += all_samples;
  EXPECT_TRUE(device.sense().empty()) << "a hello ends it";
}

TEST(Sensing, RaisesTheWakeLineUntilTheBoardAsks) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  device.install(fakes::wave_bundle());
  script.until = all_samples;
  (void)device.sense();
  EXPECT_TRUE(device.wake_line);
  (void)device.hello();
  EXPECT_TRUE(device.wake_line) << "a hello does not look";
  const auto watch = device.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{});
  EXPECT_NE(watch.state & link::watch_wake_line, 0);
  EXPECT_FALSE(device.wake_line);
}

TEST(Sensing, CountsLostSamplesAndBeginsTheWindowAnew) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  device.install(fakes::wave_bundle());
  script.until = 60;
  (void)device.sense();
  script.next = 70;
  script.until = 70 + 63;
  (void)device.sense();
  const auto before =
      device.reply_to<link::StatisticsReply>(MessageType::statistics, Device::Nothing{});
  EXPECT_EQ(before.lost_samples, 10U);
  EXPECT_EQ(before.windows, 0U) << "no window spans the gap";
  ++script.until;
  (void)device.sense();
  EXPECT_EQ(
      device.reply_to<link::StatisticsReply>(MessageType::statistics, Device::Nothing{}).windows,
      1U);
}

std::vector<std::int16_t> streamed(const std::vector<link::Frame>& notices, std::uint32_t& next) {
  std::vector<std::int16_t> values;
  for (const link::Frame& notice : notices) {
    link::SamplesNotice samples;
    EXPECT_TRUE(decode(notice.payload, notice.payload_bytes, samples));
    EXPECT_EQ(samples.first, next);
    next = samples.first + static_cast<std::uint32_t>(samples.count);
    link::ByteReader reader(samples.values, 2 * samples.count * samples.channels);
    while (reader.remaining() > 0) values.push_back(static_cast<std::int16_t>(reader.u16()));
  }
  return values;
}

void expect_stream_of_1000(Device& device, Script& script) {
  const link::WatchRequest request{.samples = 1000, .rate_hz = 500.0F};
  const auto watch = device.reply_to<link::WatchReply>(MessageType::watch, request);
  EXPECT_EQ(watch.rate_hz, 500.0F);
  EXPECT_EQ(watch.next_sample, 0U);
  std::uint32_t next = 0;
  script.until = 1200;
  const auto values = streamed(device.sense(), next);
  ASSERT_EQ(values.size(), 6000U);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    std::array<std::int16_t, wave_channels> sample{};
    wave_sample(i, sample.data());
    ASSERT_TRUE(std::equal(sample.begin(), sample.end(), values.begin() + 6 * i)) << i;
  }
  EXPECT_EQ(script.rate_hz, 0.0F) << "nobody wants more";
}

TEST(Sensing, StreamsRawSamplesWithTheirNumbers) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  expect_stream_of_1000(device, script);
}

TEST(Sensing, ABoardThatAsksForAStreamThatRunsLosesNothingOfIt) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  const link::WatchRequest request{.samples = 1000, .rate_hz = 500.0F};
  device.reply_to<link::WatchReply>(MessageType::watch, request);
  script.until = 110;  // no whole number of frames
  std::uint32_t next = 0;
  EXPECT_EQ(streamed(device.sense(), next).size(), 600U);
  device.reply_to<link::WatchReply>(MessageType::watch, request);
  script.until = 2000;
  (void)streamed(device.sense(), next);
  EXPECT_EQ(next, 110U + 1000U) << "so many from when it was asked last, and those that waited";
}

TEST(Sensing, SealsItsStreamOnceEnrolled) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  device.button = true;
  device.ask(MessageType::enroll, enrolment());
  device.join(key.data());
  expect_stream_of_1000(device, script);
  device.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{.samples = 1});
  script.until = 1;
  device.part();
  const auto plain = device.sense();
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_NE(plain[0].flags & link::sealed_flag, 0) << "nobody else can read it";
}

TEST(Sensing, AStreamAtAnotherRateHoldsTheModelUpUntilItEnds) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor());
  device.install(fakes::wave_bundle());
  const link::WatchRequest request{.samples = 100, .rate_hz = 500.0F};
  EXPECT_EQ(device.reply_to<link::WatchReply>(MessageType::watch, request).blocked,
            link::Blocked::rate);
  script.until = 100;
  (void)device.sense();
  EXPECT_EQ(script.rate_hz, 100.0F);
  const auto watch = device.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{});
  EXPECT_EQ(watch.blocked, link::Blocked::none);
}

TEST(Sensing, SaysWhatItLacks) {
  MemoryFlash flash;
  Device blind(flash);
  EXPECT_EQ(blind.error_of(MessageType::watch, link::WatchRequest{.samples = 1}).code,
            ErrorCode::no_sensor);
  EXPECT_EQ(blind.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{}).blocked,
            link::Blocked::sensor);
  Script script;
  Device device(flash, script.sensor());
  const auto watch = [&device] {
    return device.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{});
  };
  EXPECT_EQ(watch().blocked, link::Blocked::model);
  const link::WatchRequest fast{.samples = 1, .rate_hz = 1001.0F};
  EXPECT_EQ(device.error_of(MessageType::watch, fast).detail, 1000U);
  device.install(fakes::wave_bundle({.channels = {"ax", "ay", "light"}}));
  EXPECT_EQ(watch().blocked, link::Blocked::channels);
  device.install(fakes::wave_bundle({.rate_hz = 2000.0F, .version = 2}));
  EXPECT_EQ(watch().blocked, link::Blocked::rate);
}

TEST(Sensing, NamesTheBytesThatAreMissing) {
  const Bytes bundle = fakes::wave_bundle();
  MemoryFlash small_flash;
  Script script;
  Device small(small_flash, script.sensor(), 1024);
  small.install(bundle);
  const auto watch = small.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{});
  ASSERT_EQ(watch.blocked, link::Blocked::ram);
  ASSERT_GT(watch.missing_bytes, 0U);
  EXPECT_EQ(small.status().infer_errors, 0U);
  const std::size_t enough = (1024 + watch.missing_bytes + 7) / 8 * 8;
  for (const std::size_t ram_bytes : {enough - 8, enough}) {
    MemoryFlash flash;
    Device device(flash, script.sensor(), ram_bytes);
    device.install(bundle);
    const auto fits = device.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{});
    EXPECT_EQ(fits.blocked, ram_bytes == enough ? link::Blocked::none : link::Blocked::ram);
    script.until = 128;
    (void)device.sense();
  }
}

TEST(Sensing, AnotherModelBeginsItsCountsAnewAndOneThatTakesTheRamForItsTestGivesItBack) {
  MemoryFlash flash;
  Script script;
  Device device(flash, script.sensor(), 4096);
  device.install(fakes::wave_bundle());
  script.until = 640;
  (void)device.sense();
  // Its self-test needs most of the arena.
  const Bytes large = bundle_of(2, {9, 2800, 4});
  device.transfer(large, Device::hash_of(large));
  device.reply_to<link::CommitReply>(MessageType::commit,
                                     link::HashRequest{Device::hash_of(large)});
  const auto statistics =
      device.reply_to<link::StatisticsReply>(MessageType::statistics, Device::Nothing{});
  EXPECT_EQ(statistics.windows, 0U);
  EXPECT_EQ(device.reply_to<link::WatchReply>(MessageType::watch, link::WatchRequest{}).blocked,
            link::Blocked::none);
  script.until += 640;
  (void)device.sense();
  EXPECT_GT(
      device.reply_to<link::StatisticsReply>(MessageType::statistics, Device::Nothing{}).windows,
      0U);
  EXPECT_EQ(device.hello().model_version, 1U);
}

TEST(Debounce, DecidesByTheLastVotes) {
  Debounce debounce;
  debounce.set(3, 4);
  EXPECT_EQ(debounce.decision(), -1);
  for (const int verdict : {1, 1}) EXPECT_FALSE(debounce.take(static_cast<std::int16_t>(verdict)));
  EXPECT_TRUE(debounce.take(1));
  for (const int verdict : {2, 1, 2, 1, 2}) {
    EXPECT_FALSE(debounce.take(static_cast<std::int16_t>(verdict))) << "never three of four";
  }
  EXPECT_TRUE(debounce.take(2));
  EXPECT_FALSE(debounce.take(-1));
  EXPECT_FALSE(debounce.take(-1));
  EXPECT_TRUE(debounce.take(-1)) << "unknown is a decision, too";
  debounce.clear();
  EXPECT_FALSE(debounce.take(2)) << "what was before does not count";
}

}  // namespace
}  // namespace haltere::firmware
