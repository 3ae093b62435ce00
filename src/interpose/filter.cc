#include "interpose/filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "platform/os_error.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace airloom::interpose {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "interpose knows the system call ABI of x86-64 and arm64"
#endif

sock_filter load(uint32_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
}
sock_filter give(uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}

uint32_t offset_of_argument(uint8_t index) {
  return static_cast<uint32_t>(offsetof(seccomp_data, args) + index * sizeof(uint64_t));
}

// Falls through to the end (the caller adds what follows) if the value is within, else jumps over
// `rest` instructions more.
void append_test(std::vector<sock_filter>& out, const FilterRule::Test& test, uint8_t rest) {
  out.push_back(load(offset_of_argument(test.argument)));
  out.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, test.low, 0, static_cast<uint8_t>(rest + 1)));
  out.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, test.high, rest, 0));
}

void append_rule(std::vector<sock_filter>& out, const FilterRule& rule) {
  constexpr uint8_t kTestSize = 3;
  const auto tests = static_cast<uint8_t>(rule.tests.size() * kTestSize);
  // The tests, RET and, as they overwrite the accumulator, the number loaded again.
  const auto body = static_cast<uint8_t>(tests + 2);
  out.push_back(
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(rule.system_call), 0, body));
  for (size_t i = 0; i < rule.tests.size(); ++i) {
    const auto after = static_cast<uint8_t>(tests - (i + 1) * kTestSize + 1);
    append_test(out, rule.tests[i], after);
  }
  out.push_back(give(SECCOMP_RET_USER_NOTIF));
  out.push_back(load(offsetof(seccomp_data, nr)));
}

platform::UniqueFd set_filter(std::span<const sock_filter> program) {
  sock_fprog code{};
  code.len = static_cast<unsigned short>(program.size());
  code.filter = const_cast<sock_filter*>(program.data());  // the kernel copies it
  return platform::UniqueFd(static_cast<int>(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
              SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &code)));
}

Error cannot_listen(int number) {
  if (number == EBUSY)
    return Error{Errc::kBusy,
                 "programs here are interposed already (airloom run within airloom run?): a second "
                 "seccomp listener is not possible"};
  if (number == EINVAL || number == ENOSYS)
    return Error{Errc::kUnsupported,
                 "this kernel has no seccomp user notification as of Linux 5.19 "
                 "(CONFIG_SECCOMP_FILTER): run a newer kernel"};
  return platform::os_error(number, "installing the seccomp filter");
}

}  // namespace

std::vector<sock_filter> build_filter(std::span<const FilterRule> rules) {
  std::vector<sock_filter> out;
  out.push_back(load(offsetof(seccomp_data, arch)));
  out.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  out.push_back(give(SECCOMP_RET_ALLOW));
  out.push_back(load(offsetof(seccomp_data, nr)));
  for (const FilterRule& rule : rules) append_rule(out, rule);
  out.push_back(give(SECCOMP_RET_ALLOW));
  return out;
}

Result<platform::UniqueFd> install_filter(std::span<const sock_filter> program) {
  platform::UniqueFd listener = set_filter(program);
  if (!listener && errno == EACCES) {
    // Without CAP_SYS_ADMIN the price is that setuid programs stay what they are.
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    listener = set_filter(program);
  }
  if (!listener) return std::unexpected(cannot_listen(errno));
  return listener;
}

}  // namespace airloom::interpose
