#include "platform/unix_socket.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

constexpr size_t kMaxDescriptors = 8;

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Errc::kInvalid, "socket path is too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<UniqueFd> packet_socket() {
  return UniqueFd(TRY(checked(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket")));
}

// The sockets API takes every address as a sockaddr.
const sockaddr* generic(const sockaddr_un& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

ssize_t send_with(int fd, std::span<const uint8_t> octets, std::span<const int> descriptors) {
  iovec part{const_cast<uint8_t*>(octets.data()), octets.size()};  // sendmsg only reads it
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<uint8_t, CMSG_SPACE(kMaxDescriptors * sizeof(int))> control{};
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
  std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

void take_descriptors(msghdr& message, std::vector<UniqueFd>& out) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      out.emplace_back(fd);
    }
  }
}

}  // namespace

Result<PacketSocket> PacketSocket::connect(const std::string& path) {
  const sockaddr_un address = TRY(address_of(path));
  UniqueFd fd = TRY(packet_socket());
  TRY(checked(::connect(fd.get(), generic(address), sizeof address), "connect to " + path));
  return PacketSocket(std::move(fd));
}

Result<void> PacketSocket::send(std::span<const uint8_t> octets,
                                std::span<const int> descriptors) const {
  if (descriptors.size() > kMaxDescriptors) return fail(Errc::kInvalid, "too many descriptors");
  ssize_t sent;
  do {
    sent = descriptors.empty() ? ::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL)
                               : send_with(fd_.get(), octets, descriptors);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return std::unexpected(os_error(errno, "send"));
  return {};
}

Result<Packet> PacketSocket::receive(size_t max) const {
  Packet packet;
  const ssize_t size = [&] {
    ssize_t got;
    do {
      got = recv(fd_.get(), nullptr, 0, MSG_PEEK | MSG_TRUNC);
    } while (got < 0 && errno == EINTR);
    return got;
  }();
  if (size < 0) return std::unexpected(os_error(errno, "receive"));
  packet.octets.resize(std::min(static_cast<size_t>(size), max));
  iovec part{packet.octets.data(), packet.octets.size()};
  alignas(cmsghdr) std::array<uint8_t, CMSG_SPACE(kMaxDescriptors * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return std::unexpected(os_error(errno, "receive"));
  take_descriptors(message, packet.descriptors);
  if (static_cast<size_t>(size) > max) return fail(Errc::kMalformed, "message too long");
  if (got == 0) return fail(Errc::kNotConnected, "the peer has gone");
  return packet;
}

Result<size_t> PacketSocket::receive_into(std::span<uint8_t> buffer) const {
  ssize_t got;
  do {
    got = recv(fd_.get(), buffer.data(), buffer.size(), MSG_TRUNC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return std::unexpected(os_error(errno, "receive"));
  if (got == 0) return fail(Errc::kNotConnected, "the peer has gone");
  if (static_cast<size_t>(got) > buffer.size()) return fail(Errc::kMalformed, "message too long");
  return static_cast<size_t>(got);
}

Result<void> PacketSocket::set_non_blocking(bool on) const {
  const int flags = TRY(checked(fcntl(fd_.get(), F_GETFL), "F_GETFL"));
  TRY(checked(fcntl(fd_.get(), F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK), "F_SETFL"));
  return {};
}

Result<PeerCredentials> PacketSocket::peer() const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  TRY(checked(getsockopt(fd_.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size), "SO_PEERCRED"));
  return PeerCredentials{credentials.pid, credentials.uid, credentials.gid};
}

Result<UniqueFd> PacketSocket::network_namespace() const {
  return UniqueFd(TRY(checked(ioctl(fd_.get(), SIOCGSKNS), "SIOCGSKNS")));
}

Result<PacketListener> PacketListener::listen(std::string path) {
  const sockaddr_un address = TRY(address_of(path));
  if (PacketSocket::connect(path)) return fail(Errc::kAddressInUse, "somebody listens at " + path);
  ::unlink(path.c_str());
  UniqueFd fd = TRY(packet_socket());
  TRY(checked(bind(fd.get(), generic(address), sizeof address), "bind to " + path));
  TRY(checked(::listen(fd.get(), 128), "listen"));
  TRY(PacketSocket(UniqueFd(dup(fd.get()))).set_non_blocking(true));
  UniqueFd spare(TRY(checked(::open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null")));
  return PacketListener(std::move(fd), std::move(path), std::move(spare));
}

PacketListener::~PacketListener() {
  if (fd_) ::unlink(path_.c_str());
}

Result<PacketSocket> PacketListener::accept() {
  constexpr int kFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;
  const int fd = accept4(fd_.get(), nullptr, nullptr, kFlags);
  if (fd >= 0 || (errno != EMFILE && errno != ENFILE))
    return PacketSocket(UniqueFd(TRY(checked(fd, "accept"))));
  spare_.reset();
  UniqueFd refused(accept4(fd_.get(), nullptr, nullptr, kFlags));
  const bool was_there = static_cast<bool>(refused);
  refused.reset();
  spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return was_there ? fail(Errc::kTooMany, "no descriptor is left") : fail(Errc::kTryAgain);
}

}  // namespace airloom::platform
