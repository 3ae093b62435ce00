#include "platform/shared_slots.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <array>
#include <atomic>

#include "platform/os_error.h"

namespace airloom::platform {

struct SharedSlots::Shared {
  std::array<std::atomic<bool>, kSlots> is_taken;  // all zeros: none
  alignas(4096) std::array<std::array<uint8_t, kSlot>, kSlots> octets;
};

Result<SharedSlots> SharedSlots::create() {
  UniqueFd fd(TRY(checked(::memfd_create("airloom", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd")));
  TRY(checked(::ftruncate(fd.get(), sizeof(Shared)), "memfd"));
  // Else the reader could cut it, and the writer's next access would end the writer.
  TRY(checked(::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), "memfd"));
  return map(std::move(fd));
}

Result<SharedSlots> SharedSlots::open(UniqueFd fd) {
  struct stat status {};
  TRY(checked(::fstat(fd.get(), &status), "shared memory"));
  if (status.st_size != sizeof(Shared)) return fail(Errc::kMalformed, "it is no shared memory");
  return map(std::move(fd));
}

Result<SharedSlots> SharedSlots::map(UniqueFd fd) {
  void* at = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (at == MAP_FAILED) return std::unexpected(os_error(errno, "shared memory"));
  return SharedSlots(std::move(fd), static_cast<Shared*>(at));
}

SharedSlots::SharedSlots(SharedSlots&& other) noexcept
    : fd_(std::move(other.fd_)), shared_(std::exchange(other.shared_, nullptr)) {}

SharedSlots::~SharedSlots() {
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

std::span<uint8_t> SharedSlots::shared_octets(uint32_t slot) const {
  return shared_->octets[slot];
}

std::optional<uint32_t> SharedSlots::take() {
  for (uint32_t slot = 0; slot < kSlots; ++slot)
    if (!shared_->is_taken[slot].exchange(true, std::memory_order_acquire)) return slot;
  return std::nullopt;
}

Result<std::span<const uint8_t>> SharedSlots::look(uint32_t slot, size_t octets) const {
  if (slot >= kSlots || octets > kSlot || !shared_->is_taken[slot].load(std::memory_order_acquire))
    return fail(Errc::kMalformed, "there is no such slot");
  return shared_octets(slot).first(octets);
}

void SharedSlots::release(uint32_t slot) {
  shared_->is_taken[slot].store(false, std::memory_order_release);
}

}  // namespace airloom::platform
