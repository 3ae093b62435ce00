// Counts what this program takes from the heap, by replacing operator new. What libcrypto takes
// for itself is not in it.
#pragma once

#include <cstdint>

/// Calls of operator new so far.
uint64_t allocation_count();
