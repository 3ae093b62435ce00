#include "platform/udp_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

constexpr size_t kDatagramMax = 65536;
constexpr size_t kBurst = 32;
constexpr int kSocketRoom = 4 * 1024 * 1024;

// The sockets API takes every address as a sockaddr.
sockaddr* generic(sockaddr_storage& address) {
  return static_cast<sockaddr*>(static_cast<void*>(&address));
}
const sockaddr* generic(const sockaddr_storage& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

template <typename T>
T read_as(const sockaddr_storage& address) {
  T value;
  std::memcpy(&value, &address, sizeof value);
  return value;
}

struct HostAndPort {
  std::string host;
  uint16_t port;
};

Result<HostAndPort> split(const std::string& text, uint16_t default_port) {
  HostAndPort parts{text, default_port};
  std::optional<std::string> port;
  if (const size_t end = text.find(']'); text.starts_with('[') && end != std::string::npos) {
    parts.host = text.substr(1, end - 1);
    if (end + 1 < text.size() && text[end + 1] == ':') port = text.substr(end + 2);
  } else if (const size_t colon = text.find(':');
             colon != std::string::npos && text.find(':', colon + 1) == std::string::npos) {
    parts.host = text.substr(0, colon);
    port = text.substr(colon + 1);
  } else {
    return parts;
  }
  if (!port) return parts;
  const char* last = port->data() + port->size();
  const auto [rest, error] = std::from_chars(port->data(), last, parts.port);
  if (error != std::errc() || rest != last || parts.port == 0)
    return fail(Errc::kInvalid, "'" + *port + "' in '" + text + "' is no port");
  return parts;
}

}  // namespace

Endpoint::Endpoint(const sockaddr_storage& address, socklen_t length)
    : address_(address), length_(length) {}

Result<Endpoint> Endpoint::resolve(const std::string& text, uint16_t default_port) {
  const HostAndPort parts = TRY(split(text, default_port));
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(parts.host.c_str(), std::to_string(parts.port).c_str(), &hints, &found);
  if (error != 0) return fail(Errc::kNotFound, parts.host + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> guard(found, ::freeaddrinfo);
  sockaddr_storage address{};
  std::memcpy(&address, found->ai_addr, found->ai_addrlen);
  return Endpoint(address, found->ai_addrlen);
}

const sockaddr* Endpoint::address() const {
  return generic(address_);
}

uint16_t Endpoint::port() const {
  // The port stands at the same place in both.
  return ntohs(read_as<sockaddr_in>(address_).sin_port);
}

Endpoint Endpoint::with_port(uint16_t port) const {
  Endpoint other = *this;
  auto head = read_as<sockaddr_in>(other.address_);
  head.sin_port = htons(port);
  std::memcpy(&other.address_, &head, sizeof head);
  return other;
}

bool Endpoint::is_loopback() const {
  if (is_ipv6()) {
    const auto v6 = read_as<sockaddr_in6>(address_).sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
  }
  return ntohl(read_as<sockaddr_in>(address_).sin_addr.s_addr) >> 24 == 127;
}

std::string Endpoint::to_string() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_ipv6()) {
    const auto v6 = read_as<sockaddr_in6>(address_).sin6_addr;
    ::inet_ntop(AF_INET6, &v6, text, sizeof text);
    return "[" + std::string(text) + "]:" + std::to_string(port());
  }
  const auto v4 = read_as<sockaddr_in>(address_).sin_addr;
  ::inet_ntop(AF_INET, &v4, text, sizeof text);
  return std::string(text) + ":" + std::to_string(port());
}

/// Family, port and address, in this order, without what else a sockaddr holds.
Octets Endpoint::key() const {
  Octets key;
  Writer writer(key);
  writer.be16(address_.ss_family).be16(port());
  if (is_ipv6()) {
    const auto v6 = read_as<sockaddr_in6>(address_);
    writer.bytes(v6.sin6_addr.s6_addr).be32(v6.sin6_scope_id);
  } else {
    writer.be32(ntohl(read_as<sockaddr_in>(address_).sin_addr.s_addr));
  }
  return key;
}

uint64_t Endpoint::hash() const {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const uint8_t octet : key()) hash = (hash ^ octet) * 0x100000001b3u;
  return hash;
}

uint64_t Endpoint::host_hash() const {
  return with_port(0).hash();
}

UdpSocket::UdpSocket(UniqueFd fd) : fd_(std::move(fd)), room_(kBurst * kDatagramMax) {
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &kSocketRoom, sizeof kSocketRoom);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUF, &kSocketRoom, sizeof kSocketRoom);
}

Result<UdpSocket> UdpSocket::bind(const Endpoint& local) {
  const int family = local.is_ipv6() ? AF_INET6 : AF_INET;
  UniqueFd fd(
      TRY(checked(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket")));
  TRY(checked(::bind(fd.get(), local.address(), local.length()), local.to_string()));
  return UdpSocket(std::move(fd));
}

Result<UdpSocket> UdpSocket::connect(const Endpoint& remote) {
  const int family = remote.is_ipv6() ? AF_INET6 : AF_INET;
  UniqueFd fd(
      TRY(checked(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket")));
  TRY(checked(::connect(fd.get(), remote.address(), remote.length()), remote.to_string()));
  return UdpSocket(std::move(fd));
}

Result<Endpoint> UdpSocket::local() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  TRY(checked(::getsockname(fd_.get(), generic(address), &length), "getsockname"));
  return Endpoint(address, length);
}

Result<size_t> UdpSocket::path_mtu() const {
  const bool ipv6 = TRY(local()).is_ipv6();
  int mtu = 0;
  socklen_t length = sizeof mtu;
  TRY(checked(::getsockopt(fd_.get(), ipv6 ? int{IPPROTO_IPV6} : int{IPPROTO_IP},
                           ipv6 ? IPV6_MTU : IP_MTU, &mtu, &length),
              "path MTU"));
  return static_cast<size_t>(mtu);
}

bool UdpSocket::receive(
    const std::function<void(const Endpoint&, std::span<const uint8_t>)>& visit) {
  std::array<mmsghdr, kBurst> messages{};
  std::array<iovec, kBurst> parts;
  std::array<sockaddr_storage, kBurst> senders;
  for (size_t i = 0; i < kBurst; ++i) {
    parts[i] = {room_.data() + i * kDatagramMax, kDatagramMax};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &senders[i];
    messages[i].msg_hdr.msg_namelen = sizeof senders[i];
  }
  const int count = ::recvmmsg(fd_.get(), messages.data(), kBurst, MSG_DONTWAIT, nullptr);
  // An error is what ICMP brought, if not that none waits: the next call has what is behind it.
  if (count < 0) return errno != EAGAIN && errno != EWOULDBLOCK && errno != EBADF;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    const Endpoint from(senders[i], messages[i].msg_hdr.msg_namelen);
    visit(from, {room_.data() + i * kDatagramMax, messages[i].msg_len});
  }
  return static_cast<size_t>(count) == kBurst;
}

void UdpSocket::send(std::span<const uint8_t> datagram, const Endpoint* to,
                     std::span<const uint8_t> head) {
  // The sockets API takes what it only reads as writable.
  std::array<iovec, 2> parts{{{const_cast<uint8_t*>(head.data()), head.size()},
                              {const_cast<uint8_t*>(datagram.data()), datagram.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  if (to) {
    message.msg_name = const_cast<sockaddr*>(to->address());
    message.msg_namelen = to->length();
  }
  // A connected socket first tells what ICMP brought of an earlier datagram: then once more.
  for (int tries = 0; tries < 2; ++tries)
    if (::sendmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno != ECONNREFUSED)
      return;
}

}  // namespace airloom::platform
