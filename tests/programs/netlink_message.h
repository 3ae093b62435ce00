// What the programs here that speak netlink by themselves share: requests, and room for answers.
#pragma once

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstdint>
#include <cstring>
#include <vector>

using Octets = std::vector<unsigned char>;

inline void append_attribute(Octets& out, uint16_t type, const void* value, size_t size) {
  const nlattr header{static_cast<uint16_t>(NLA_HDRLEN + size), type};
  const size_t at = out.size();
  out.resize(at + NLA_HDRLEN + NLA_ALIGN(size));
  std::memcpy(out.data() + at, &header, sizeof header);
  if (size > 0) std::memcpy(out.data() + at + NLA_HDRLEN, value, size);
}

/// Makes the header's length that of the whole.
inline void set_length(Octets& request) {
  const auto size = static_cast<uint32_t>(request.size());
  std::memcpy(request.data(), &size, sizeof size);
}

/// A generic netlink request without attributes.
inline Octets make_request(uint16_t family, unsigned char command, uint32_t sequence,
                           uint16_t flags = NLM_F_ACK) {
  Octets out(NLMSG_HDRLEN + GENL_HDRLEN);
  const nlmsghdr header{0, family, static_cast<uint16_t>(NLM_F_REQUEST | flags), sequence, 0};
  const genlmsghdr genl{command, 1, 0};
  std::memcpy(out.data(), &header, sizeof header);
  std::memcpy(out.data() + sizeof header, &genl, sizeof genl);
  set_length(out);
  return out;
}

inline nlmsghdr header_of(const unsigned char* octets) {
  nlmsghdr header;
  std::memcpy(&header, octets, sizeof header);
  return header;
}

/// Where recvmsg() puts a message, and control messages beside it.
struct Inbox {
  unsigned char buffer[16384];
  alignas(cmsghdr) unsigned char control[256];
  iovec part{buffer, sizeof buffer};
  msghdr message{};

  Inbox() {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
  }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
};
