// Reads arbitrary bytes as a recording of motion and works out its orientation: no row is not a
// number.

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "agent/fuse/motion_table.hpp"
#include "agent/fuse/orientation_plot.hpp"

namespace {

using namespace haltere;

void run_all(const fusion::MotionRecording& recording) {
  for (const auto method : {agent::OrientationMethod::ours, agent::OrientationMethod::offline,
                            agent::OrientationMethod::madgwick}) {
    const agent::OrientationResult result =
        agent::run_orientation(recording, {.method = method, .settings = {}});
    if (result.rows.size() != recording.gyroscope.size()) std::abort();
    for (const fusion::ahrs::Output& row : result.rows) {
      const fusion::ahrs::Quat& q = row.orientation;
      const float squared = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
      if (!(std::abs(squared - 1.0F) < 1e-3F)) std::abort();
    }
    if (agent::orientation_csv(recording, result).empty()) std::abort();
    if (agent::orientation_svg(recording, result).empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("motion", MFD_CLOEXEC);
  const bool stored =
      ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == static_cast<ssize_t>(size);
  if (!stored) return 0;
  const auto table = agent::read_motion_table("/proc/self/fd/" + std::to_string(file), 100.0);
  if (table) run_all(table->recording);
  return 0;
}
