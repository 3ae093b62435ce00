#include "daemon/runtime_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "platform/unix_socket.h"

namespace airloom::daemon {
namespace {

namespace fs = std::filesystem;

class RuntimeDirTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "airloom-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    path_ = root_ / "run";
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_, path_;
};

TEST_F(RuntimeDirTest, ItsContentsGoWithIt) {
  {
    const auto dir = RuntimeDir::take(path_);
    ASSERT_TRUE(dir) << dir.error().text;
    std::ofstream(log_dir(path_) + "/daemon.log") << "x";
    std::ofstream(socket_path(path_)) << "x";
  }
  EXPECT_TRUE(fs::is_empty(path_));
}

TEST_F(RuntimeDirTest, WhatAKilledDaemonLeftIsCleared) {
  fs::create_directories(host_dir(path_, "ap") + "/class");
  fs::permissions(path_, fs::perms::owner_all);
  std::ofstream(path_ / "somebody's") << "x";
  const auto dir = RuntimeDir::take(path_);
  ASSERT_TRUE(dir) << dir.error().text;
  EXPECT_FALSE(fs::exists(host_dir(path_, "ap")));
  EXPECT_TRUE(fs::exists(path_ / "somebody's"));
}

TEST_F(RuntimeDirTest, ASecondDaemonHearsWhoHasIt) {
  const auto first = RuntimeDir::take(path_);
  ASSERT_TRUE(first);
  const auto listener = platform::PacketListener::listen(socket_path(path_));
  ASSERT_TRUE(listener);
  const auto second = RuntimeDir::take(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kAddressInUse);
  EXPECT_NE(second.error().text.find("already"), std::string::npos);
  EXPECT_NE(second.error().text.find(std::to_string(::getpid())), std::string::npos);
}

TEST_F(RuntimeDirTest, OneThatOthersMayWriteToIsRefused) {
  fs::create_directory(path_);
  ::chmod(path_.c_str(), 0777);
  const auto dir = RuntimeDir::take(path_);
  ASSERT_FALSE(dir);
  EXPECT_EQ(dir.error().code, Errc::kPermission);
}

TEST_F(RuntimeDirTest, ALinkIsRefused) {
  fs::create_directory(root_ / "elsewhere");
  fs::create_directory_symlink(root_ / "elsewhere", path_);
  EXPECT_FALSE(RuntimeDir::take(path_));
}

}  // namespace
}  // namespace airloom::daemon
