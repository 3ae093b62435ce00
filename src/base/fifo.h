// A first-in first-out queue in one vector: no allocation once it has grown to its working size,
// unlike std::deque, and its elements can be indexed from the front.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace airloom {

template <typename T>
class Fifo {
 public:
  size_t size() const { return items_.size() - head_; }
  bool empty() const { return size() == 0; }

  T& operator[](size_t index) { return items_[head_ + index]; }
  const T& operator[](size_t index) const { return items_[head_ + index]; }
  T& front() { return items_[head_]; }
  T& back() { return items_.back(); }

  void push_back(T item) {
    if (head_ > 0 && items_.size() == items_.capacity()) compact();
    items_.push_back(std::move(item));
  }
  /// Removes the front, which must exist, and returns it.
  T pop_front() {
    WLAN_ASSERT(!empty());
    T item = std::move(items_[head_++]);
    if (head_ == items_.size()) clear();
    return item;
  }
  void clear() {
    items_.clear();
    head_ = 0;
  }

 private:
  void compact() {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }

  std::vector<T> items_;
  size_t head_ = 0;  // items before it have been popped
};

}  // namespace airloom
