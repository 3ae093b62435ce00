// Asks nlctrl for a family, again and again, and prints the median of the round trips' durations in
// nanoseconds: send() to recv() on a blocking socket. Run bare it measures the kernel, under
// `airloom run` airloom.
//
//   getfamily FAMILY COUNT
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

std::vector<unsigned char> request_for(const std::string& family) {
  const auto name_size = static_cast<uint16_t>(family.size() + 1);
  const uint32_t size = NLMSG_ALIGN(NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN + name_size);
  std::vector<unsigned char> out(size);
  const nlmsghdr header{size, GENL_ID_CTRL, NLM_F_REQUEST, 1, 0};
  const genlmsghdr genl{CTRL_CMD_GETFAMILY, 1, 0};
  const nlattr attribute{static_cast<uint16_t>(NLA_HDRLEN + name_size), CTRL_ATTR_FAMILY_NAME};
  std::memcpy(out.data(), &header, sizeof header);
  std::memcpy(out.data() + NLMSG_HDRLEN, &genl, sizeof genl);
  std::memcpy(out.data() + NLMSG_HDRLEN + GENL_HDRLEN, &attribute, sizeof attribute);
  std::memcpy(out.data() + NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN, family.c_str(), name_size);
  return out;
}

int64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

bool ask(int fd, const std::vector<unsigned char>& request) {
  unsigned char answer[16384];
  if (send(fd, request.data(), request.size(), 0) < 0) return false;
  const ssize_t got = recv(fd, answer, sizeof answer, 0);
  nlmsghdr header{};
  std::memcpy(&header, answer, sizeof header);
  return got >= static_cast<ssize_t>(sizeof header) && header.nlmsg_type == GENL_ID_CTRL;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto request = request_for(argv[1]);
  const int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
  std::vector<int64_t> durations(static_cast<size_t>(std::max(1, std::atoi(argv[2]))));
  for (int64_t& duration : durations) {
    const int64_t start = now_ns();
    if (!ask(fd, request)) return 1;
    duration = now_ns() - start;
  }
  std::sort(durations.begin(), durations.end());
  std::printf("%lld\n", static_cast<long long>(durations[durations.size() / 2]));
  return 0;
}
