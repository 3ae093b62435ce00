#include "platform/network_users.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

#include "platform/namespace.h"

namespace airloom::platform {
namespace {

namespace fs = std::filesystem;

uint64_t inode_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

/// The folders in /proc of the other processes.
std::vector<fs::path> other_processes() {
  std::vector<fs::path> found;
  std::error_code error;  // a process may end while it is looked at
  const std::string own = std::to_string(::getpid());
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") == std::string::npos && name != own)
      found.push_back(entry.path());
  }
  return found;
}

/// Whether one of several threads is there alone.
bool has_thread_in(const fs::path& process, uint64_t id) {
  std::error_code error;
  for (const auto& task : fs::directory_iterator(process / "task", error))
    if (inode_of(task.path() / "ns/net") == id) return true;
  return false;
}

bool has_mount(const fs::path& process, const std::string& root) {
  std::ifstream mounts(process / "mountinfo");
  for (std::string line; std::getline(mounts, line);)
    if (line.find(" " + root + " ") != std::string::npos) return true;
  return false;
}

bool has_descriptor(const fs::path& process, const std::string& target) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(process / "fd", error)) {
    std::error_code closed;
    if (fs::read_symlink(entry.path(), closed) == target) return true;
  }
  return false;
}

/// A look into a mount namespace that may have no process of its own: a child's, for a moment.
bool has_mount_in(int mount_namespace, const std::string& root) {
  const pid_t child = fork();
  if (child < 0) return true;  // who cannot look does not judge
  if (child == 0) {
    if (setns(mount_namespace, CLONE_NEWNS) < 0) _exit(1);
    _exit(has_mount("/proc/self", root) ? 1 : 0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

}  // namespace

bool has_network_users(uint64_t id, int mount_namespace) {
  if (!processes_in_network(id).empty()) return true;
  const std::string name = fmt::format("net:[{}]", id);
  if (has_mount("/proc/self", name)) return true;
  std::set<uint64_t> seen{inode_of("/proc/self/ns/mnt")};
  for (const fs::path& process : other_processes()) {
    if (seen.insert(inode_of(process / "ns/mnt")).second && has_mount(process, name)) return true;
    if (has_thread_in(process, id) || has_descriptor(process, name)) return true;
  }
  return mount_namespace >= 0 && has_mount_in(mount_namespace, name);
}

}  // namespace airloom::platform
