// Power is cut before and within every flash operation of a model's life, and again within every
// operation of the start that follows: some model of ours always runs, and it is the old or the
// new one. HALTERE_THOROUGH=1 cuts every operation, otherwise a part of them.
#include <array>
#include <map>
#include <set>

#include "tests/environment.hpp"
#include "tests/mcu/firmware/nor_flash.hpp"
#include "tests/mcu/firmware/sealed.hpp"

namespace haltere::firmware {
namespace {

using Versions = std::set<std::uint32_t>;

// NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
// Pages as of AVR-like memory, STM32L0, SAM D21, nRF51, STM32G0, nRF52, STM32F4.
constexpr std::array<Geometry, 7> geometries{{{"64 x 32", 64, 32},
                                              {"128 x 16", 128, 16},
                                              {"256 x 9", 256, 9},
                                              {"1024 x 3", 1024, 3},
                                              {"2048 x 2", 2048, 2},
                                              {"4096 x 2", 4096, 2},
                                              {"16384 x 2", 16384, 2}}};

/// A model, and what it must answer.
struct Known {
  Bytes bundle;
  Bytes answer;
};

const Known& known(std::uint32_t version) {
  static const std::map<std::uint32_t, Known> all = [] {
    std::map<std::uint32_t, Known> models;
    for (std::uint32_t i = 1; i <= 4; ++i) {
      const Bytes bundle = bundle_of(i, {5, 6, 3});
      auto model = models::Int8Model::create(bundle).value();
      model.run(std::vector<float>(5, 0.25F));
      const auto outputs = model.outputs();
      models[i] = {bundle, Bytes(outputs.begin(), outputs.end())};
    }
    return models;
  }();
  return all.at(version);
}

/// Version of the model that runs and answers as it must; 0 when there is none.
std::uint32_t running_version(Device& device) {
  const auto hello = device.hello();
  if (hello.active_slot == link::no_slot || hello.model_version == 0) return 0;
  Bytes features(20);
  link::ByteWriter writer(features.data(), features.size());
  for (int i = 0; i < 5; ++i) writer.f32(0.25F);
  const auto frame = device.ask(MessageType::infer, features);
  link::InferReply reply;
  if (!frame || !decode(frame->payload, frame->payload_bytes, reply)) return 0;
  const Bytes& expected = known(hello.model_version).answer;
  const bool right = reply.output_count == expected.size() &&
                     std::equal(expected.begin(), expected.end(), reply.outputs);
  return right ? hello.model_version : 0;
}

struct Tally {
  std::uint64_t operations = 0;
  std::uint64_t cuts = 0;  ///< those during recovery included
  std::uint64_t without_model = 0;
  std::uint64_t third_model = 0;  ///< neither the old nor the new one runs
  std::uint64_t completed = 0;    ///< hand-overs begun anew after a cut
  std::uint64_t violations = 0;

  Tally& operator+=(const Tally& other) {
    operations += other.operations;
    cuts += other.cuts;
    without_model += other.without_model;
    third_model += other.third_model;
    completed += other.completed;
    violations += other.violations;
    return *this;
  }
};

/// The life of a few models on one kind of memory, cut everywhere.
class Life {
 public:
  explicit Life(const Geometry& geometry) : geometry_(geometry), flash_(geometry) {
    device_.emplace(flash_.storage());
    device_->install(known(1).bundle);
    flash_.stride = is_thorough() ? 1 : 7;
    flash_.on_cut = [this](const NorFlash::Content& content) { after_cut(content); };
  }

  /// Everything `act` does may be cut; then one of `allowed` must run.
  template <typename Act>
  void step(Versions allowed, Act act) {
    allowed_ = std::move(allowed);
    act(*device_);
    after_cut(flash_.content());
  }

  void restart() { device_.emplace(flash_.storage()); }

  Device& device() { return *device_; }

  Tally tally() {
    tally_.operations = flash_.operations;
    tally_.violations += static_cast<std::uint64_t>(flash_.violations);
    return tally_;
  }

 private:
  void after_cut(const NorFlash::Content& content) {
    NorFlash flash(geometry_, content);
    flash.on_cut = [this](const NorFlash::Content& again) {
      NorFlash twice(geometry_, again);
      judge(twice);
    };
    judge(flash);
    flash.on_cut = nullptr;
    if (tally_.cuts % 41 == 0) complete(flash);
  }

  void judge(NorFlash& flash) {
    ++tally_.cuts;
    Device device(flash.storage());
    const std::uint32_t version = running_version(device);
    if (version == 0) {
      ++tally_.without_model;
    } else if (!allowed_.contains(version)) {
      ++tally_.third_model;
    }
    tally_.violations += static_cast<std::uint64_t>(flash.violations);
  }

  // A board that comes back hands its newest model over again.
  void complete(NorFlash& flash) {
    Device device(flash.storage());
    device.install(known(*allowed_.rbegin()).bundle);
    if (running_version(device) == *allowed_.rbegin()) ++tally_.completed;
    tally_.violations += static_cast<std::uint64_t>(flash.violations);
    ++expected_completed_;
    EXPECT_EQ(tally_.completed, expected_completed_) << geometry_.name;
  }

  Geometry geometry_;
  NorFlash flash_;
  std::optional<Device> device_;
  Versions allowed_;
  Tally tally_;
  std::uint64_t expected_completed_ = 0;
};

Tally live(const Geometry& geometry) {
  Life life(geometry);
  const auto install = [](std::uint32_t version) {
    return [version](Device& device) { device.install(known(version).bundle); };
  };
  life.step({1, 2}, install(2));
  life.step({1, 2}, [](Device& device) {
    const std::uint64_t hash = Device::hash_of(known(2).bundle);
    device.reply_to<link::RollbackReply>(MessageType::rollback, link::HashRequest{hash});
  });
  // Over a model that was newer and is retired: it must never come back.
  life.step({1, 3}, install(3));
  // Not proven before the next start: the model before returns, whenever that comes.
  life.step({3}, [](Device& device) { device.activate(known(4).bundle); });
  EXPECT_EQ(life.device().hello().model_version, 4U) << "until then it runs";
  life.restart();
  EXPECT_EQ(life.device().hello().model_version, 3U);
  EXPECT_EQ(life.device().status().boot_fallbacks, 1U);
  // A transfer that another start continues.
  life.step({3}, [](Device& device) {
    const Bytes& bundle = known(4).bundle;
    device.reply_to<link::BeginReply>(
        MessageType::begin,
        link::BeginRequest{static_cast<std::uint32_t>(bundle.size()), Device::hash_of(bundle)});
    (void)device.ask(MessageType::data, link::DataRequest{0, bundle.data(), 300});
  });
  life.restart();
  life.step({3, 4}, install(4));
  life.restart();
  EXPECT_EQ(running_version(life.device()), 4U);
  return life.tally();
}

void print(const char* name, const Tally& tally) {
  std::printf("%-12s %12llu %12llu %22llu %18llu\n", name,
              static_cast<unsigned long long>(tally.operations),
              static_cast<unsigned long long>(tally.cuts),
              static_cast<unsigned long long>(tally.without_model),
              static_cast<unsigned long long>(tally.third_model));
}

TEST(PowerCut, NeverLeavesADeviceWithoutAValidModel) {
  std::printf("%-12s %12s %12s %22s %18s\n", "pages", "operations", "cuts tried",
              "without a valid model", "neither old nor new");
  Tally total;
  for (const Geometry& shape : geometries) {
    Tally sum;
    for (const int write_bytes : {1, 2, 4, 8}) {
      for (const int erased : {0xFF, 0x00}) {
        Geometry geometry = shape;
        geometry.write_bytes = static_cast<std::uint8_t>(write_bytes);
        geometry.erased = static_cast<std::uint8_t>(erased);
        SCOPED_TRACE(testing::Message() << shape.name << ", units of " << write_bytes
                                        << " bytes, erased to " << erased);
        sum += live(geometry);
      }
    }
    print(shape.name, sum);
    total += sum;
  }
  print("all", total);
  std::printf("power cuts tried: %llu; states without a valid model: %llu\n",
              static_cast<unsigned long long>(total.cuts),
              static_cast<unsigned long long>(total.without_model));
  EXPECT_GT(total.cuts, 10000U);
  EXPECT_EQ(total.without_model, 0U);
  EXPECT_EQ(total.third_model, 0U);
  EXPECT_EQ(total.violations, 0U) << "units written twice";
}

TEST(PowerCut, AThousandGoodUpdatesAreNeverReverted) {
  NorFlash flash(geometries[3]);
  std::optional<Device> device(flash.storage());
  int reverts = 0;
  for (std::uint32_t update = 0; update < 1000; ++update) {
    const std::uint32_t version = 1 + update % 4;
    device->install(known(version).bundle);
    device.emplace(flash.storage());
    if (running_version(*device) != version) ++reverts;
  }
  std::printf("good updates: 1000; reverted: %d\n", reverts);
  EXPECT_EQ(reverts, 0);
  EXPECT_EQ(flash.violations, 0);
}

/// An enrolled device, cut in every operation of its starts and of a new model.
class Secrets {
 public:
  explicit Secrets(const Geometry& geometry) : geometry_(geometry), flash_(geometry) {
    device_.emplace(flash_.storage());
    device_->button = true;
    EXPECT_TRUE(device_->ask(MessageType::enroll, enrolment()));
    start();
    device_->install(sealed(known(1).bundle, 1));
    flash_.stride = is_thorough() ? 1 : 29;
    flash_.on_cut = [this](const NorFlash::Content& content) { after_cut(content); };
  }

  void start() {
    device_.emplace(flash_.storage());
    answered_boots_ = device_->hello().boots;
    device_->join(key.data());
  }

  void install(std::uint32_t version, std::uint32_t counter) {
    newest_ = version;
    device_->install(sealed(known(version).bundle, counter));
    newest_ = oldest_ = version;
    floor_ = counter;
  }

  std::uint64_t cuts = 0;
  std::uint64_t bad = 0;
  [[nodiscard]] int violations() const { return flash_.violations; }

 private:
  void after_cut(const NorFlash::Content& content) {
    NorFlash flash(geometry_, content);
    flash.on_cut = [this](const NorFlash::Content& again) {
      NorFlash twice(geometry_, again);
      judge(twice);
    };
    judge(flash);
  }

  // It has its key, a model and numbers that never went back.
  void judge(NorFlash& flash) {
    ++cuts;
    Device device(flash.storage());
    const auto hello = device.hello();
    device.join(key.data(), 7);
    const bool has_key = device.ask(MessageType::status, Bytes()).has_value();
    const bool right = has_key && hello.boots > answered_boots_ && hello.model_counter >= floor_ &&
                       (hello.model_version == oldest_ || hello.model_version == newest_);
    if (!right) ++bad;
  }

  Geometry geometry_;
  NorFlash flash_;
  std::optional<Device> device_;
  std::uint32_t answered_boots_ = 0;
  std::uint32_t oldest_ = 1;
  std::uint32_t newest_ = 1;
  std::uint32_t floor_ = 1;
};

TEST(PowerCut, AnEnrolledDeviceKeepsItsKeyAndItsNumbers) {
  std::uint64_t cuts = 0;
  std::uint64_t bad = 0;
  for (const int write_bytes : {1, 2, 4, 8}) {
    for (const int erased : {0xFF, 0x00}) {
      Geometry geometry{"256 x 12",
                        256,
                        12,
                        static_cast<std::uint8_t>(write_bytes),
                        static_cast<std::uint8_t>(erased),
                        512};
      Secrets secrets(geometry);
      // More than a part of the vault holds: both are used.
      for (int i = 0; i < 60; ++i) secrets.start();
      secrets.install(2, 2);
      secrets.start();
      cuts += secrets.cuts;
      bad += secrets.bad;
      EXPECT_EQ(secrets.violations(), 0);
    }
  }
  std::printf("enrolled: power cuts tried: %llu; keys, models or numbers lost: %llu\n",
              static_cast<unsigned long long>(cuts), static_cast<unsigned long long>(bad));
  EXPECT_GT(cuts, 1000U);
  EXPECT_EQ(bad, 0U);
}

TEST(PowerCut, InferencesEndATrialAsWellAsProofs) {
  NorFlash flash(geometries[3]);
  std::optional<Device> device(flash.storage());
  device->install(known(1).bundle);
  device->activate(known(2).bundle);
  for (int i = 0; i < trial_inferences; ++i) {
    const auto error = device->error_of(MessageType::begin, link::BeginRequest{100, 7});
    EXPECT_EQ(error.code, ErrorCode::on_trial) << "the model to return to stays";
    EXPECT_EQ(error.detail, static_cast<std::uint32_t>(trial_inferences - i));
    EXPECT_EQ(running_version(*device), 2U);
  }
  device.emplace(flash.storage());
  EXPECT_EQ(running_version(*device), 2U);
}

TEST(PowerCut, AFirstModelStaysThoughItWasNotProven) {
  NorFlash flash(geometries[3]);
  std::optional<Device> device(flash.storage());
  device->activate(known(1).bundle);
  device.emplace(flash.storage());
  EXPECT_EQ(running_version(*device), 1U) << "there is none to return to";
}

}  // namespace
}  // namespace haltere::firmware
