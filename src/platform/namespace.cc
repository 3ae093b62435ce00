#include "platform/namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "platform/os_error.h"
#include "platform/rtnetlink.h"

namespace airloom::platform {
namespace {

constexpr const char* kOwnNetwork = "/proc/thread-self/ns/net";
constexpr uint32_t kLoopback = 1;

Result<UniqueFd> open_namespace(const std::string& path) {
  return UniqueFd(TRY(checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path)));
}

Result<void> write_proc(const char* path, const std::string& text) {
  UniqueFd file(TRY(checked(::open(path, O_WRONLY | O_CLOEXEC), path)));
  TRY(checked(static_cast<int>(::write(file.get(), text.data(), text.size())), path));
  return {};
}

Error without_rights(int number, const char* what) {
  if (number == EPERM)
    return Error{Errc::kPermission,
                 fmt::format("{} needs CAP_SYS_ADMIN: run as root (in a container, --privileged or "
                             "--cap-add SYS_ADMIN --cap-add NET_ADMIN)",
                             what)};
  return os_error(number, what);
}

Error no_user_namespaces(int number) {
  if (number == ENOSPC)
    return Error{Errc::kTooMany,
                 "no user namespace is left: raise /proc/sys/user/max_user_namespaces"};
  return Error{Errc::kPermission,
               "this user may not create user namespaces: run as root, or as root set "
               "/proc/sys/kernel/unprivileged_userns_clone to 1 "
               "(/proc/sys/kernel/apparmor_restrict_unprivileged_userns to 0 where it exists)"};
}

// In the new mount namespace: /sys shows the new network namespace, with `extra` over it.
Result<void> mount_sysfs(const std::string& extra) {
  TRY(checked(mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr), "making mounts private"));
  TRY(checked(mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr),
              "mounting sysfs"));
  const std::string options = fmt::format("lowerdir={}:/sys", extra);
  TRY(checked(mount("airloom", "/sys", "overlay", MS_RDONLY, options.c_str()),
              "mounting an overlay on /sys"));
  return {};
}

Result<void> mount_debugfs(const std::string& options) {
  TRY(checked(mount("airloom", "/sys/kernel/debug", "fuse", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                    options.c_str()),
              "no files of mac80211 in /sys/kernel/debug: mounting them"));
  return {};
}

// Shows one entry of the machine's /dev at the same name under `to`.
void show_device(const std::filesystem::directory_entry& entry, const std::filesystem::path& to) {
  namespace fs = std::filesystem;
  std::error_code error;  // what cannot be shown is not there
  const fs::path target = to / entry.path().filename();
  if (entry.is_symlink(error)) return fs::copy_symlink(entry.path(), target, error);
  const bool is_directory = entry.is_directory(error);
  if (is_directory) {
    fs::create_directory(target, error);
  } else {
    UniqueFd(::open(target.c_str(), O_CREAT | O_CLOEXEC, 0644));
  }
  const unsigned long how = is_directory ? MS_BIND | MS_REC : MS_BIND;
  (void)mount(entry.path().c_str(), target.c_str(), nullptr, how, nullptr);
}

// /dev with room for one file more: a tmpfs that shows what the machine's has. A file made in the
// machine's own would be seen by all.
Result<void> make_own_dev(const char* added) {
  const std::string stage = "/sys/kernel/debug";  // a directory of this namespace's own
  TRY(checked(mount("airloom", stage.c_str(), "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755"),
              "mounting a tmpfs"));
  for (const auto& entry : std::filesystem::directory_iterator("/dev")) show_device(entry, stage);
  const UniqueFd file(::open((stage + "/" + added).c_str(), O_CREAT | O_CLOEXEC, 0644));
  TRY(checked(file.get() < 0 ? -1 : 0, "making a file in /dev"));
  TRY(checked(mount(stage.c_str(), "/dev", nullptr, MS_MOVE, nullptr), "mounting /dev"));
  return {};
}

Result<void> mount_rfkill(const std::string& options) {
  if (access("/dev/rfkill", F_OK) < 0) TRY(make_own_dev("rfkill"));
  TRY(checked(
      mount("airloom", "/dev/rfkill", "fuse", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.c_str()),
      "no /dev/rfkill: mounting it"));
  return {};
}

// Mounts what there is to mount. @return why not, where it could not be.
std::string note_of(Result<void> (*mount_it)(const std::string&), const std::string& options) {
  if (options.empty()) return {};
  auto mounted = mount_it(options);
  return mounted ? std::string() : mounted.error().text;
}

// Through a pipe: 'N' + the notes of debugfs and rfkill, each ended by a newline (network made,
// overlay mounted), 'n' + note (no overlay), 'e' + errno (nothing made).
void make_and_report(int report, int release, const std::string& extra, const HostMounts& mounts) {
  std::string line;
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
    line = fmt::format("e{}", errno);
  } else if (auto mounted = mount_sysfs(extra); mounted) {
    // /dev first: it is put together where debugfs will be.
    const std::string rfkill = note_of(mount_rfkill, mounts.rfkill);
    line = fmt::format("N{}\n{}\n", note_of(mount_debugfs, mounts.debugfs), rfkill);
  } else {
    line = fmt::format("n{}", mounted.error().text);
  }
  (void)!::write(report, line.data(), line.size());
  char end;
  (void)!::read(release, &end, 1);
  _exit(0);
}

Result<std::string> read_report(int fd) {
  std::array<char, 1024> text;
  const ssize_t got = ::read(fd, text.data(), text.size());
  if (got <= 0) return fail(Errc::kIo, "the namespaces' maker ended");
  return std::string(text.data(), static_cast<size_t>(got));
}

Result<HostNamespaces> open_made(pid_t maker, const std::string& report) {
  if (report[0] == 'e')
    return std::unexpected(without_rights(std::atoi(report.c_str() + 1), "a network namespace"));
  HostNamespaces made{
      NetNamespace::adopt(TRY(open_namespace(fmt::format("/proc/{}/ns/net", maker)))),
      {},
      {},
      {},
      {},
      {}};
  if (report[0] == 'N') {
    const size_t end = report.find('\n');
    made.debugfs_note = report.substr(1, end - 1);
    made.rfkill_note = report.substr(end + 1, report.size() - end - 2);
    made.mount = TRY(open_namespace(fmt::format("/proc/{}/ns/mnt", maker)));
    const std::string sysfs = fmt::format("/proc/{}/root/sys", maker);
    made.sysfs.reset(TRY(checked(::open(sysfs.c_str(), O_PATH | O_CLOEXEC), sysfs)));
  } else {
    made.sysfs_note = report.substr(1);
  }
  const auto inside = TRY(made.network.enter());
  TRY(TRY(Rtnetlink::open()).set_up(kLoopback, true));
  return made;
}

}  // namespace

Result<NetNamespace> NetNamespace::create() {
  const UniqueFd back = TRY(open_namespace(kOwnNetwork));
  if (unshare(CLONE_NEWNET) < 0)
    return std::unexpected(without_rights(errno, "a network namespace"));
  auto made = open_namespace(kOwnNetwork);
  auto loopback = Rtnetlink::open();
  if (loopback) (void)loopback->set_up(kLoopback, true);
  TRY(checked(setns(back.get(), CLONE_NEWNET), "setns"));
  return NetNamespace(TRY(std::move(made)));
}

Result<NetNamespace> NetNamespace::current() {
  return NetNamespace(TRY(open_namespace(kOwnNetwork)));
}

Result<uint64_t> NetNamespace::id() const {
  struct stat status {};
  TRY(checked(fstat(fd_.get(), &status), "fstat"));
  return static_cast<uint64_t>(status.st_ino);
}

Result<NetNamespace::Entered> NetNamespace::enter() const {
  UniqueFd back = TRY(open_namespace(kOwnNetwork));
  TRY(checked(setns(fd_.get(), CLONE_NEWNET), "setns"));
  return Entered(std::move(back));
}

std::vector<pid_t> processes_in_network(uint64_t id) {
  std::vector<pid_t> found;
  std::error_code error;  // a process may end while it is looked at
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto number = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (number.ec != std::errc() || number.ptr != name.data() + name.size()) continue;
    struct stat status {};
    if (::stat((entry.path() / "ns/net").c_str(), &status) == 0 && status.st_ino == id)
      found.push_back(pid);
  }
  std::sort(found.begin(), found.end());
  return found;
}

NetNamespace::Entered::~Entered() {
  if (back_) setns(back_.get(), CLONE_NEWNET);
}

Result<HostNamespaces> create_host_namespaces(const std::string& sysfs_extra,
                                              const HostMounts& mounts) {
  std::array<int, 2> report{};
  std::array<int, 2> release{};
  TRY(checked(pipe2(report.data(), O_CLOEXEC), "pipe"));
  UniqueFd report_read(report[0]);
  UniqueFd report_write(report[1]);
  TRY(checked(pipe2(release.data(), O_CLOEXEC), "pipe"));
  UniqueFd release_read(release[0]);
  UniqueFd release_write(release[1]);
  const pid_t maker = TRY(checked(fork(), "fork"));
  if (maker == 0) {
    release_write.reset();
    make_and_report(report_write.get(), release_read.get(), sysfs_extra, mounts);
  }
  report_write.reset();
  auto line = read_report(report_read.get());
  auto made = line ? open_made(maker, *line) : std::unexpected(line.error());
  release_write.reset();
  waitpid(maker, nullptr, 0);
  return made;
}

void HostNamespaces::refresh_sysfs() const {
  if (!sysfs) return;
  // Remounting lets go of every entry that nobody holds; nothing else changes.
  const UniqueFd picked(fspick(sysfs.get(), "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC));
  if (!picked) return;
  (void)fsconfig(picked.get(), FSCONFIG_SET_FLAG, "ro", nullptr, 0);
  (void)fsconfig(picked.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0);
}

bool has_admin_rights() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) < 0) return false;
  const uint32_t needed = (1u << CAP_NET_ADMIN) | (1u << CAP_SYS_ADMIN);
  return (data[0].effective & needed) == needed;
}

Result<void> become_root_in_user_namespace() {
  if (has_admin_rights()) return {};
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  // A network namespace too: from a host's, the way back leads only into one that it owns.
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0)
    return std::unexpected(no_user_namespaces(errno));
  TRY(write_proc("/proc/self/setgroups", "deny"));
  TRY(write_proc("/proc/self/uid_map", fmt::format("0 {} 1", uid)));
  TRY(write_proc("/proc/self/gid_map", fmt::format("0 {} 1", gid)));
  TRY(checked(mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr), "making mounts private"));
  return {};
}

Result<UniqueFd> user_namespace_to_join() {
  // The initial user namespace has a fixed inode number, PROC_USER_INIT_INO.
  constexpr ino_t kInitialUserNamespace = 0xEFFFFFFDu;
  UniqueFd own = TRY(open_namespace("/proc/self/ns/user"));
  struct stat status {};
  TRY(checked(fstat(own.get(), &status), "fstat"));
  if (status.st_ino == kInitialUserNamespace) return UniqueFd();
  return own;
}

Result<void> join_namespaces(int user, int network, int mount) {
  std::error_code error;
  const auto directory = std::filesystem::current_path(error);
  // A process cannot join the user namespace it is in already (EINVAL).
  if (user >= 0 && setns(user, CLONE_NEWUSER) < 0 && errno != EINVAL)
    return std::unexpected(os_error(errno, "joining the daemon's user namespace"));
  if (network >= 0 && setns(network, CLONE_NEWNET) < 0)
    return std::unexpected(without_rights(errno, "joining a host's network namespace"));
  if (mount >= 0) {
    if (setns(mount, CLONE_NEWNS) < 0)
      return std::unexpected(without_rights(errno, "joining a host's mount namespace"));
    if (directory.empty() || chdir(directory.c_str()) < 0) (void)!chdir("/");
  }
  return {};
}

}  // namespace airloom::platform
