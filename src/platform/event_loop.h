// Runs an EventQueue in real time beside file descriptors and signals: the only place where a
// world meets a clock. CLOCK_MONOTONIC is mapped onto the queue's TimePoint, so that the world
// starts where its queue stands. Handlers run one at a time on the thread that called run(), each
// after the queue has been brought up to the present; none runs from within a method of the loop
// other than run() and run_ready(). Before the loop sleeps, every before_sleep hook has run, which
// is where gathered output is delivered.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/event_queue.h"
#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

/// What CLOCK_BOOTTIME shows: the clock that nl80211's times since boot are of.
std::chrono::nanoseconds time_since_boot();

class EventLoop {
 public:
  /// A registration; destroyed means unregistered (from within its own handler too).
  class Watch {
   public:
    Watch() = default;
    Watch(Watch&& other) noexcept
        : loop_(std::exchange(other.loop_, nullptr)), id_(std::exchange(other.id_, 0)) {}
    Watch& operator=(Watch&& other) noexcept;
    ~Watch() { reset(); }
    void reset();
    explicit operator bool() const { return loop_ != nullptr; }

   private:
    friend class EventLoop;
    Watch(EventLoop* loop, uint64_t id) : loop_(loop), id_(id) {}
    EventLoop* loop_ = nullptr;
    uint64_t id_ = 0;
  };

  /// Opens a loop over `queue`, which must outlive it, as the loop must outlive its watches.
  static Result<std::unique_ptr<EventLoop>> create(EventQueue& queue);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Calls `action` whenever `fd` can be read, has hung up or is in error (level triggered). A
  /// descriptor takes one reader and one writer; unregister before it is closed.
  /// @error kExists  it has one;  kPermission  not a thing that can be waited for (a file).
  [[nodiscard]] Result<Watch> on_readable(int fd, std::function<void()> action);
  /// Calls `action` whenever `fd` can be written: hold the watch only while output waits.
  [[nodiscard]] Result<Watch> on_writable(int fd, std::function<void()> action);
  /// Calls `action` for each `signal` the process gets (equal pending signals merge); the signal is
  /// blocked for as long as the watch lives, so children must be started by platform/process.h,
  /// which unblocks.
  [[nodiscard]] Result<Watch> on_signal(int signal, std::function<void()> action);
  /// Calls `action` before each sleep, in the order of registration.
  [[nodiscard]] Watch before_sleep(std::function<void()> action);

  /// Runs until stop().
  void run();
  /// Runs what is due and ready now, without sleeping.
  void run_ready();
  /// Ends run() after the handler that calls it.
  void stop() { stopped_ = true; }

  /// The present on the world's clock; the queue's now() lags behind it while a handler runs.
  TimePoint real_now() const;
  EventQueue& queue() { return queue_; }

 private:
  enum class Kind : uint8_t { kReadable, kWritable, kSignal, kBeforeSleep };
  struct Entry {
    Kind kind;
    int number;  // the descriptor or the signal
    std::function<void()> action;
  };
  struct Interest {
    uint64_t reader = 0;
    uint64_t writer = 0;
  };

  EventLoop(EventQueue& queue, UniqueFd epoll);
  Result<Watch> watch(Kind kind, int fd, std::function<void()> action);
  Watch add_entry(Kind kind, int number, std::function<void()> action);
  Result<void> update(int fd, bool was_known);
  void remove(uint64_t id);
  void call(uint64_t id);
  void step(bool may_sleep);
  void run_before_sleep();
  void on_signal_readable();

  EventQueue& queue_;
  UniqueFd epoll_;
  UniqueFd signals_;
  Watch signals_watch_;
  std::chrono::nanoseconds origin_;  // CLOCK_MONOTONIC when the queue stood at its epoch
  uint64_t last_id_ = 0;
  std::map<uint64_t, Entry> entries_;
  std::map<int, Interest> interests_;
  std::vector<uint64_t> before_sleep_;  // ids, in the order of registration
  bool stopped_ = false;
};

}  // namespace airloom::platform
