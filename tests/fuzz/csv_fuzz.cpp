// Reads arbitrary bytes as a CSV file: header, records, numbers.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "sensors/csv.hpp"

namespace {

void read_all(const std::string& path) {
  using namespace haltere::sensors;
  haltere::Result<CsvReader> reader = CsvReader::open(path);
  if (!reader) return;
  CsvRow row;
  while (true) {
    const haltere::Result<bool> more = reader->next(row);
    if (!more || !*more) return;
    if (row.size() != reader->header().size()) std::abort();
    for (std::size_t i = 0; i < row.size(); ++i) {
      double value = 0.0;
      if (parse_cell(row[i], value) == Cell::number && value - value != 0.0) std::abort();
      if (row.column(i) < 1) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("csv", MFD_CLOEXEC);
  const bool stored =
      ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == static_cast<ssize_t>(size);
  if (stored) read_all("/proc/self/fd/" + std::to_string(file));
  return 0;
}
