#include "daemon/runtime_dir.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "platform/os_error.h"
#include "platform/unix_socket.h"

namespace airloom::daemon {
namespace {

constexpr int kLockTriesMax = 500;
constexpr int kLockTryEvery_ms = 20;

std::string chosen_dir() {
  if (const char* chosen = std::getenv("AIRLOOM_RUNTIME_DIR"); chosen && *chosen) return chosen;
  if (::geteuid() == 0) return "/run/airloom";
  if (const char* xdg = std::getenv("XDG_RUNTIME_DIR"); xdg && *xdg)
    return std::string(xdg) + "/airloom";
  return fmt::format("/tmp/airloom-{}", ::geteuid());
}

Result<void> make_own_dir(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST)
    return std::unexpected(platform::os_error(errno, "cannot create " + path));
  struct stat found {};
  if (::lstat(path.c_str(), &found) < 0)
    return std::unexpected(platform::os_error(errno, "cannot look at " + path));
  if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() || (found.st_mode & 022) != 0)
    return fail(Errc::kPermission,
                path + " is not a directory of yours alone: remove it, or set AIRLOOM_RUNTIME_DIR");
  return {};
}

/// A daemon that has the directory either listens, or is about to listen or to end: neither of the
/// latter can be waited for but by looking again.
Result<void> lock(int fd, const std::string& path) {
  for (int tries = 0; tries < kLockTriesMax; ++tries) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK) return std::unexpected(platform::os_error(errno, "lock " + path));
    const auto daemon = platform::PacketSocket::connect(socket_path(path));
    if (const auto peer = daemon ? daemon->peer() : fail(Errc::kNotConnected))
      return fail(Errc::kAddressInUse,
                  fmt::format("a daemon runs already at {}, as process {}: end it with airloom "
                              "down, or set AIRLOOM_RUNTIME_DIR for another",
                              path, peer->pid));
    ::poll(nullptr, 0, kLockTryEvery_ms);
  }
  return fail(Errc::kBusy, "a daemon that neither serves nor ends has " + path);
}

void clear(const std::string& path) {
  std::error_code ignored;  // what cannot be removed fails, with words, where it is used
  ::unlink(socket_path(path).c_str());
  ::unlink(preload_path(path).c_str());
  std::filesystem::remove_all(log_dir(path), ignored);
  std::filesystem::remove_all(path + "/hosts", ignored);
}

}  // namespace

std::string runtime_dir() {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(chosen_dir(), error);
  return error ? chosen_dir() : absolute.lexically_normal().string();
}

Result<RuntimeDir> RuntimeDir::take(const std::string& path) {
  TRY(make_own_dir(path));
  platform::UniqueFd fd(
      TRY(platform::checked(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), path)));
  TRY(lock(fd.get(), path));
  clear(path);
  for (const auto& folder : {log_dir(path), path + "/hosts"})
    TRY(platform::checked(::mkdir(folder.c_str(), 0700), "cannot create " + folder));
  return RuntimeDir(path, std::move(fd));
}

RuntimeDir::~RuntimeDir() {
  if (lock_) clear(path_);
}

}  // namespace airloom::daemon
