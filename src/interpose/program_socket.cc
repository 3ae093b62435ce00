#include "interpose/program_socket.h"

#include <algorithm>

#include "interpose/tasks.h"

namespace airloom::interpose {
namespace {

constexpr size_t kMaxOption = 4096;

}  // namespace

bool ProgramSocket::has_rights() {
  return has_net_admin(call_.thread());
}

int ProgramSocket::set_kept_option(int name, uint64_t at, uint32_t size) {
  std::vector<uint8_t> value(std::min<size_t>(size, kMaxOption));
  if (!call_.read(at, value)) return EFAULT;
  if (setsockopt(program_end_, SOL_SOCKET, name, value.data(),
                 static_cast<socklen_t>(value.size())) < 0)
    return errno;
  if (name == SO_RCVBUF || name == SO_RCVBUFFORCE)
    socket_.set_receive_buffer(static_cast<uint32_t>(kept_option(program_end_, SO_RCVBUF)));
  return 0;
}

int ProgramSocket::get_kept_option(int name, uint64_t at, uint64_t size_at) {
  const auto room = call_.read_struct<int32_t>(size_at);
  if (!room) return EFAULT;
  std::vector<uint8_t> value(std::min(static_cast<size_t>(*room), kMaxOption));
  auto size = static_cast<socklen_t>(value.size());
  if (getsockopt(program_end_, SOL_SOCKET, name, value.data(), &size) < 0) return errno;
  return give(call_, value.data(), size, at, size_at, false);
}

int kept_option(int socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

}  // namespace airloom::interpose
