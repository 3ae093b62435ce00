#include "platform/rtnetlink.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

constexpr size_t kAlign = 4;
constexpr size_t kReceiveMax = 64 * 1024;

// Reads a struct of the kernel's UAPI out of octets; its layout is the wire's.
template <typename T>
std::optional<T> read_struct(std::span<const uint8_t> octets) {
  if (octets.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, octets.data(), sizeof value);
  return value;
}

template <typename T>
void append_struct(Octets& out, const T& value) {
  const size_t at = out.size();
  out.resize(at + sizeof value);
  std::memcpy(out.data() + at, &value, sizeof value);
}

void append_attribute(Octets& out, uint16_t type, std::span<const uint8_t> value) {
  const rtattr header{static_cast<uint16_t>(sizeof(rtattr) + value.size()), type};
  append_struct(out, header);
  out.insert(out.end(), value.begin(), value.end());
  out.resize((out.size() + kAlign - 1) / kAlign * kAlign);
}

void append_string(Octets& out, uint16_t type, const std::string& value) {
  Octets text(value.begin(), value.end());
  text.push_back(0);
  append_attribute(out, type, text);
}

template <typename Body>
Octets request_of(uint16_t type, uint16_t flags, const Body& body) {
  Octets out;
  append_struct(out, nlmsghdr{0, type, static_cast<uint16_t>(NLM_F_REQUEST | flags), 0, 0});
  append_struct(out, body);
  return out;
}

// Calls `visit(type, payload)` for each attribute; malformed octets end the walk.
template <typename Visit>
void for_each_attribute(std::span<const uint8_t> octets, Visit visit) {
  while (const auto header = read_struct<rtattr>(octets)) {
    if (header->rta_len < sizeof(rtattr) || header->rta_len > octets.size()) return;
    visit(header->rta_type, octets.subspan(sizeof(rtattr), header->rta_len - sizeof(rtattr)));
    const size_t step = (header->rta_len + kAlign - 1) / kAlign * kAlign;
    octets = octets.subspan(std::min(step, octets.size()));
  }
}

void read_link_attribute(LinkEvent& link, uint16_t type, std::span<const uint8_t> value) {
  switch (type) {
    case IFLA_IFNAME:
      link.name.assign(value.begin(), std::find(value.begin(), value.end(), 0));
      break;
    case IFLA_ADDRESS:
      if (value.size() >= 6) link.address = MacAddress::from(value);
      break;
    case IFLA_OPERSTATE:
      if (!value.empty()) link.operstate = value[0];
      break;
    case IFLA_LINKMODE:
      if (!value.empty()) link.linkmode = value[0];
      break;
    case IFLA_MASTER:
      link.master = read_struct<uint32_t>(value).value_or(0);
      break;
    case IFLA_NEW_IFINDEX:
      link.new_ifindex = read_struct<uint32_t>(value).value_or(0);
      break;
    case IFLA_NEW_NETNSID:
      link.moved = true;
      break;
    default:
      break;
  }
}

}  // namespace

Result<LinkEvent> parse_link(std::span<const uint8_t> message) {
  const auto header = read_struct<nlmsghdr>(message);
  if (!header || header->nlmsg_len > message.size() ||
      (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK))
    return fail(Errc::kMalformed, "not a link message");
  message = message.first(header->nlmsg_len);
  if (message.size() < sizeof(nlmsghdr) + sizeof(ifinfomsg))
    return fail(Errc::kMalformed, "not a link message");
  const auto info = *read_struct<ifinfomsg>(message.subspan(sizeof(nlmsghdr)));
  LinkEvent link;
  link.ifindex = static_cast<uint32_t>(info.ifi_index);
  // A bridge tells of a leaving port by DELLINK in family AF_BRIDGE: the netdev itself stays.
  link.gone = header->nlmsg_type == RTM_DELLINK && info.ifi_family == AF_UNSPEC;
  link.flags = info.ifi_flags;
  for_each_attribute(message.subspan(sizeof(nlmsghdr) + sizeof(ifinfomsg)),
                     [&](uint16_t type, auto value) { read_link_attribute(link, type, value); });
  return link;
}

Result<Rtnetlink> Rtnetlink::open() {
  UniqueFd fd(TRY(checked(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "socket")));
  return Rtnetlink(std::move(fd));
}

Result<std::vector<Octets>> Rtnetlink::transact(Octets request) {
  auto header = *read_struct<nlmsghdr>(request);
  header.nlmsg_len = static_cast<uint32_t>(request.size());
  header.nlmsg_seq = ++sequence_;
  std::memcpy(request.data(), &header, sizeof header);
  TRY(checked(static_cast<int>(send(fd_.get(), request.data(), request.size(), 0)), "rtnetlink"));
  std::vector<Octets> answers;
  Octets buffer(kReceiveMax);
  for (;;) {
    const ssize_t got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    TRY(checked(static_cast<int>(got), "rtnetlink"));
    std::span<const uint8_t> rest(buffer.data(), static_cast<size_t>(got));
    while (const auto answer = read_struct<nlmsghdr>(rest)) {
      if (answer->nlmsg_len < sizeof(nlmsghdr) || answer->nlmsg_len > rest.size()) break;
      const auto message = rest.first(answer->nlmsg_len);
      rest = rest.subspan(std::min<size_t>(NLMSG_ALIGN(answer->nlmsg_len), rest.size()));
      if (answer->nlmsg_seq != sequence_) continue;
      if (answer->nlmsg_type == NLMSG_DONE) return answers;
      if (answer->nlmsg_type == NLMSG_ERROR) {
        const int error = read_struct<int>(message.subspan(sizeof(nlmsghdr))).value_or(-EIO);
        if (error != 0) return std::unexpected(os_error(-error, "rtnetlink"));
        return answers;
      }
      answers.emplace_back(message.begin(), message.end());
    }
  }
}

Result<void> Rtnetlink::change(uint32_t ifindex, uint32_t flags, uint32_t mask, uint16_t attribute,
                               std::span<const uint8_t> value) {
  ifinfomsg info{};
  info.ifi_index = static_cast<int>(ifindex);
  info.ifi_flags = flags;
  info.ifi_change = mask;
  Octets request = request_of(RTM_NEWLINK, NLM_F_ACK, info);
  if (attribute) append_attribute(request, attribute, value);
  TRY(transact(std::move(request)));
  return {};
}

Result<void> Rtnetlink::set_up(uint32_t ifindex, bool up) {
  return change(ifindex, up ? IFF_UP : 0, IFF_UP, 0, {});
}

Result<void> Rtnetlink::set_name(uint32_t ifindex, const std::string& name) {
  Octets text(name.begin(), name.end());
  text.push_back(0);
  return change(ifindex, 0, 0, IFLA_IFNAME, text);
}

Result<void> Rtnetlink::set_address(uint32_t ifindex, const MacAddress& address) {
  return change(ifindex, 0, 0, IFLA_ADDRESS, address.octets);
}

Result<void> Rtnetlink::set_mtu(uint32_t ifindex, uint32_t mtu) {
  Octets value;
  append_struct(value, mtu);
  return change(ifindex, 0, 0, IFLA_MTU, value);
}

Result<void> Rtnetlink::set_link_mode(uint32_t ifindex, uint8_t mode) {
  return change(ifindex, 0, 0, IFLA_LINKMODE, std::span(&mode, 1));
}

Result<void> Rtnetlink::set_operstate(uint32_t ifindex, uint8_t state) {
  return change(ifindex, 0, 0, IFLA_OPERSTATE, std::span(&state, 1));
}

Result<void> Rtnetlink::move_to(uint32_t ifindex, int netns_fd, const std::string& name) {
  ifinfomsg info{};
  info.ifi_index = static_cast<int>(ifindex);
  Octets request = request_of(RTM_NEWLINK, NLM_F_ACK, info);
  Octets value;
  append_struct(value, static_cast<uint32_t>(netns_fd));
  append_attribute(request, IFLA_NET_NS_FD, value);
  if (!name.empty()) append_string(request, IFLA_IFNAME, name);
  TRY(transact(std::move(request)));
  return {};
}

Result<void> Rtnetlink::add_address(uint32_t ifindex, const std::string& prefix) {
  const size_t slash = prefix.find('/');
  const std::string text = prefix.substr(0, slash);
  ifaddrmsg body{};
  std::array<uint8_t, 16> octets{};
  size_t size = 4;
  body.ifa_family = AF_INET;
  if (inet_pton(AF_INET, text.c_str(), octets.data()) != 1) {
    if (inet_pton(AF_INET6, text.c_str(), octets.data()) != 1)
      return fail(Errc::kInvalid, "not an IP address: " + prefix);
    body.ifa_family = AF_INET6;
    body.ifa_flags = IFA_F_NODAD;
    size = 16;
  }
  unsigned bits = static_cast<unsigned>(size) * 8;
  if (slash != std::string::npos) {
    const char* end = prefix.data() + prefix.size();
    const auto parsed = std::from_chars(prefix.data() + slash + 1, end, bits);
    if (parsed.ec != std::errc{} || parsed.ptr != end || bits > size * 8)
      return fail(Errc::kInvalid, "not a prefix length: " + prefix);
  }
  body.ifa_prefixlen = static_cast<uint8_t>(bits);
  body.ifa_index = ifindex;
  Octets request = request_of(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, body);
  append_attribute(request, IFA_LOCAL, std::span(octets).first(size));
  append_attribute(request, IFA_ADDRESS, std::span(octets).first(size));
  TRY(transact(std::move(request)));
  return {};
}

Result<LinkEvent> Rtnetlink::find(uint32_t ifindex, const std::string& name) {
  ifinfomsg info{};
  info.ifi_index = static_cast<int>(ifindex);
  Octets request = request_of(RTM_GETLINK, NLM_F_ACK, info);
  if (!name.empty()) append_string(request, IFLA_IFNAME, name);
  const auto answers = TRY(transact(std::move(request)));
  if (answers.empty()) return fail(Errc::kNoDevice, name);
  return parse_link(answers.front());
}

Result<LinkEvent> Rtnetlink::find(const std::string& name) {
  return find(0, name);
}
Result<LinkEvent> Rtnetlink::find(uint32_t ifindex) {
  return find(ifindex, {});
}

Result<std::vector<LinkEvent>> Rtnetlink::links() {
  const auto answers = TRY(transact(request_of(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{})));
  std::vector<LinkEvent> links;
  for (const Octets& answer : answers) links.push_back(TRY(parse_link(answer)));
  return links;
}

}  // namespace airloom::platform
