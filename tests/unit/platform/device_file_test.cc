// A file that behaves as a device does, mounted where only a child sees it.
#include "platform/device_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/namespace.h"

namespace airloom::platform {
namespace {

/// Says "hello" to who opens it, and to everybody what is written, unless that is "no".
class Echo final : public Device {
 public:
  DeviceFile* file = nullptr;
  std::vector<std::vector<uint8_t>> on_open() override { return {{'h', 'e', 'l', 'l', 'o'}}; }
  Result<void> on_write(std::span<const uint8_t> record) override {
    if (record.size() == 2 && record[0] == 'n') return fail(Errc::kInvalid);
    file->push({record.begin(), record.end()});
    return {};
  }
};

bool reads(int fd, const std::string& expected, size_t room = 64) {
  std::string text(room, '\0');
  const ssize_t got = ::read(fd, text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return text == expected;
}

int wait_readable(int fd, int milliseconds) {
  pollfd waits{fd, POLLIN, 0};
  return poll(&waits, 1, milliseconds);
}

void on_alarm(int) {}

/// What the child does with the device. @return the number of what failed.
int use(const char* path) {
  const int fd = ::open(path, O_RDWR | O_NONBLOCK);
  if (fd < 0 || !reads(fd, "hello")) return 10;
  if (!reads(fd, "") || errno != EAGAIN) return 11;
  if (wait_readable(fd, 0) != 0) return 12;
  if (::write(fd, "one", 3) != 3 || ::write(fd, "twenty", 6) != 6) return 13;
  if (wait_readable(fd, 1000) != 1 || !reads(fd, "one") || !reads(fd, "twe", 3)) return 14;
  if (::write(fd, "no", 2) >= 0 || errno != EINVAL) return 15;
  const int blocking = ::open(path, O_RDWR);
  if (!reads(blocking, "hello")) return 16;
  const pid_t writer = fork();
  if (writer == 0) {
    usleep(50'000);
    _exit(::write(fd, "late", 4) == 4 ? 0 : 1);
  }
  if (!reads(blocking, "late")) return 17;
  waitpid(writer, nullptr, 0);
  if (wait_readable(fd, 1000) != 1 || !reads(fd, "late")) return 18;
  struct sigaction action {};
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, nullptr);
  ualarm(50'000, 0);
  if (!reads(blocking, "") || errno != EINTR) return 19;
  return 0;
}

TEST(DeviceFile, IsReadWrittenAndPolledLikeADevice) {
  if (!has_admin_rights()) GTEST_SKIP() << "needs root";
  Echo echo;
  auto file = DeviceFile::open(echo, 0666);
  if (!file) GTEST_SKIP() << file.error().text;
  echo.file = &*file;
  char path[] = "/tmp/airloom-device-XXXXXX";
  ::close(mkstemp(path));
  const std::string options = file->mount_options();
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) < 0) _exit(1);
    if (mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) < 0) _exit(2);
    if (mount("device", path, "fuse", 0, options.c_str()) < 0) _exit(3);
    _exit(use(path));
  }
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    pollfd waits{file->fd(), POLLIN, 0};
    if (poll(&waits, 1, 10) > 0) file->serve();
  }
  EXPECT_EQ(WEXITSTATUS(status), 0);
  ::unlink(path);
}

}  // namespace
}  // namespace airloom::platform
