// Reads arbitrary bytes as a CSV file: dialect, header, records, numbers.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "sensors/csv.hpp"
#include "sensors/csv_dialect.hpp"

namespace {

void read_all(const std::string& path, const haltere::sensors::CsvDialect& dialect) {
  using namespace haltere::sensors;
  haltere::Result<CsvReader> reader = CsvReader::open(path, dialect);
  if (!reader) return;
  CsvRow row;
  while (true) {
    const haltere::Result<bool> more = reader->next(row);
    if (!more || !*more) return;
    if (row.size() != reader->header().size()) std::abort();
    for (std::size_t i = 0; i < row.size(); ++i) {
      double value = 0.0;
      if (parse_cell(row[i], value) == Cell::number && value - value != 0.0) std::abort();
      if (parse_comma_cell(row[i], value) == Cell::number && value - value != 0.0) std::abort();
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
  if (!stored) return 0;
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  read_all(path, {});
  read_all(path, haltere::sensors::guess_dialect_of_file(path));
  return 0;
}
