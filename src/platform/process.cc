#include "platform/process.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

// Where PATH has a file of that name; empty: nowhere.
std::string path_of(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::istringstream directories(path ? path : "/usr/bin:/bin");
  for (std::string directory; std::getline(directories, directory, ':');)
    if (access((directory + '/' + name).c_str(), F_OK) == 0) return directory + '/' + name;
  return {};
}

// What raise_descriptor_limit() found; of the process, as the limit itself is.
std::optional<rlimit> descriptor_limit_before;

// In order; one may end while it is looked at.
std::vector<pid_t> all_processes() {
  std::vector<pid_t> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") == std::string::npos)
      all.push_back(static_cast<pid_t>(std::stol(name)));
  }
  std::sort(all.begin(), all.end());
  return all;
}

[[noreturn]] void run_child(const ChildOptions& options) {
  reset_signals();
  if (descriptor_limit_before) setrlimit(RLIMIT_NOFILE, &*descriptor_limit_before);
  if (options.own_group) setpgid(0, 0);
  if (options.output) {
    dup2(options.output.get(), STDOUT_FILENO);
    dup2(options.output.get(), STDERR_FILENO);
  }
  if (options.before_exec) {
    if (auto ready = options.before_exec(); !ready) {
      std::fprintf(stderr, "airloom: %s\n", ready.error().text.c_str());
      _exit(kNotExecutable);
    }
  }
  _exit(exec_or_status(options.argv));
}

}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  descriptor_limit_before = limit;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::string own_path() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  // One that was replaced since it started is still to be had by its link.
  return !error && std::filesystem::exists(path, error) ? path.string() : "/proc/self/exe";
}

int exec_or_status(const std::vector<std::string>& argv) {
  std::vector<char*> arguments;
  for (const auto& argument : argv)
    arguments.push_back(const_cast<char*>(argument.c_str()));  // execvp does not write to them
  arguments.push_back(nullptr);
  if (argv.empty()) return kNotFound;
  execvp(arguments[0], arguments.data());
  int error = errno;
  // execvp() says EACCES also where it could only not look.
  if (error == EACCES && path_of(argv[0]).empty()) error = ENOENT;
  std::fprintf(stderr, "airloom: %s: %s\n", arguments[0],
               error == ENOENT ? "no such program" : std::strerror(error));
  return error == ENOENT ? kNotFound : kNotExecutable;
}

Result<pid_t> spawn(ChildOptions options) {
  std::fflush(nullptr);
  const pid_t child = TRY(checked(fork(), "fork"));
  if (child == 0) run_child(options);
  if (options.own_group) setpgid(child, child);  // whoever is first
  return child;
}

bool has_children() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

std::vector<pid_t> descendants_of(pid_t process) {
  std::map<pid_t, std::vector<pid_t>> children;
  for (const pid_t pid : all_processes()) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(file, line);
    const size_t name_end = line.rfind(')');  // it may hold anything
    if (name_end == std::string::npos) continue;
    char state = 0;
    pid_t parent = 0;
    std::istringstream(line.substr(name_end + 1)) >> state >> parent;
    children[parent].push_back(pid);
  }
  std::vector<pid_t> found = children[process];
  for (size_t i = 0; i < found.size(); ++i) {
    const auto next = children[found[i]];
    found.insert(found.end(), next.begin(), next.end());
  }
  return found;
}

std::vector<pid_t> processes_with(const std::string& variable) {
  std::vector<pid_t> found;
  for (const pid_t pid : all_processes()) {
    std::ifstream file(fmt::format("/proc/{}/environ", pid), std::ios::binary);
    for (std::string word; std::getline(file, word, '\0');)
      if (word == variable) {
        found.push_back(pid);
        break;
      }
  }
  return found;
}

bool is_static(const std::string& program) {
  std::ifstream file(path_of(program), std::ios::binary);
  Elf64_Ehdr header{};
  if (!file.read(static_cast<char*>(static_cast<void*>(&header)), sizeof header)) return false;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;  // a script
  file.seekg(static_cast<std::streamoff>(header.e_phoff));
  for (int i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr part{};
    if (!file.read(static_cast<char*>(static_cast<void*>(&part)), sizeof part)) return false;
    if (part.p_type == PT_INTERP) return false;
  }
  return true;
}

std::optional<ExitStatus> reap(pid_t pid) {
  int status = 0;
  const pid_t ended = waitpid(pid, &status, WNOHANG);
  if (ended <= 0) return std::nullopt;
  return ExitStatus{ended, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)};
}

}  // namespace airloom::platform
