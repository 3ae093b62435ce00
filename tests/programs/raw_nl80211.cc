// A program with netlink code of its own, linked statically: finds nl80211, tells the interface
// it is given apart, scans on it, and prints the events and what was found.
//
//   raw_nl80211 INTERFACE
#include <linux/nl80211.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "netlink_message.h"

namespace {

using Attributes = std::map<uint16_t, Octets>;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

Attributes parse(const uint8_t* at, size_t size) {
  Attributes found;
  while (size >= NLA_HDRLEN) {
    nlattr header;
    std::memcpy(&header, at, sizeof header);
    if (header.nla_len < NLA_HDRLEN || header.nla_len > size) break;
    found[header.nla_type & NLA_TYPE_MASK] = Octets(at + NLA_HDRLEN, at + header.nla_len);
    const size_t step = std::min<size_t>(NLA_ALIGN(header.nla_len), size);
    at += step;
    size -= step;
  }
  return found;
}
Attributes parse(const Octets& nest) {
  return parse(nest.data(), nest.size());
}

uint32_t number(const Octets& octets) {
  uint32_t value = 0;
  std::memcpy(&value, octets.data(), std::min(octets.size(), sizeof value));
  return value;
}

class Socket {
 public:
  Socket() : fd_(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC)) {
    if (fd_ < 0) give_up("socket");
  }
  ~Socket() { close(fd_); }

  void join(uint32_t group) {
    if (setsockopt(fd_, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
      give_up("membership");
  }

  void send(uint16_t family, uint8_t command, uint16_t flags, const Octets& attributes) {
    Octets out = make_request(family, command, ++sequence_, flags);
    out.insert(out.end(), attributes.begin(), attributes.end());
    set_length(out);
    if (write(fd_, out.data(), out.size()) != static_cast<ssize_t>(out.size())) give_up("send");
  }

  using Take = std::function<bool(uint8_t command, const Attributes&)>;
  /// Hands each message over until an acknowledgement, the end of a dump, or false.
  void receive(const Take& take) {
    for (;;) {
      Octets buffer(64 * 1024);
      const ssize_t got = read(fd_, buffer.data(), buffer.size());
      if (got < 0) give_up("receive");
      size_t at = 0;
      while (at + NLMSG_HDRLEN <= static_cast<size_t>(got)) {
        nlmsghdr header;
        std::memcpy(&header, buffer.data() + at, sizeof header);
        const uint8_t* body = buffer.data() + at + NLMSG_HDRLEN;
        at += NLMSG_ALIGN(header.nlmsg_len);
        if (header.nlmsg_type == NLMSG_DONE) return;
        if (header.nlmsg_type == NLMSG_ERROR) {
          int error;
          std::memcpy(&error, body, sizeof error);
          if (error == 0) return;
          errno = -error;
          give_up("request");
        }
        const size_t size = header.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
        if (!take(body[0], parse(body + GENL_HDRLEN, size))) return;
      }
    }
  }

 private:
  int fd_;
  uint32_t sequence_ = 0;
};

struct Family {
  uint16_t id = 0;
  std::map<std::string, uint32_t> groups;
};

Family find_family(const char* name) {
  Family family;
  Octets request;
  append_attribute(request, CTRL_ATTR_FAMILY_NAME, name, std::strlen(name) + 1);
  Socket socket;
  socket.send(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK, request);
  socket.receive([&](uint8_t, const Attributes& reply) {
    family.id = static_cast<uint16_t>(number(reply.at(CTRL_ATTR_FAMILY_ID)));
    for (const auto& [index, nest] : parse(reply.at(CTRL_ATTR_MCAST_GROUPS))) {
      const Attributes group = parse(nest);
      const auto* text = reinterpret_cast<const char*>(group.at(CTRL_ATTR_MCAST_GRP_NAME).data());
      family.groups[text] = number(group.at(CTRL_ATTR_MCAST_GRP_ID));
    }
    return true;
  });
  return family;
}

void print_interface(const Family& family, const Octets& interface, const char* name) {
  Socket socket;
  socket.send(family.id, NL80211_CMD_GET_INTERFACE, NLM_F_ACK, interface);
  socket.receive([&](uint8_t, const Attributes& reply) {
    const bool is_station = number(reply.at(NL80211_ATTR_IFTYPE)) == NL80211_IFTYPE_STATION;
    std::printf("phy%u %s %s\n", number(reply.at(NL80211_ATTR_WIPHY)),
                is_station ? "station" : "other", name);
    return true;
  });
}

void scan(const Family& family, const Octets& interface) {
  Socket events;
  events.join(family.groups.at("scan"));
  Socket socket;
  socket.send(family.id, NL80211_CMD_TRIGGER_SCAN, NLM_F_ACK, interface);
  socket.receive([](uint8_t, const Attributes&) { return true; });
  events.receive([](uint8_t command, const Attributes&) {
    const bool begins = command == NL80211_CMD_TRIGGER_SCAN;
    std::printf("event %s\n", begins ? "TRIGGER_SCAN" : "NEW_SCAN_RESULTS");
    return begins;
  });
}

void print_results(const Family& family, const Octets& interface) {
  Socket socket;
  socket.send(family.id, NL80211_CMD_GET_SCAN, NLM_F_DUMP, interface);
  socket.receive([](uint8_t, const Attributes& reply) {
    const Attributes bss = parse(reply.at(NL80211_ATTR_BSS));
    const Octets& address = bss.at(NL80211_BSS_BSSID);
    const Octets& elements = bss.at(NL80211_BSS_INFORMATION_ELEMENTS);
    std::printf("bss %02x:%02x:%02x:%02x:%02x:%02x %u %.*s\n", address[0], address[1], address[2],
                address[3], address[4], address[5], number(bss.at(NL80211_BSS_FREQUENCY)),
                static_cast<int>(elements[1]), reinterpret_cast<const char*>(&elements[2]));
    return true;
  });
}

}  // namespace

int main(int argc, char** argv) {
  const uint32_t index = argc == 2 ? if_nametoindex(argv[1]) : 0;
  if (index == 0) give_up("which interface");
  const Family family = find_family("nl80211");
  Octets interface;
  append_attribute(interface, NL80211_ATTR_IFINDEX, &index, sizeof index);
  print_interface(family, interface, argv[1]);
  scan(family, interface);
  print_results(family, interface);
}
