#include "allocations.h"

#include <cstdlib>
#include <new>

namespace {

uint64_t calls = 0;  // one thread

}  // namespace

uint64_t allocation_count() {
  return calls;
}

// The other forms of the language that airloom uses call these.
void* operator new(size_t size) {
  ++calls;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
