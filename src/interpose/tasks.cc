#include "interpose/tasks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace airloom::interpose {
namespace {

using platform::UniqueFd;

std::string read_status(pid_t thread) {
  const UniqueFd file(::open(fmt::format("/proc/{}/status", thread).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> text;
  const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
  return size > 0 ? std::string(text.data(), static_cast<size_t>(size)) : std::string();
}

// The number after "NAME:" in /proc/PID/status; 0 if there is none.
uint64_t status_number(std::string_view status, std::string_view name, int base) {
  const std::string key = fmt::format("\n{}:", name);
  size_t at = status.find(key);
  if (at == std::string_view::npos) return 0;
  at = status.find_first_not_of("\t ", at + key.size());
  if (at == std::string_view::npos) return 0;
  uint64_t value = 0;
  std::from_chars(status.data() + at, status.data() + status.size(), value, base);
  return value;
}

struct Capabilities {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};

  bool get() { return syscall(SYS_capget, &header, data.data()) == 0; }
  bool set() { return syscall(SYS_capset, &header, data.data()) == 0; }
};

UniqueFd open_process(pid_t thread) {
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, process_of(thread), 0)));
}

}  // namespace

UniqueFd Tasks::copy_descriptor(pid_t thread, int fd) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    UniqueFd& process = by_thread_[thread];
    if (!process) process = open_process(thread);
    const auto copy = syscall(SYS_pidfd_getfd, process.get(), fd, 0);
    if (copy >= 0) return UniqueFd(static_cast<int>(copy));
    if (errno == EBADF && process) return {};  // it has no such descriptor
    process.reset();  // ESRCH: the number has passed to another thread since
  }
  by_thread_.erase(thread);
  return {};
}

void Tasks::forget_gone() {
  std::erase_if(by_thread_, [](const auto& item) {
    pollfd ended{item.second.get(), POLLIN, 0};
    return poll(&ended, 1, 0) != 0;
  });
}

pid_t process_of(pid_t thread) {
  return static_cast<pid_t>(status_number(read_status(thread), "Tgid", 10));
}

std::optional<int> free_descriptor(pid_t thread, int low, int high) {
  for (int fd = low; fd <= high; ++fd) {
    struct stat status {};
    const std::string path = fmt::format("/proc/{}/fd/{}", thread, fd);
    if (lstat(path.c_str(), &status) < 0 && errno == ENOENT) return fd;
  }
  return std::nullopt;
}

bool has_net_admin(pid_t thread) {
  Capabilities its;
  its.header.pid = thread;
  return its.get() && (its.data[0].effective & (1u << CAP_NET_ADMIN));
}

WithoutRights::WithoutRights(bool wanted) {
  Capabilities own;
  if (!wanted || !own.get()) return;
  for (size_t i = 0; i < effective_.size(); ++i)
    effective_[i] = std::exchange(own.data[i].effective, 0);
  dropped_ = own.set();
}

WithoutRights::~WithoutRights() {
  Capabilities own;
  if (!dropped_ || !own.get()) return;
  for (size_t i = 0; i < effective_.size(); ++i) own.data[i].effective = effective_[i];
  (void)own.set();
}

PendingSignal pending_signal(pid_t thread) {
  const std::string status = read_status(thread);
  const uint64_t unblocked = ~status_number(status, "SigBlk", 16);
  if (status_number(status, "SigPnd", 16) & unblocked) return PendingSignal::kOwn;
  if (!(status_number(status, "ShdPnd", 16) & unblocked)) return PendingSignal::kNone;
  return status_number(status, "Threads", 10) == 1 ? PendingSignal::kOwn : PendingSignal::kShared;
}

UniqueFd other_network_namespace(pid_t thread) {
  const std::string path = fmt::format("/proc/{}/ns/net", thread);
  struct stat its {};
  struct stat own {};
  if (stat(path.c_str(), &its) < 0 || stat("/proc/thread-self/ns/net", &own) < 0) return {};
  if (its.st_ino == own.st_ino) return {};
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

uint64_t inode_of(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace airloom::interpose
