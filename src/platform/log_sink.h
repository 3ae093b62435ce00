// Log lines to a file or to stderr, by spdlog: "12.345678 warn ap/phy0: text", world time first.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"

namespace spdlog {
class logger;
}

namespace airloom::platform {

class SpdlogSink final : public LogSink {
 public:
  static std::unique_ptr<SpdlogSink> to_stderr(LogLevel threshold);
  /// Appends to `path`.
  static Result<std::unique_ptr<SpdlogSink>> to_file(const std::string& path, LogLevel threshold);

  LogLevel threshold() const override { return threshold_; }
  void write(TimePoint at, LogLevel level, std::string_view context,
             std::string_view message) override;

 private:
  SpdlogSink(std::shared_ptr<spdlog::logger> logger, LogLevel threshold)
      : logger_(std::move(logger)), threshold_(threshold) {}
  std::shared_ptr<spdlog::logger> logger_;
  LogLevel threshold_;
};

}  // namespace airloom::platform
