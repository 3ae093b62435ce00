#include "preload/libc.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace airloom::preload {

void* find_behind(const char* name) {
  return dlsym(RTLD_NEXT, name);
}

int fail_with(int error) {
  errno = error;
  return -1;
}

bool has_net_admin() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  const int kept = errno;
  const bool got = syscall(SYS_capget, &header, data) == 0;
  errno = kept;
  return got && (data[0].effective & (1u << CAP_NET_ADMIN));
}

}  // namespace airloom::preload
