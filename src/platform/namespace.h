// Linux namespaces that a host is made of: a network namespace held by a descriptor (it has no
// name and goes with its last holder), a mount namespace whose /sys shows that network namespace
// with airloom's entries laid over it, and for ordinary users a user namespace around all.
// Everything here acts on the calling thread or on a child: use it while the process has one
// thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

/// A network namespace, held open.
class NetNamespace {
 public:
  /// A new one, with its loopback up.
  static Result<NetNamespace> create();
  /// That of the calling thread.
  static Result<NetNamespace> current();
  static NetNamespace adopt(UniqueFd fd) { return NetNamespace(std::move(fd)); }

  int fd() const { return fd_.get(); }
  /// Tells namespaces apart: the inode number.
  Result<uint64_t> id() const;

  /// While it lives, the calling thread is in the namespace; then back.
  class Entered {
   public:
    Entered(Entered&&) = default;
    Entered& operator=(Entered&&) = delete;
    ~Entered();

   private:
    friend class NetNamespace;
    explicit Entered(UniqueFd back) : back_(std::move(back)) {}
    UniqueFd back_;
  };
  [[nodiscard]] Result<Entered> enter() const;

 private:
  explicit NetNamespace(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// The processes that are in the network namespace of this id, in order.
std::vector<pid_t> processes_in_network(uint64_t id);

/// The namespaces of one host.
struct HostNamespaces {
  NetNamespace network;
  UniqueFd mount;  ///< empty where no overlay could be mounted; `sysfs_note` says why
  UniqueFd sysfs;  ///< the overlay's root
  std::string sysfs_note;
  std::string debugfs_note;  ///< why nothing could be mounted on /sys/kernel/debug; empty: it is
  std::string rfkill_note;   ///< the same of /dev/rfkill

  /// Lets the host's programs see `sysfs_extra` as it is now: an overlay keeps what was looked up,
  /// and what was not found.
  void refresh_sysfs() const;
};

/// Makes a host: a network namespace, and a mount namespace in which /sys is that network
/// namespace's sysfs under an overlay of `sysfs_extra` (see sysfs_tree.h), an existing directory.
/// @param mounts  what else the host's programs see.
/// @error kPermission  the text says what is missing.
struct HostMounts {
  std::string debugfs;  ///< what FUSE mounts on /sys/kernel/debug (file_server.h); empty: nothing
  std::string rfkill;   ///< what FUSE mounts on /dev/rfkill (device_file.h); empty: nothing
};
Result<HostNamespaces> create_host_namespaces(const std::string& sysfs_extra,
                                              const HostMounts& mounts = {});

/// For an ordinary user: moves this process into a new user namespace in which it is root, with
/// mount and network namespaces of its own. Does nothing as root.
/// @error kPermission, kTooMany  user namespaces are not to be had: the text says how to get them.
Result<void> become_root_in_user_namespace();
/// The user namespace of this process, to pass on; empty when it is the first one.
Result<UniqueFd> user_namespace_to_join();
/// True if this process may create TAPs and namespaces (CAP_SYS_ADMIN and CAP_NET_ADMIN).
bool has_admin_rights();

/// Joins namespaces given by descriptors: user first, then network, then mount (the working
/// directory is kept by its path). A descriptor of -1 is skipped.
Result<void> join_namespaces(int user, int network, int mount);

}  // namespace airloom::platform
