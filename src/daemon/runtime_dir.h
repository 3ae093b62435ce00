// Where a daemon's socket and its hosts' files lie, and who has it.
#pragma once

#include <string>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::daemon {

/// $AIRLOOM_RUNTIME_DIR, else /run/airloom for root, else $XDG_RUNTIME_DIR/airloom, else
/// /tmp/airloom-UID; absolute.
std::string runtime_dir();
inline std::string socket_path(const std::string& dir) {
  return dir + "/daemon.sock";
}
/// The library that the preload front end is.
inline std::string preload_path(const std::string& dir) {
  return dir + "/preload.so";
}
inline std::string log_dir(const std::string& dir) {
  return dir + "/log";
}
inline std::string host_dir(const std::string& dir, const std::string& host) {
  return dir + "/hosts/" + host;
}

/// A runtime directory taken by one daemon, until it is destroyed or the process ends, however
/// that comes about. What lies in it goes with it; the directory itself stays.
class RuntimeDir {
 public:
  /// Creates the directory, for its owner alone, and clears what a killed daemon left in it.
  /// @error kAddressInUse  a daemon has it: the text says which process;
  /// @error kPermission  it belongs to somebody else, or others may write to it.
  static Result<RuntimeDir> take(const std::string& path);
  RuntimeDir(RuntimeDir&& other) noexcept = default;
  RuntimeDir& operator=(RuntimeDir&&) = delete;
  ~RuntimeDir();

  const std::string& path() const { return path_; }

 private:
  RuntimeDir(std::string path, platform::UniqueFd lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  platform::UniqueFd lock_;  // on the directory, so that no lock file stays behind
};

}  // namespace airloom::daemon
