// Pointers that point nowhere, or to what must not be written: EFAULT, and the socket lives on.
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <utility>

#include "suite.h"

namespace {

// Musl's functions read a message's header themselves, and would die of it.
#ifdef __GLIBC__
constexpr bool kHeadersAreTheKernels = true;
#else
constexpr bool kHeadersAreTheKernels = false;
#endif

// Memory of which a program may do nothing, or only read.
template <typename T>
T* page(int protection) {
  void* at = mmap(nullptr, 8192, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(at != MAP_FAILED);
  return static_cast<T*>(at);
}

struct Places {
  unsigned char* nowhere = page<unsigned char>(PROT_NONE);
  unsigned char* constant = page<unsigned char>(PROT_READ);
  template <typename T>
  T* as(unsigned char* at) const {
    return reinterpret_cast<T*>(at);
  }
};

msghdr message_of(iovec* parts) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 1;
  return message;
}

void check_sending(int fd, const Places& places) {
  const auto nowhere = places.nowhere;
  Octets request = get_family(family, 3);
  sockaddr_nl to = kernel_address();
  CHECK_ERROR(send(fd, nowhere, request.size(), 0), EFAULT);
  CHECK_ERROR(write(fd, nowhere, request.size()), EFAULT);
  CHECK_ERROR(send(fd, nowhere, 4, 0), EFAULT);
  CHECK_ERROR(
      sendto(fd, request.data(), request.size(), 0, places.as<sockaddr>(nowhere), sizeof to),
      EFAULT);
  if (kHeadersAreTheKernels) {
    CHECK_ERROR(sendmsg(fd, places.as<msghdr>(nowhere), 0), EFAULT);
    CHECK_ERROR(sendmmsg(fd, places.as<mmsghdr>(nowhere), 1, 0), EFAULT);
  }
  CHECK_ERROR(writev(fd, places.as<iovec>(nowhere), 1), EFAULT);
  iovec bad{nowhere, request.size()};
  CHECK_ERROR(writev(fd, &bad, 1), EFAULT);
  iovec good{request.data(), request.size()};
  msghdr message = message_of(places.as<iovec>(nowhere));
  CHECK_ERROR(sendmsg(fd, &message, 0), EFAULT);
  message = message_of(&good);
  message.msg_name = nowhere;
  message.msg_namelen = sizeof to;
  CHECK_ERROR(sendmsg(fd, &message, 0), EFAULT);
  iovec halves[2] = {{request.data(), 20}, {nowhere, request.size() - 20}};
  CHECK_ERROR(writev(fd, halves, 2), EFAULT);
  CHECK(is_empty(fd));
}

void check_receiving(int fd, const Places& places) {
  unsigned char buffer[4096];
  iovec good{buffer, sizeof buffer};
  const auto nowhere = places.nowhere;
  for (unsigned char* at : {nowhere, places.constant}) {
    CHECK(ask(fd, 4));
    if (kHeadersAreTheKernels) {
      CHECK_ERROR(recvmsg(fd, places.as<msghdr>(nowhere), 0), EFAULT);
      CHECK_ERROR(recvmmsg(fd, places.as<mmsghdr>(nowhere), 1, 0, nullptr), EFAULT);
    }
    CHECK_ERROR(readv(fd, places.as<iovec>(nowhere), 1), EFAULT);  // and it is still there
    CHECK(answered(fd, 4));

    // From here on each attempt takes one of reply and ACK.
    CHECK(ask(fd, 5));
    CHECK_ERROR(recv(fd, at, 4096, 0), EFAULT);
    CHECK_ERROR(read(fd, at, 4096), EFAULT);
    CHECK(is_empty(fd));

    socklen_t size = sizeof(sockaddr_nl);
    CHECK(ask(fd, 6));
    CHECK_ERROR(recvfrom(fd, buffer, sizeof buffer, 0, places.as<sockaddr>(at), &size), EFAULT);
    sockaddr_nl from{};
    CHECK_ERROR(recvfrom(fd, buffer, sizeof buffer, 0, generic(from), places.as<socklen_t>(at)),
                EFAULT);
    CHECK(is_empty(fd));

    CHECK(ask(fd, 7));
    msghdr message = message_of(&good);
    message.msg_name = at;
    message.msg_namelen = sizeof(sockaddr_nl);
    CHECK_ERROR(recvmsg(fd, &message, 0), EFAULT);
    iovec bad{at, 4096};
    message = message_of(&bad);
    CHECK_ERROR(recvmsg(fd, &message, 0), EFAULT);
    CHECK(is_empty(fd));
  }
  CHECK_ERROR(
      recvfrom(fd, buffer, sizeof buffer, MSG_DONTWAIT, places.as<sockaddr>(nowhere), nullptr),
      EAGAIN);
}

// Where they have no place they are not told.
void check_control(int fd, const Places& places) {
  unsigned char buffer[4096];
  iovec part{buffer, sizeof buffer};
  CHECK(set_option(fd, SOL_NETLINK, NETLINK_PKTINFO, 1));
  CHECK(ask(fd, 8));
  msghdr message = message_of(&part);
  message.msg_control = places.nowhere;
  message.msg_controllen = 256;
  CHECK(recvmsg(fd, &message, 0) > 36 && message.msg_controllen == 0);
  CHECK(recv(fd, buffer, sizeof buffer, 0) == 36);
  CHECK(set_option(fd, SOL_NETLINK, NETLINK_PKTINFO, 0));
}

void check_names_and_options(int fd, const Places& places) {
  const auto nowhere = places.nowhere;
  sockaddr_nl name = kernel_address();
  socklen_t size = sizeof name;
  CHECK_ERROR(bind(fd, places.as<sockaddr>(nowhere), sizeof name), EFAULT);
  CHECK_ERROR(connect(fd, places.as<sockaddr>(nowhere), sizeof name), EFAULT);
  for (unsigned char* at : {nowhere, places.constant}) {
    for (const socklen_t room : {12u, 2u}) {
      size = room;
      CHECK_ERROR(getsockname(fd, places.as<sockaddr>(at), &size), EFAULT);
      CHECK_ERROR(getpeername(fd, places.as<sockaddr>(at), &size), EFAULT);
    }
    CHECK_ERROR(getsockname(fd, generic(name), places.as<socklen_t>(at)), EFAULT);
  }
  int value = 0;
  size = sizeof value;
  for (const auto& [level, option] : {std::pair{SOL_NETLINK, NETLINK_PKTINFO},
                                      {SOL_SOCKET, SO_TYPE},
                                      {SOL_SOCKET, SO_PASSCRED},
                                      {SOL_SOCKET, SO_RCVBUF}}) {
    CHECK_ERROR(getsockopt(fd, level, option, nowhere, &size), EFAULT);
    CHECK_ERROR(getsockopt(fd, level, option, places.constant, &size), EFAULT);
    CHECK_ERROR(getsockopt(fd, level, option, &value, places.as<socklen_t>(nowhere)), EFAULT);
    if (option != SO_TYPE) CHECK_ERROR(setsockopt(fd, level, option, nowhere, 4), EFAULT);
  }
}

}  // namespace

void check_bad_pointers() {
  const Places places;
  const int fd = open_socket();
  CHECK(ask(fd, 1) && answered(fd, 1));
  check_sending(fd, places);
  check_receiving(fd, places);
  check_control(fd, places);
  check_names_and_options(fd, places);
  CHECK(ask(fd, 9) && answered(fd, 9));
  close(fd);
  munmap(places.nowhere, 8192);
  munmap(places.constant, 8192);
}
