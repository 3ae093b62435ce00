#include "interpose/address_module.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/mac_address.h"
#include "platform/unique_fd.h"

namespace airloom::interpose {
namespace {

constexpr int kIeee80211 = 801, kRadiotap = 803;  // ARPHRD_*

/// What a file of a netdev in the caller's /sys says, up to the line's end; empty if it has none.
std::string read_attribute(pid_t thread, std::string_view netdev, const char* attribute) {
  const std::string path =
      fmt::format("/proc/{}/root/sys/class/net/{}/{}", thread, netdev, attribute);
  const platform::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text;
  const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : 0;
  const std::string_view all(text.data(), static_cast<size_t>(std::max<ssize_t>(got, 0)));
  return std::string(all.substr(0, all.find('\n')));
}

/// A name that is one component of a path.
bool is_component(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

}  // namespace

std::vector<FilterRule> AddressModule::rules() const {
  return {{SYS_ioctl, {{1, SIOCGIFHWADDR, SIOCGIFHWADDR}}}};
}

bool AddressModule::handle(const Call& call) {
  if (call.number() != SYS_ioctl) return false;
  auto request = call.read_struct<ifreq>(call.argument(2));
  if (!request) return false;  // the kernel's EFAULT
  const std::string_view name(request->ifr_name, strnlen(request->ifr_name, IFNAMSIZ));
  if (!is_component(name)) return false;
  const std::string type = read_attribute(call.thread(), name, "type");
  if (type != std::to_string(kRadiotap) && type != std::to_string(kIeee80211)) return false;
  const auto address = MacAddress::parse(read_attribute(call.thread(), name, "address"));
  if (!address) return false;
  request->ifr_hwaddr.sa_family = type == std::to_string(kRadiotap) ? kRadiotap : kIeee80211;
  std::copy(address->octets.begin(), address->octets.end(), request->ifr_hwaddr.sa_data);
  if (!call.write_struct(call.argument(2), *request)) return false;
  call.reply(0);
  return true;
}

}  // namespace airloom::interpose
