#include "platform/log_sink.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace airloom::platform {
namespace {

const char* name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "?";
}

std::shared_ptr<spdlog::logger> logger_over(std::shared_ptr<spdlog::sinks::sink> sink) {
  auto logger = std::make_shared<spdlog::logger>("airloom", std::move(sink));
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

}  // namespace

std::unique_ptr<SpdlogSink> SpdlogSink::to_stderr(LogLevel threshold) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  return std::unique_ptr<SpdlogSink>(new SpdlogSink(logger_over(std::move(sink)), threshold));
}

Result<std::unique_ptr<SpdlogSink>> SpdlogSink::to_file(const std::string& path,
                                                        LogLevel threshold) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(path);
    return std::unique_ptr<SpdlogSink>(new SpdlogSink(logger_over(std::move(sink)), threshold));
  } catch (const spdlog::spdlog_ex& error) {
    return fail(Errc::kIo, error.what());
  }
}

void SpdlogSink::write(TimePoint at, LogLevel level, std::string_view context,
                       std::string_view message) {
  const uint64_t us = at.us();
  logger_->info("{}.{:06} {} {}: {}", us / 1'000'000, us % 1'000'000, name_of(level), context,
                message);
}

}  // namespace airloom::platform
