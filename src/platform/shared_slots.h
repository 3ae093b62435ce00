// Memory that two processes share, in slots of one size: the writer fills a slot and tells the
// reader by other means which one; the reader reads it in place and gives it back. The slot that
// was free first is used first, so that little memory is used, and stays in the cache, while the
// reader keeps up. Nothing that the reader does harms the writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

class SharedSlots {
 public:
  /// The writer's: new memory, whose size nobody can change.
  static Result<SharedSlots> create();
  /// The reader's: the same memory, by the writer's descriptor.
  /// @error kMalformed  it is no such memory.
  static Result<SharedSlots> open(UniqueFd fd);
  SharedSlots(SharedSlots&& other) noexcept;
  SharedSlots& operator=(SharedSlots&&) = delete;
  ~SharedSlots();

  int fd() const { return fd_.get(); }
  /// Takes a slot that is free. None: all are taken.
  std::optional<uint32_t> take();
  /// A slot's kSlot octets, to write.
  std::span<uint8_t> room(uint32_t slot) { return shared_octets(slot); }
  /// What is in a slot.
  /// @error kMalformed  there is no such slot, or it is not so long.
  Result<std::span<const uint8_t>> look(uint32_t slot, size_t octets) const;
  /// Gives back a slot that was taken.
  void release(uint32_t slot);

  static constexpr size_t kSlot = 1024 * 1024;  ///< octets
  static constexpr size_t kSlots = 8;

 private:
  struct Shared;
  SharedSlots(UniqueFd fd, Shared* shared) : fd_(std::move(fd)), shared_(shared) {}
  static Result<SharedSlots> map(UniqueFd fd);
  std::span<uint8_t> shared_octets(uint32_t slot) const;

  UniqueFd fd_;
  Shared* shared_;
};

}  // namespace airloom::platform
