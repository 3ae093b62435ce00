// UDP: addresses of peers, and sockets that send and receive whole datagrams without blocking, many
// per system call.
#pragma once

#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/writer.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

/// An IPv4 or IPv6 address with a port.
class Endpoint {
 public:
  Endpoint() = default;
  Endpoint(const sockaddr_storage& address, socklen_t length);
  /// Looks up "192.0.2.1", "192.0.2.1:5246", "[2001:db8::1]:5246" or a name in place of the
  /// address. @error kInvalid, kNotFound  the text says what is wrong.
  static Result<Endpoint> resolve(const std::string& text, uint16_t default_port);

  uint16_t port() const;
  Endpoint with_port(uint16_t port) const;
  bool is_loopback() const;
  bool is_ipv6() const { return address_.ss_family == AF_INET6; }
  /// As resolve() reads it.
  std::string to_string() const;
  /// Of the address without the port: equal for equal hosts.
  uint64_t host_hash() const;
  /// Of the whole.
  uint64_t hash() const;

  const sockaddr* address() const;
  socklen_t length() const { return length_; }

  friend bool operator==(const Endpoint& a, const Endpoint& b) { return a.key() == b.key(); }
  friend bool operator<(const Endpoint& a, const Endpoint& b) { return a.key() < b.key(); }

 private:
  Octets key() const;
  sockaddr_storage address_{};
  socklen_t length_ = 0;
};

class UdpSocket {
 public:
  /// In the network namespace that the calling thread is in.
  /// @error kAddressInUse, kPermission
  static Result<UdpSocket> bind(const Endpoint& local);
  static Result<UdpSocket> connect(const Endpoint& remote);

  int fd() const { return fd_.get(); }
  /// Its own address.
  Result<Endpoint> local() const;
  /// The largest IP packet that the road to a connected peer is known to take.
  Result<size_t> path_mtu() const;

  /// Takes up to a burst of waiting datagrams and calls `visit` with each.
  /// @return whether more may wait.
  bool receive(const std::function<void(const Endpoint& from, std::span<const uint8_t>)>& visit);
  /// Sends one, or loses it.
  /// @param to  null: the connected peer
  /// @param head  goes before it in the same datagram
  void send(std::span<const uint8_t> datagram, const Endpoint* to = nullptr,
            std::span<const uint8_t> head = {});

 private:
  explicit UdpSocket(UniqueFd fd);

  UniqueFd fd_;
  std::vector<uint8_t> room_;  // where datagrams are received
};

}  // namespace airloom::platform
