#include "daemon/process_ender.h"

#include <signal.h>

#include "platform/namespace.h"
#include "platform/process.h"

namespace airloom::daemon {
namespace {

std::vector<pid_t> processes_of(const ProcessMarks& marks) {
  std::vector<pid_t> found;
  for (const uint64_t network : marks.networks) {
    const auto here = platform::processes_in_network(network);
    found.insert(found.end(), here.begin(), here.end());
  }
  for (const std::string& variable : marks.variables) {
    const auto here = platform::processes_with(variable);
    found.insert(found.end(), here.begin(), here.end());
  }
  return found;
}

}  // namespace

void ProcessEnder::end(ProcessMarks marks, std::function<void()> done) {
  for (const pid_t pid : processes_of(marks)) ::kill(pid, SIGTERM);
  endings_.push_back({std::move(marks), std::move(done), scheduler_.now() + kGrace});
  look_.arm(Duration{0});
}

void ProcessEnder::look() {
  std::vector<std::function<void()>> done;
  for (auto ending = endings_.begin(); ending != endings_.end();) {
    const auto left = processes_of(ending->marks);
    if (left.empty()) {
      done.push_back(std::move(ending->done));
      ending = endings_.erase(ending);
      continue;
    }
    if (scheduler_.now() >= ending->patience)
      for (const pid_t pid : left) ::kill(pid, SIGKILL);
    ++ending;
  }
  if (!endings_.empty()) look_.arm(kLookEvery);
  for (const auto& call : done) call();
}

}  // namespace airloom::daemon
