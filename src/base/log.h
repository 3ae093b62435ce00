// The logger that a layer gets at construction. error = our invariant broke, warn = a peer
// misbehaved, info = a state changed, debug = frames. Never keys.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/scheduler.h"

namespace airloom {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };

/// Where log lines go: the daemon's log file, a test's record, nowhere.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual LogLevel threshold() const = 0;
  virtual void write(TimePoint at, LogLevel level, std::string_view context,
                     std::string_view message) = 0;
};

/// A sink, the clock, and who is speaking ("ap/phy0/wlan0"). Cheap to copy. A default-constructed
/// Log is silent.
class Log {
 public:
  Log() = default;
  Log(LogSink& sink, const Scheduler& scheduler, std::string context = {})
      : sink_(&sink), scheduler_(&scheduler), context_(std::move(context)) {}

  /// The same log, speaking for a part of this one.
  Log child(std::string_view part) const {
    Log log = *this;
    if (!log.context_.empty()) log.context_ += '/';
    log.context_ += part;
    return log;
  }

  bool enabled(LogLevel level) const { return sink_ != nullptr && level >= sink_->threshold(); }

  template <typename... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::kDebug, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::kInfo, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::kWarn, format, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogLevel::kError, format, std::forward<Args>(args)...);
  }

 private:
  template <typename... Args>
  void write(LogLevel level, fmt::format_string<Args...> format, Args&&... args) const {
    if (!enabled(level)) return;
    sink_->write(scheduler_->now(), level, context_,
                 fmt::format(format, std::forward<Args>(args)...));
  }

  LogSink* sink_ = nullptr;
  const Scheduler* scheduler_ = nullptr;
  std::string context_;
};

}  // namespace airloom
