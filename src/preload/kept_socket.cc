#include "preload/kept_socket.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "preload/calls.h"
#include "preload/libc.h"

namespace airloom::preload {
namespace {

using interpose::MessageType;
using interpose::Option;

Behind<int(int, int, int, const void*, socklen_t)> real_setsockopt("setsockopt");
Behind<int(int, int, int, void*, socklen_t*)> real_getsockopt("getsockopt");

void* pointer_to(uint64_t at) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(at));
}

}  // namespace

int KeptSocket::bind(uint32_t port) {
  struct {
    uint32_t port;
    uint32_t pid;
  } body{port, static_cast<uint32_t>(getpid())};
  return ask(socket_.cookie, MessageType::kBind, body).error;
}

int KeptSocket::describe(State& out) {
  struct {
    uint32_t kind_and_type;
    uint32_t options;
    uint32_t groups[State::kGroups];
  } told;
  const Answer answer = ask(socket_.cookie, MessageType::kDescribe, &told, sizeof told);
  out.port = answer.value;
  const size_t fixed = offsetof(decltype(told), groups);
  out.count = answer.extra > fixed ? (answer.extra - fixed) / sizeof(uint32_t) : 0;
  memcpy(out.groups, told.groups, out.count * sizeof(uint32_t));
  return answer.error;
}

int KeptSocket::get_name(interpose::NetlinkAddress& out) {
  State state;
  const int error = describe(state);
  out = {.port = state.port};
  for (size_t i = 0; error == 0 && i < state.count; ++i)
    out.groups |= interpose::mask_of(state.groups[i]);
  return error;
}

int KeptSocket::set_membership(uint32_t group, bool join) {
  struct __attribute__((packed)) {
    uint32_t group;
    uint8_t join;
  } body{group, join};
  return ask(socket_.cookie, MessageType::kMembership, body).error;
}

int KeptSocket::tell(Option option, uint32_t value) {
  struct __attribute__((packed)) {
    uint8_t option;
    uint32_t value;
  } body{static_cast<uint8_t>(option), value};
  return ask(socket_.cookie, MessageType::kSetOption, body).error;
}

int KeptSocket::set_flag(Option option, bool on) {
  // Threads may set several at once.
  if (on) {
    __atomic_or_fetch(&socket_.options.bits, interpose::OptionSet::bit(option), __ATOMIC_RELAXED);
  } else {
    __atomic_and_fetch(&socket_.options.bits, ~interpose::OptionSet::bit(option), __ATOMIC_RELAXED);
  }
  return tell(option, on);
}

int KeptSocket::take_error() {
  return preload::take_error(fd_, socket_);
}

bool KeptSocket::has_rights() {
  return settings.emulated || has_net_admin();
}

int KeptSocket::set_kept_option(int name, uint64_t at, uint32_t size) {
  if (real_setsockopt(fd_, SOL_SOCKET, name, pointer_to(at), size) < 0) return errno;
  if (name != SO_RCVBUF && name != SO_RCVBUFFORCE) return 0;
  int number = 0;
  socklen_t room = sizeof number;
  if (real_getsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &number, &room) < 0) return errno;
  socket_.receive_buffer = static_cast<uint32_t>(number);
  return tell(Option::kReceiveBuffer, static_cast<uint32_t>(number));
}

int KeptSocket::get_kept_option(int name, uint64_t at, uint64_t size_at) {
  auto* room = static_cast<socklen_t*>(pointer_to(size_at));
  return real_getsockopt(fd_, SOL_SOCKET, name, pointer_to(at), room) < 0 ? errno : 0;
}

}  // namespace airloom::preload
