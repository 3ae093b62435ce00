// Applies a lab file: makes its hosts, starts its programs one after another, each once the one
// before says that it is up, waits for airloom's own access points and stations, and ends them all.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/scheduler.h"
#include "lab/lab_file.h"
#include "platform/event_loop.h"
#include "platform/unique_fd.h"

namespace airloom::daemon {

class Server;

class LabRunner {
 public:
  /// A program of the lab, running or ended.
  struct Program {
    std::string host;
    std::vector<std::string> run;
    std::string ready;
    std::string log_path;
    pid_t pid = 0;
    std::optional<int> status;  ///< as a shell tells it, once it has ended
    bool is_ready = false;
    // Its output, on its way to the log.
    platform::UniqueFd output, log;
    platform::EventLoop::Watch output_readable;
    std::string line;
    std::deque<std::string> last_lines;
  };
  struct Reports {
    /// Who did what when, as a JSON object {"time", "host", "what"}.
    std::function<void(const std::string&)> progress;
    std::function<void(Result<void>)> done;
  };

  explicit LabRunner(Server& server);
  ~LabRunner();

  /// Brings a lab up; what was begun is undone if something fails.
  /// @param directory  where programs start
  void up(const lab::LabFile& lab, const std::string& directory, Reports reports);
  /// Undoes a lab that is on its way up; does nothing otherwise.
  void interrupt();
  /// Ends programs and hosts, then calls `done`, at once if there are none.
  void down(std::function<void()> done);
  bool is_up() const { return !hosts_.empty() || !programs_.empty(); }
  const std::vector<std::unique_ptr<Program>>& programs() const { return programs_; }

 private:
  Result<void> make_hosts(const lab::LabFile& lab);
  Result<void> start_sme(const lab::HostEntry& entry);
  void start_next();
  Result<void> start(Program& program);
  Result<void> open_output(Program& program, platform::UniqueFd& write_end);
  void on_output(Program& program);
  void read_output(Program& program);
  void on_line(Program& program);
  void on_child_ended();
  void check_awaited(Program& program);
  void on_ready(Program& program);
  void on_sme_changed();
  void check_smes();
  void on_ready_timeout();
  void finish(Result<void> outcome);
  void report(const std::string& host, const std::string& what);
  void signal_all(int signal);
  bool is_going_down() const { return !on_down_.empty(); }
  void check_all_ended();

  Server& server_;
  const TimePoint started_;  ///< reports count from here
  std::string directory_;
  Reports reports_;
  std::vector<std::string> hosts_;
  std::vector<std::unique_ptr<Program>> programs_;
  size_t next_ = 0;
  bool awaits_smes_ = false;
  bool hosts_are_empty_ = false;
  bool holds_daemon_ = false;
  Timer ready_timeout_;
  Timer sme_changed_;  // looks once the one that reports is done: it may have to go
  Timer kill_timer_;
  std::vector<std::function<void()>> on_down_;
  platform::EventLoop::Watch child_ended_;
};

}  // namespace airloom::daemon
