#include "preload/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interpose/netlink_rules.h"

namespace airloom::preload {
namespace {

constexpr size_t kPage = 4096;  // the smallest there is
constexpr uint64_t kWord = 8;

// `probe` makes a system call that reaches so many octets; whatever else that fails with is fine.
template <typename Probe>
bool each_page(uint64_t at, size_t size, size_t probe_size, Probe probe) {
  const int kept = errno;
  const uint64_t last = at + size - probe_size;
  // Neither around the end of all addresses, nor a null pointer, which means nothing to system
  // calls.
  bool good = last >= at && at >= kWord;
  const auto is_good = [&](uint64_t here) { return probe(here) == 0 || errno != EFAULT; };
  for (uint64_t here = at; good && here < last; here += kPage) good = is_good(here);
  good = good && is_good(last);
  errno = kept;
  return good;
}

// An aligned word never lies on two pages. The kernel reads it before it finds that it is asked for
// something that does not exist.
long probe_read(uint64_t at) {
  constexpr int kNothing = -1;
  return syscall(SYS_rt_sigprocmask, kNothing, at & ~(kWord - 1), nullptr, kWord);
}

// The kernel writes an integer.
long probe_write(uint64_t at) {
  return syscall(SYS_getcpu, at, nullptr, nullptr);
}

// The kernel writes one octet.
long probe_write_octet(uint64_t at) {
  static const char octet = 0;
  return syscall(SYS_mincore, address_of(&octet) & ~(kPage - 1), size_t{1}, at);
}

void* pointer_to(uint64_t at) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(at));
}

}  // namespace

bool can_read(const void* at, size_t size) {
  return size == 0 || each_page(address_of(at), size, 1, probe_read);
}

bool can_write(void* at, size_t size) {
  if (size == 0) return true;
  if (size < sizeof(int)) return each_page(address_of(at), size, 1, probe_write_octet);
  return each_page(address_of(at), size, sizeof(int), probe_write);
}

bool OwnMemory::read_octets(uint64_t at, void* into, size_t size) const {
  if (!can_read(pointer_to(at), size)) return false;
  memcpy(into, pointer_to(at), size);
  return true;
}

bool OwnMemory::write_octets(uint64_t at, const void* from, size_t size) const {
  if (!can_write(pointer_to(at), size)) return false;
  memcpy(pointer_to(at), from, size);
  return true;
}

int read_message(const msghdr* message, msghdr& out) {
  if (!OwnMemory().read_octets(address_of(message), &out, sizeof out)) return EFAULT;
  const size_t count = static_cast<uint32_t>(out.msg_iovlen);  // musl's is narrower, then padding
  if (count > interpose::kMaxParts) return EMSGSIZE;
  return can_read(out.msg_iov, count * sizeof(iovec)) ? 0 : EFAULT;
}

int write_message(const msghdr& from, msghdr* message) {
  // All but the pointer in front, which stays.
  constexpr size_t kFirst = offsetof(msghdr, msg_namelen);
  if (!can_write(reinterpret_cast<char*>(message) + kFirst, sizeof from - kFirst)) return EFAULT;
  memcpy(reinterpret_cast<char*>(message) + kFirst, reinterpret_cast<const char*>(&from) + kFirst,
         sizeof from - kFirst);
  return 0;
}

}  // namespace airloom::preload
