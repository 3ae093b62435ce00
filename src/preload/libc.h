// The C library's own functions behind those that this library stands in front of, found when they
// are first needed. Glibc's and musl's have the same names and, on 64-bit machines, the same
// layouts but for padding.
#pragma once

#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace airloom::preload {

/// One function of the C library.
template <typename Signature>
class Behind;
template <typename R, typename... Args>
class Behind<R(Args...)> {
 public:
  constexpr explicit Behind(const char* name) : name_(name) {}
  R operator()(Args... args) { return find()(args...); }

 private:
  using Function = R (*)(Args...);
  Function find();
  const char* name_;
  Function found_ = nullptr;
};

void* find_behind(const char* name);

template <typename R, typename... Args>
typename Behind<R(Args...)>::Function Behind<R(Args...)>::find() {
  Function found = __atomic_load_n(&found_, __ATOMIC_RELAXED);
  if (found == nullptr) {
    void* address = find_behind(name_);
    __builtin_memcpy(&found, &address, sizeof found);
    __atomic_store_n(&found_, found, __ATOMIC_RELAXED);
  }
  return found;
}

/// As functions of the C library fail. @return -1
int fail_with(int error);
/// `error` as a system call's outcome: 0, or -1 with errno set.
inline int outcome_of(int error) {
  return error == 0 ? 0 : fail_with(error);
}

/// CAP_NET_ADMIN is in effect for the calling thread.
bool has_net_admin();

}  // namespace airloom::preload
