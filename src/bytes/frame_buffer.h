// The one buffer that a frame lives in, from a TAP to the air and back: reference counted, with
// headroom for headers. Whoever holds the only reference may write; once shared (on the air) it
// is immutable, and a receiver that decrypts or trims takes one copy. Buffers come from a pool and
// go back to it, so the steady state allocates nothing. One world is one thread: no atomics.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace airloom {

class FramePool;

/// A handle on shared octets; copying shares, never copies octets.
class FrameBuffer {
 public:
  FrameBuffer() = default;
  FrameBuffer(const FrameBuffer& other) : block_(other.block_), at_(other.at_), size_(other.size_) {
    if (block_) ++block_->references;
  }
  FrameBuffer(FrameBuffer&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        at_(other.at_),
        size_(std::exchange(other.size_, 0)) {}
  FrameBuffer& operator=(FrameBuffer other) noexcept {
    std::swap(block_, other.block_);
    std::swap(at_, other.at_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~FrameBuffer() { release(); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  explicit operator bool() const { return block_ != nullptr; }
  std::span<const uint8_t> octets() const { return {data(), size_}; }

  /// True while no other handle shares the octets.
  bool is_unique() const { return block_ && block_->references == 1; }
  /// The octets, to write; only while unique.
  std::span<uint8_t> writable() {
    WLAN_ASSERT(is_unique());
    block_->note.kind = nullptr;
    return {block_->storage.get() + at_, size_};
  }
  size_t headroom() const { return at_; }
  size_t tailroom() const { return block_ ? block_->capacity - at_ - size_ : 0; }

  /// Grows by `count` octets at the front and returns the buffer; needs the headroom and
  /// uniqueness.
  std::span<uint8_t> push_front(size_t count) {
    WLAN_ASSERT(is_unique() && count <= at_);
    at_ -= static_cast<uint32_t>(count);
    size_ += static_cast<uint32_t>(count);
    return writable();
  }
  /// Grows by `count` octets at the back and returns those; needs the tailroom and uniqueness.
  std::span<uint8_t> push_back(size_t count) {
    WLAN_ASSERT(is_unique() && count <= tailroom());
    size_ += static_cast<uint32_t>(count);
    return writable().last(count);
  }
  /// This handle forgets `count` octets at the front (other handles do not).
  void trim_front(size_t count) {
    WLAN_ASSERT(count <= size_);
    at_ += static_cast<uint32_t>(count);
    size_ -= static_cast<uint32_t>(count);
  }
  void trim_back(size_t count) {
    WLAN_ASSERT(count <= size_);
    size_ -= static_cast<uint32_t>(count);
  }
  /// What one reader of shared octets found out, so that the others need not: words that depend on
  /// these octets alone. A handle sees the note of those who see the same octets; writing clears
  /// it.
  using NoteWords = std::array<uint64_t, 3>;
  /// @param kind  what the words mean: the address of something of the reader's own.
  void leave_note(const void* kind, const NoteWords& words) const {
    if (block_ != nullptr) block_->note = {kind, at_, size_, words};
  }
  /// Null: nobody has left such a note.
  const NoteWords* find_note(const void* kind) const {
    if (block_ == nullptr) return nullptr;
    const Note& note = block_->note;
    return note.kind == kind && note.at == at_ && note.size == size_ ? &note.words : nullptr;
  }
  /// A private copy with `headroom` and `tailroom` octets around it, from the same pool.
  FrameBuffer copy(size_t headroom = kDefaultHeadroom, size_t tailroom = kDefaultTailroom) const;

  static constexpr size_t kDefaultHeadroom = 96;
  static constexpr size_t kDefaultTailroom = 32;

 private:
  friend class FramePool;
  struct Note {
    const void* kind = nullptr;
    uint32_t at = 0, size = 0;
    NoteWords words{};
  };
  struct Block {
    FramePool* pool;
    uint32_t references;
    uint32_t capacity;
    std::unique_ptr<uint8_t[]> storage;
    Note note;
  };
  FrameBuffer(Block* block, size_t at, size_t size)
      : block_(block), at_(static_cast<uint32_t>(at)), size_(static_cast<uint32_t>(size)) {}
  const uint8_t* data() const { return block_ ? block_->storage.get() + at_ : nullptr; }
  void release() {
    if (block_ && --block_->references == 0) recycle(block_);
    block_ = nullptr;
  }
  static void recycle(Block* block);

  Block* block_ = nullptr;
  uint32_t at_ = 0;
  uint32_t size_ = 0;
};

/// Where frame buffers come from and return to. It must outlive its buffers.
class FramePool {
 public:
  FramePool() = default;
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  /// A buffer of `size` octets (content unspecified) with room around it.
  FrameBuffer allocate(size_t size, size_t headroom = FrameBuffer::kDefaultHeadroom,
                       size_t tailroom = FrameBuffer::kDefaultTailroom);
  /// A buffer that holds a copy of `octets`.
  FrameBuffer from(std::span<const uint8_t> octets, size_t headroom = FrameBuffer::kDefaultHeadroom,
                   size_t tailroom = FrameBuffer::kDefaultTailroom);

  /// Blocks ever taken from the system: constant in the steady state.
  uint64_t blocks_created() const { return blocks_created_; }
  uint64_t blocks_in_use() const { return blocks_in_use_; }

 private:
  friend class FrameBuffer;
  static constexpr size_t kSmall = 512;
  static constexpr size_t kLarge = 2560;
  static constexpr size_t kIdleMax = 4096;  // blocks of a class kept for reuse
  void recycle(FrameBuffer::Block* block);
  std::vector<FrameBuffer::Block*>* idle_for(size_t capacity);

  std::vector<FrameBuffer::Block*> small_idle_;
  std::vector<FrameBuffer::Block*> large_idle_;
  uint64_t blocks_created_ = 0;
  uint64_t blocks_in_use_ = 0;
};

}  // namespace airloom
