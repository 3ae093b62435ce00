#include "bytes/frame_buffer.h"

namespace airloom {

void FrameBuffer::recycle(Block* block) {
  block->pool->recycle(block);
}

FrameBuffer FrameBuffer::copy(size_t headroom, size_t tailroom) const {
  WLAN_ASSERT(block_ != nullptr);
  return block_->pool->from(octets(), headroom, tailroom);
}

FramePool::~FramePool() {
  WLAN_ASSERT(blocks_in_use_ == 0);
  for (auto* block : small_idle_) delete block;
  for (auto* block : large_idle_) delete block;
}

std::vector<FrameBuffer::Block*>* FramePool::idle_for(size_t capacity) {
  if (capacity <= kSmall) return &small_idle_;
  if (capacity <= kLarge) return &large_idle_;
  return nullptr;
}

FrameBuffer FramePool::allocate(size_t size, size_t headroom, size_t tailroom) {
  size_t capacity = headroom + size + tailroom;
  auto* idle = idle_for(capacity);
  if (idle != nullptr) capacity = idle == &small_idle_ ? kSmall : kLarge;
  FrameBuffer::Block* block;
  if (idle != nullptr && !idle->empty()) {
    block = idle->back();
    idle->pop_back();
  } else {
    block = new FrameBuffer::Block{this, 0, static_cast<uint32_t>(capacity),
                                   std::unique_ptr<uint8_t[]>(new uint8_t[capacity])};
    ++blocks_created_;
  }
  ++blocks_in_use_;
  block->references = 1;
  block->note.kind = nullptr;
  return FrameBuffer(block, headroom, size);
}

FrameBuffer FramePool::from(std::span<const uint8_t> octets, size_t headroom, size_t tailroom) {
  FrameBuffer buffer = allocate(octets.size(), headroom, tailroom);
  if (!octets.empty()) std::memcpy(buffer.writable().data(), octets.data(), octets.size());
  return buffer;
}

void FramePool::recycle(FrameBuffer::Block* block) {
  --blocks_in_use_;
  auto* idle = idle_for(block->capacity);
  if (idle != nullptr && idle->size() < kIdleMax) {
    idle->push_back(block);
  } else {
    delete block;
  }
}

}  // namespace airloom
