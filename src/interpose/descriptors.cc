#include "interpose/descriptors.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>

#include "interpose/tasks.h"

namespace airloom::interpose {
namespace {

constexpr FilterRule::Test kInRange{0, kFirstDescriptor, kLastDescriptor};

bool is_to_number(const Call& call) {
#ifdef SYS_dup2
  if (call.number() == SYS_dup2) return true;
#endif
  return call.number() == SYS_dup3;
}

// The kernel copies well within the range. Outside it nothing would be held back any more.
// DEVIATES: such a number counts as out of the allowed range.
void duplicate_to_number(const Call& call) {
  const auto target = static_cast<uint32_t>(call.argument(1));
  const bool within = target >= kFirstDescriptor && target <= kLastDescriptor;
  if (within) return call.resume();
  call.fail(EBADF);
}

}  // namespace

std::vector<FilterRule> rules_of_descriptors() {
  std::vector<FilterRule> rules;
  for (int number :
       {SYS_recvmsg, SYS_sendmsg, SYS_read, SYS_write, SYS_recvfrom, SYS_sendto, SYS_readv,
        SYS_writev, SYS_recvmmsg, SYS_sendmmsg, SYS_bind, SYS_connect, SYS_getsockname,
        SYS_getpeername, SYS_setsockopt, SYS_getsockopt, SYS_accept4, SYS_dup, SYS_dup3})
    rules.push_back({number, {kInRange}});
#ifdef SYS_accept
  rules.push_back({SYS_accept, {kInRange}});
#endif
#ifdef SYS_dup2
  rules.push_back({SYS_dup2, {kInRange}});
#endif
  for (uint32_t command : {F_DUPFD, F_DUPFD_CLOEXEC})
    rules.push_back({SYS_fcntl, {kInRange, {1, command, command}}});
  return rules;
}

bool is_duplication(const Call& call) {
  return call.number() == SYS_dup || call.number() == SYS_fcntl || is_to_number(call);
}

void duplicate(const Call& call, int program_end) {
  if (is_to_number(call)) return duplicate_to_number(call);
  int low = kFirstDescriptor;
  bool close_on_exec = false;
  if (call.number() == SYS_fcntl) {
    low = std::max(low, call.int_argument(2));
    close_on_exec = call.int_argument(1) == F_DUPFD_CLOEXEC;
    if (low > static_cast<int>(kLastDescriptor)) return call.fail(EINVAL);
  }
  const auto number = free_descriptor(call.thread(), low, kLastDescriptor);
  if (!number) return call.fail(EMFILE);
  call.reply_descriptor(program_end, *number, close_on_exec);
}

void reply_with_descriptor(const Call& call, int program_end, bool close_on_exec) {
  const auto number = free_descriptor(call.thread(), kFirstDescriptor, kLastDescriptor);
  if (!number) return call.fail(EMFILE);
  call.reply_descriptor(program_end, *number, close_on_exec);
}

}  // namespace airloom::interpose
