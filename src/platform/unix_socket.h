// AF_UNIX SOCK_SEQPACKET: whole messages, descriptors beside them, and who the peer is.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/writer.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

struct PeerCredentials {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// One received message.
struct Packet {
  Octets octets;
  std::vector<UniqueFd> descriptors;
};

class PacketSocket {
 public:
  PacketSocket() = default;
  explicit PacketSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  /// @error kNotFound, kNotConnected  nobody listens there.
  static Result<PacketSocket> connect(const std::string& path);

  int fd() const { return fd_.get(); }
  explicit operator bool() const { return static_cast<bool>(fd_); }
  void close() { fd_.reset(); }

  /// Sends one message, blocking if the socket does.
  /// @error kTryAgain  non-blocking, and there is no room;  kNotConnected  the peer has gone.
  Result<void> send(std::span<const uint8_t> octets, std::span<const int> descriptors = {}) const;
  /// Receives one message of at most `max` octets, blocking if the socket does.
  /// @error kTryAgain  none waits;  kNotConnected  the peer has gone;  kMalformed  it is longer.
  Result<Packet> receive(size_t max) const;
  /// Receives one message without descriptors, whose octets go into `buffer`. @return its size.
  /// @error  as receive().
  Result<size_t> receive_into(std::span<uint8_t> buffer) const;
  Result<void> set_non_blocking(bool on) const;
  Result<PeerCredentials> peer() const;
  /// The network namespace the peer made its end in (SIOCGSKNS on an accepted socket).
  /// @error kPermission  needs CAP_NET_ADMIN.
  Result<UniqueFd> network_namespace() const;

 private:
  UniqueFd fd_;
};

/// A listening socket at a path; the path goes with it.
class PacketListener {
 public:
  /// @error kAddressInUse  somebody listens there (a dead listener's path is taken over).
  static Result<PacketListener> listen(std::string path);
  PacketListener(PacketListener&& other) noexcept
      : fd_(std::move(other.fd_)),
        path_(std::exchange(other.path_, {})),
        spare_(std::move(other.spare_)) {}
  PacketListener& operator=(PacketListener&&) = delete;
  ~PacketListener();

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  /// Takes one connection, non-blocking both ways.
  /// @error kTryAgain  none waits;  kTooMany  no descriptor was left for one: it has been closed,
  ///        so that it does not wait for ever and the listener is not ready for ever.
  Result<PacketSocket> accept();

 private:
  PacketListener(UniqueFd fd, std::string path, UniqueFd spare)
      : fd_(std::move(fd)), path_(std::move(path)), spare_(std::move(spare)) {}
  UniqueFd fd_;
  std::string path_;
  UniqueFd spare_;  // given up to refuse a connection when there is no other descriptor
};

}  // namespace airloom::platform
