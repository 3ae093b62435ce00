#include "base/out_of_memory.h"

#include <cstdio>
#include <cstdlib>

namespace airloom {

void out_of_memory() {
  std::fputs("airloom: out of memory\n", stderr);  // unbuffered, so it allocates nothing
  std::_Exit(kOutOfMemoryStatus);
}

}  // namespace airloom
