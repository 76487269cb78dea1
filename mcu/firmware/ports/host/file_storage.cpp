#include "mcu/firmware/ports/host/file_storage.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mcu/link/bytes.hpp"

namespace haltere::firmware {
namespace {

constexpr int erased = 0xFF;

void* map_file(const std::string& path, std::size_t size, bool& fresh) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return MAP_FAILED;
  struct stat present {};
  void* mapped = MAP_FAILED;
  if (fstat(fd, &present) == 0) {
    fresh = present.st_size != static_cast<off_t>(size);
    if (!fresh || ftruncate(fd, static_cast<off_t>(size)) == 0) {
      mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
  }
  const int error = errno;
  close(fd);
  errno = error;
  return mapped;
}

}  // namespace

FileStorage::~FileStorage() {
  if (bytes_ != nullptr) munmap(bytes_, mapped_bytes_);
}

bool FileStorage::open(const std::string& path, std::uint32_t slot_bytes) {
  mapped_bytes_ = std::size_t{2} * slot_bytes + std::size_t{3} * page_bytes;
  bool fresh = true;
  void* mapped = path.empty() ? mmap(nullptr, mapped_bytes_, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                              : map_file(path, mapped_bytes_, fresh);
  if (mapped == MAP_FAILED) return false;
  bytes_ = static_cast<std::uint8_t*>(mapped);
  slot_bytes_ = slot_bytes;
  if (fresh) std::memset(bytes_, erased, mapped_bytes_);
  return true;
}

Storage FileStorage::storage() {
  Storage storage;
  storage.base = bytes_;
  storage.slot_bytes = slot_bytes_;
  storage.page_bytes = page_bytes;
  storage.vault_bytes = 2 * page_bytes;
  storage.context = this;
  storage.erase_page = erase_page;
  storage.write = write;
  return storage;
}

std::uint32_t FileStorage::count_boot() {
  std::uint8_t* place = bytes_ + std::size_t{2} * slot_bytes_ + std::size_t{2} * page_bytes;
  link::ByteReader reader(place, 4);
  const std::uint32_t before = reader.u32();
  const std::uint32_t boots = before == 0xFFFFFFFF ? 1 : before + 1;
  link::ByteWriter writer(place, 4);
  writer.u32(boots);
  return boots;
}

bool FileStorage::erase_page(void* context, std::uint32_t offset) {
  auto* self = static_cast<FileStorage*>(context);
  std::memset(self->bytes_ + offset, erased, page_bytes);
  return true;
}

bool FileStorage::write(void* context, std::uint32_t offset, const std::uint8_t* bytes,
                        std::uint32_t count) {
  auto* self = static_cast<FileStorage*>(context);
  for (std::uint32_t i = 0; i < count; ++i) {
    self->bytes_[offset + i] = static_cast<std::uint8_t>(self->bytes_[offset + i] & bytes[i]);
  }
  return true;
}

}  // namespace haltere::firmware
