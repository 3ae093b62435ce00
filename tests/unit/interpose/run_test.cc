// Real programs under run(), against a bus in another process and against the kernel.
#include "interpose/run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>
#include <sstream>

#include "platform/process.h"
#include "platform/unique_fd.h"
#include "unit/interpose/bus_daemon.h"

namespace airloom::interpose {
namespace {

struct Finished {
  int status = 0;
  std::string output;
};

struct RunTest : testing::Test {
  /// Starts run() in a child, its output into a pipe.
  pid_t start(const std::vector<std::string>& argv, const std::string& host = "host") {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    output_.reset(ends[0]);
    const pid_t child = fork();
    if (child == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      _exit(run({host, argv, daemon.path()}));
    }
    ::close(ends[1]);
    return child;
  }
  Finished finish(pid_t child) {
    Finished finished;
    std::array<char, 4096> text;
    ssize_t got;
    while ((got = ::read(output_.get(), text.data(), text.size())) > 0)
      finished.output.append(text.data(), static_cast<size_t>(got));
    int status = 0;
    waitpid(child, &status, 0);
    finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return finished;
  }
  Finished run_program(const std::vector<std::string>& argv, const std::string& host = "host") {
    return finish(start(argv, host));
  }
  static std::string program(const std::string& name) {
    return std::string(AIRLOOM_PROGRAMS) + "/" + name;
  }

  BusDaemon daemon;
  platform::UniqueFd output_;
};

TEST_F(RunTest, TellsTheProgramsStatus) {
  EXPECT_EQ(run_program({"true"}).status, 0);
  EXPECT_EQ(run_program({"sh", "-c", "exit 9"}).status, 9);
  EXPECT_EQ(run_program({"sh", "-c", "kill -KILL $$"}).status, 137);
  const auto missing = run_program({"/no-such-program-here"});
  EXPECT_EQ(missing.status, 127);
  EXPECT_EQ(missing.output, "airloom: /no-such-program-here: no such program\n");
  EXPECT_EQ(run_program({"/etc/passwd"}).status, 126);
}

TEST_F(RunTest, SaysWhatIsMissing) {
  const auto stranger = run_program({"true"}, "nowhere");
  EXPECT_EQ(stranger.status, kRunFailed);
  EXPECT_EQ(stranger.output, "airloom: no host nowhere\n");
  daemon.kill();
  EXPECT_EQ(run_program({"true"}).status, kRunFailed);
}

TEST_F(RunTest, PassesSignalsOn) {
  const pid_t child =
      start({"sh", "-c", "trap 'exit 5' TERM; echo ready; sleep 10 & wait; exit 6"});
  char octet;
  EXPECT_EQ(::read(output_.get(), &octet, 1), 1);
  kill(child, SIGTERM);
  EXPECT_EQ(finish(child).status, 5);
}

// The suite passes on the kernel itself; so what passes under run() is what the kernel does.
TEST_F(RunTest, TheKernelPassesTheSemanticsSuite) {
  const auto bare = platform::spawn({{program("netlink_semantics"), "nlctrl"}});
  ASSERT_TRUE(bare);
  int status = 1;
  waitpid(*bare, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(RunTest, InterposedSocketsPassTheSemanticsSuite) {
  for (const char* family : {"fake", "nlctrl"}) {
    for (const char* name :
         {"netlink_semantics", "netlink_semantics_static", "netlink_semantics_musl"}) {
      const auto done = run_program({program(name), family});
      EXPECT_EQ(done.output, "0 failed\n") << name << " " << family;
      EXPECT_EQ(done.status, 0);
    }
  }
}

// Where the kernel has crypto sockets of its own, they are held to the same vectors.
TEST_F(RunTest, CryptoSocketsGiveThePublishedValues) {
  const auto probe = platform::spawn({{program("alg_vectors"), "probe"}});
  ASSERT_TRUE(probe);
  int missing = 1;
  waitpid(*probe, &missing, 0);
  if (missing == 0) {
    const auto bare = platform::spawn({{program("alg_vectors")}});
    int status = 1;
    waitpid(*bare, &status, 0);
    EXPECT_EQ(status, 0) << "the kernel's own";
  }
  const auto done = run_program({program("alg_vectors")});
  EXPECT_EQ(done.output, "0 failed\n");
  EXPECT_EQ(done.status, 0);
}

TEST_F(RunTest, EventsCarryTheirGroupAndALossIsToldOnce) {
  const auto done = run_program({program("netlink_events"), "256", "flood"});
  EXPECT_EQ(done.output,
            "lost some: 1, got some: 1, ENOBUFS: 1, groups hold: 1\n"
            "then events: 3, ACKs: 1, ENOBUFS: 0\n");
  EXPECT_EQ(done.status, 0);
}

TEST_F(RunTest, AKilledDaemonEndsWhatWaitsForIt) {
  const pid_t child = start({program("netlink_events"), "256", "wait"});
  std::array<char, 8> waiting{};
  EXPECT_EQ(::read(output_.get(), waiting.data(), waiting.size()), 8);
  daemon.kill();
  const auto done = finish(child);
  EXPECT_EQ(done.status, 0);
  EXPECT_NE(done.output.find("error 111\n"), std::string::npos) << done.output;
  EXPECT_NE(done.output.find("a new socket: 93\n"), std::string::npos) << done.output;
  EXPECT_NE(done.output.find("airloom: the daemon has gone"), std::string::npos) << done.output;
}

// A program that goes into the background is served on after run() has returned, and neither it
// nor its supervisor holds the caller's output open.
TEST_F(RunTest, BackgroundProgramsAreServedToTheirEnd) {
  const std::string file = daemon.path() + ".out";
  const auto done = run_program(
      {"sh", "-c",
       "(sleep 0.3; exec " + program("netlink_semantics") + " fake) >" + file + " 2>&1 & exit 3"});
  EXPECT_EQ(done.status, 3);
  std::string line;
  for (int i = 0; i < 100 && line.empty(); ++i) {
    usleep(50'000);
    std::ifstream stream(file);
    std::getline(stream, line);
  }
  EXPECT_EQ(line, "0 failed");
}

}  // namespace
}  // namespace airloom::interpose
