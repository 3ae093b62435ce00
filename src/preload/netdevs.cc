// Network devices where they are emulated: ioctls on any socket, and names to indices.
#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/channel.h"
#include "preload/exports.h"
#include "preload/libc.h"
#include "preload/memory.h"

namespace airloom::preload {
namespace {

using interpose::MessageType;

// Those that take a struct ifreq, and wireless extensions, which no interface of ours has.
constexpr unsigned long kFirst = SIOCGIFNAME;
constexpr unsigned long kLast = 0x894f;
constexpr unsigned long kFirstWireless = 0x8b00;
constexpr unsigned long kLastWireless = 0x8bff;

Behind<int(int, unsigned long, void*)> real_ioctl("ioctl");
Behind<unsigned(const char*)> real_if_nametoindex("if_nametoindex");
Behind<char*(unsigned, char*)> real_if_indextoname("if_indextoname");

/// @return a positive errno, or 0; ENODEV: no device of ours.
int ask_about(unsigned long request, ifreq& argument) {
  struct __attribute__((packed)) {
    uint32_t request;
    uint8_t privileged;
    ifreq argument;
  } body{static_cast<uint32_t>(request), 1, argument};
  ifreq result;
  const Answer answer = ask(0, MessageType::kIoctl, body, &result, sizeof result);
  if (answer.error == 0 && answer.extra == sizeof result) argument = result;
  return answer.error == ECONNREFUSED ? ENODEV : answer.error;
}

// @return false: the kernel is to be asked.
bool ioctl_on_device(unsigned long request, void* argument, int& outcome) {
  const bool wireless = request >= kFirstWireless && request <= kLastWireless;
  if (!settings.emulated || argument == nullptr || request == SIOCGIFCONF) return false;
  if (!wireless && (request < kFirst || request > kLast)) return false;
  ifreq copy{};
  const size_t size = wireless ? static_cast<size_t>(IFNAMSIZ) : sizeof copy;
  if (!OwnMemory().read_octets(address_of(argument), &copy, size)) return false;
  int error = ask_about(wireless ? static_cast<unsigned long>(SIOCGIFINDEX) : request, copy);
  if (error == ENODEV) return false;
  if (error == 0 && !wireless && !OwnMemory().write_octets(address_of(argument), &copy, size))
    error = EFAULT;
  outcome = outcome_of(wireless ? EOPNOTSUPP : error);
  return true;
}

}  // namespace

extern "C" {

int my_ioctl(int fd, unsigned long request, ...) IN_FRONT_OF(ioctl);
int my_ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  request = static_cast<uint32_t>(request);  // musl's is an int
  int outcome;
  if (ioctl_on_device(request, argument, outcome)) return outcome;
  return real_ioctl(fd, request, argument);
}

unsigned my_if_nametoindex(const char* name) IN_FRONT_OF(if_nametoindex);
unsigned my_if_nametoindex(const char* name) {
  if (!settings.emulated) return real_if_nametoindex(name);
  ifreq request{};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ask_about(SIOCGIFINDEX, request) != 0) return real_if_nametoindex(name);
  return static_cast<unsigned>(request.ifr_ifindex);
}

char* my_if_indextoname(unsigned index, char* name) IN_FRONT_OF(if_indextoname);
char* my_if_indextoname(unsigned index, char* name) {
  if (!settings.emulated) return real_if_indextoname(index, name);
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index);
  if (ask_about(SIOCGIFNAME, request) != 0) return real_if_indextoname(index, name);
  return strncpy(name, request.ifr_name, IFNAMSIZ);
}

}  // extern "C"

}  // namespace airloom::preload
