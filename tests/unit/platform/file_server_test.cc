// Files that this process answers for, mounted where only a child sees them.
#include "platform/file_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "platform/namespace.h"

namespace airloom::platform {
namespace {

namespace fs = std::filesystem;

/// One folder "box" of files that keep what is written, unless it is "no".
class Box final : public FileTree {
 public:
  std::optional<Entry> find(const std::string& path) override {
    if (path.empty() || path == "box") return Entry{path, true, 0755};
    if (files.contains(path)) return Entry{path, false, 0644};
    return std::nullopt;
  }
  std::vector<Entry> list(const std::string& path) override {
    if (path.empty()) return {{"box", true, 0755}};
    std::vector<Entry> entries;
    for (const auto& [name, text] : files) entries.push_back({name.substr(4), false, 0644});
    return entries;
  }
  Result<std::string> read(const std::string& path) override { return files.at(path); }
  Result<void> write(const std::string& path, const std::string& text) override {
    if (text == "no") return fail(Errc::kInvalid);
    files[path] = text;
    return {};
  }
  std::map<std::string, std::string> files{{"box/a", "first"}, {"box/b", std::string(9000, 'x')}};
};

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

ssize_t write_once(const std::string& path, const std::string& text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  return ::write(fd.get(), text.data(), text.size());
}

/// What a program sees; each number names the check that failed.
int look(const std::string& at) {
  if (read_all(at + "/box/a") != "first") return 11;
  if (read_all(at + "/box/b").size() != 9000) return 12;
  if (write_once(at + "/box/a", "second") != 6 || read_all(at + "/box/a") != "second") return 13;
  if (write_once(at + "/box/a", "no") != -1 || errno != EINVAL) return 14;
  if (fs::exists(at + "/box/c")) return 15;
  int entries = 0;
  for (const auto& entry : fs::directory_iterator(at + "/box")) entries += entry.is_regular_file();
  if (entries != 2) return 16;
  if (!fs::is_directory(at + "/box")) return 17;
  return 0;
}

TEST(FileServer, AnswersEveryLook) {
  if (!has_admin_rights()) GTEST_SKIP() << "needs root";
  Box box;
  auto server = FileServer::open(box);
  if (!server) GTEST_SKIP() << server.error().text;
  char folder[] = "/tmp/airloom-files-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string options = server->mount_options();
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNS) < 0) _exit(1);
    if (mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) < 0) _exit(2);
    if (mount("files", folder, "fuse", 0, options.c_str()) < 0) _exit(3);
    _exit(look(folder));
  }
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    pollfd waits{server->fd(), POLLIN, 0};
    if (poll(&waits, 1, 10) > 0) server->serve();
  }
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(box.files["box/a"], "second");
  fs::remove(folder);
}

}  // namespace
}  // namespace airloom::platform
