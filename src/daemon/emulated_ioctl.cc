#include "daemon/emulated_ioctl.h"

#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "netlink/errno.h"

namespace airloom::daemon {
namespace {

constexpr int kDefaultQueue = 1000;

int errno_of(const Result<void>& done) {
  return done ? 0 : netlink::to_errno(done.error().code);
}

EmulatedNetdev* device_of(EmulatedNetwork& network, uint32_t request, const ifreq& argument) {
  if (request == SIOCGIFNAME) return network.find(static_cast<uint32_t>(argument.ifr_ifindex));
  const auto* end = std::find(argument.ifr_name, argument.ifr_name + IFNAMSIZ, '\0');
  return network.find(std::string(argument.ifr_name, end));
}

void give_name(const EmulatedNetdev& netdev, ifreq& argument) {
  std::memset(argument.ifr_name, 0, IFNAMSIZ);
  netdev.name().copy(argument.ifr_name, IFNAMSIZ - 1);
}

void give_address(const EmulatedNetdev& netdev, ifreq& argument) {
  std::memset(&argument.ifr_hwaddr, 0, sizeof argument.ifr_hwaddr);
  argument.ifr_hwaddr.sa_family = netdev.link_type();
  std::copy_n(netdev.address().octets.begin(), 6, argument.ifr_hwaddr.sa_data);
}

int set_address(EmulatedNetdev& netdev, const ifreq& argument) {
  if (argument.ifr_hwaddr.sa_family != netdev.link_type()) return EINVAL;
  MacAddress address;
  std::copy_n(argument.ifr_hwaddr.sa_data, 6, address.octets.begin());
  if (address.octets[0] & 1) return EADDRNOTAVAIL;
  return errno_of(netdev.change_address(address));
}

int set_name(EmulatedNetdev& netdev, const ifreq& argument) {
  const auto* end = std::find(argument.ifr_newname, argument.ifr_newname + IFNAMSIZ, '\0');
  const std::string name(argument.ifr_newname, end);
  if (name.empty() || name.size() >= IFNAMSIZ || name.find('/') != std::string::npos) return EINVAL;
  return errno_of(netdev.rename(name));
}

/// @return a positive errno, or 0.
int perform(EmulatedNetdev& netdev, uint32_t request, ifreq& argument) {
  switch (request) {
    case SIOCGIFNAME:
      return give_name(netdev, argument), 0;
    case SIOCGIFINDEX:
      return argument.ifr_ifindex = static_cast<int>(netdev.ifindex()), 0;
    case SIOCGIFFLAGS:
      return argument.ifr_flags = static_cast<short>(netdev.flags()), 0;
    case SIOCSIFFLAGS:
      return errno_of(netdev.set_up(argument.ifr_flags & IFF_UP));
    case SIOCGIFHWADDR:
      return give_address(netdev, argument), 0;
    case SIOCSIFHWADDR:
      return set_address(netdev, argument);
    case SIOCGIFMTU:
      return argument.ifr_mtu = static_cast<int>(netdev.mtu()), 0;
    case SIOCSIFMTU:
      if (argument.ifr_mtu < 68 || argument.ifr_mtu > 2304) return EINVAL;
      return netdev.set_mtu(static_cast<uint32_t>(argument.ifr_mtu)), 0;
    case SIOCGIFTXQLEN:
      return argument.ifr_qlen = kDefaultQueue, 0;
    case SIOCGIFMETRIC:
      return argument.ifr_metric = 0, 0;
    case SIOCSIFNAME:
      return set_name(netdev, argument);
    case SIOCGIFADDR:
    case SIOCGIFDSTADDR:
    case SIOCGIFBRDADDR:
    case SIOCGIFNETMASK:
      return EADDRNOTAVAIL;  // there is no IP
    default:
      return EOPNOTSUPP;
  }
}

}  // namespace

interpose::Answer perform_ioctl(EmulatedNetwork& network, const interpose::Ioctl& call) {
  ifreq argument{};
  if (call.argument.size() < sizeof argument) return {.error = EINVAL};
  std::memcpy(&argument, call.argument.data(), sizeof argument);
  EmulatedNetdev* netdev = device_of(network, call.request, argument);
  if (netdev == nullptr) return {.error = ENODEV};
  interpose::Answer answer{.error = perform(*netdev, call.request, argument)};
  answer.octets.resize(sizeof argument);
  std::memcpy(answer.octets.data(), &argument, sizeof argument);
  return answer;
}

}  // namespace airloom::daemon
