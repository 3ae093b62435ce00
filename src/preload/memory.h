// The program's memory, which is our own: reached only where the kernel would reach it too, because
// a bad pointer is the program's to hear of as EFAULT, not to die of within the library.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

namespace airloom::preload {

inline uint64_t address_of(const void* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

/// By asking the kernel to read there: a system call for the first octets and each further page.
bool can_read(const void* at, size_t size);
/// The same for writing. What is there is overwritten, in parts.
bool can_write(void* at, size_t size);

/// Both front ends' view of it (interpose/netlink_calls.h).
struct OwnMemory {
  bool read_octets(uint64_t at, void* into, size_t size) const;
  bool write_octets(uint64_t at, const void* from, size_t size) const;
};

/// Copies a message header that the program gives, and makes sure that its parts can be read.
/// @return EFAULT, or EMSGSIZE: it has too many; 0
int read_message(const msghdr* message, msghdr& out);
/// What a received message's header tells beside its octets. @return EFAULT or 0
int write_message(const msghdr& from, msghdr* message);

}  // namespace airloom::preload
