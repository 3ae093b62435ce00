// How a function is put in front of one of the C library's.
#pragma once

// The name in the C library, whatever its headers attach to it.
#define IN_FRONT_OF(name) asm(#name) __attribute__((visibility("default"), used))
