#include "daemon/runtime_dir.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "platform/os_error.h"

namespace airloom::daemon {

std::string runtime_dir() {
  if (const char* chosen = std::getenv("AIRLOOM_RUNTIME_DIR"); chosen && *chosen) return chosen;
  if (::geteuid() == 0) return "/run/airloom";
  if (const char* xdg = std::getenv("XDG_RUNTIME_DIR"); xdg && *xdg)
    return std::string(xdg) + "/airloom";
  return fmt::format("/tmp/airloom-{}", ::geteuid());
}

Result<void> make_runtime_dir(const std::string& dir) {
  if (::mkdir(dir.c_str(), 0700) < 0 && errno != EEXIST)
    return std::unexpected(platform::os_error(errno, "cannot create " + dir));
  struct stat found {};
  if (::lstat(dir.c_str(), &found) < 0)
    return std::unexpected(platform::os_error(errno, "cannot look at " + dir));
  if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() || (found.st_mode & 022) != 0)
    return fail(Errc::kPermission,
                dir + " is not a directory of yours alone: remove it, or set AIRLOOM_RUNTIME_DIR");
  return {};
}

}  // namespace airloom::daemon
