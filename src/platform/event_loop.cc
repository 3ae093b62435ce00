#include "platform/event_loop.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

std::chrono::nanoseconds monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

std::chrono::nanoseconds time_since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

EventLoop::Watch& EventLoop::Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    reset();
    loop_ = std::exchange(other.loop_, nullptr);
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

void EventLoop::Watch::reset() {
  if (EventLoop* loop = std::exchange(loop_, nullptr)) loop->remove(id_);
}

Result<std::unique_ptr<EventLoop>> EventLoop::create(EventQueue& queue) {
  UniqueFd epoll(TRY(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create")));
  return std::unique_ptr<EventLoop>(new EventLoop(queue, std::move(epoll)));
}

EventLoop::EventLoop(EventQueue& queue, UniqueFd epoll)
    : queue_(queue), epoll_(std::move(epoll)), origin_(monotonic_now() - queue.now().since_epoch) {}

EventLoop::~EventLoop() {
  signals_watch_.reset();
}

TimePoint EventLoop::real_now() const {
  return {monotonic_now() - origin_};
}

EventLoop::Watch EventLoop::add_entry(Kind kind, int number, std::function<void()> action) {
  entries_.emplace(++last_id_, Entry{kind, number, std::move(action)});
  return Watch(this, last_id_);
}

Result<EventLoop::Watch> EventLoop::on_readable(int fd, std::function<void()> action) {
  return watch(Kind::kReadable, fd, std::move(action));
}

Result<EventLoop::Watch> EventLoop::on_writable(int fd, std::function<void()> action) {
  return watch(Kind::kWritable, fd, std::move(action));
}

Result<EventLoop::Watch> EventLoop::watch(Kind kind, int fd, std::function<void()> action) {
  const bool was_known = interests_.contains(fd);
  Interest& interest = interests_[fd];
  uint64_t& slot = kind == Kind::kReadable ? interest.reader : interest.writer;
  if (slot != 0) return fail(Errc::kExists, "the descriptor is watched already");
  slot = last_id_ + 1;
  if (auto updated = update(fd, was_known); !updated) {
    slot = 0;
    if (!was_known) interests_.erase(fd);
    return std::unexpected(updated.error());
  }
  return add_entry(kind, fd, std::move(action));
}

Result<void> EventLoop::update(int fd, bool was_known) {
  const Interest& interest = interests_[fd];
  epoll_event event{};
  event.data.fd = fd;
  if (interest.reader) event.events |= EPOLLIN;
  if (interest.writer) event.events |= EPOLLOUT;
  const int operation = was_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  TRY(checked(epoll_ctl(epoll_.get(), operation, fd, &event), "epoll_ctl"));
  return {};
}

Result<EventLoop::Watch> EventLoop::on_signal(int signal, std::function<void()> action) {
  sigset_t set;
  sigemptyset(&set);
  for (const auto& [id, entry] : entries_)
    if (entry.kind == Kind::kSignal) sigaddset(&set, entry.number);
  sigaddset(&set, signal);
  const int fd = TRY(checked(
      signalfd(signals_ ? signals_.get() : -1, &set, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd"));
  if (!signals_) {
    signals_.reset(fd);
    signals_watch_ = TRY(on_readable(fd, [this] { on_signal_readable(); }));
  }
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  TRY(checked(sigprocmask(SIG_BLOCK, &one, nullptr), "sigprocmask"));
  return add_entry(Kind::kSignal, signal, std::move(action));
}

EventLoop::Watch EventLoop::before_sleep(std::function<void()> action) {
  before_sleep_.push_back(last_id_ + 1);
  return add_entry(Kind::kBeforeSleep, 0, std::move(action));
}

void EventLoop::remove(uint64_t id) {
  auto found = entries_.find(id);
  if (found == entries_.end()) return;
  const Kind kind = found->second.kind;
  const int number = found->second.number;
  entries_.erase(found);
  if (kind == Kind::kSignal) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    sigprocmask(SIG_UNBLOCK, &one, nullptr);
  }
  if (kind == Kind::kBeforeSleep) std::erase(before_sleep_, id);
  if (kind != Kind::kReadable && kind != Kind::kWritable) return;
  Interest& interest = interests_[number];
  (kind == Kind::kReadable ? interest.reader : interest.writer) = 0;
  if (interest.reader || interest.writer) {
    (void)update(number, true);
  } else {
    interests_.erase(number);
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, number, nullptr);
  }
}

void EventLoop::call(uint64_t id) {
  auto found = entries_.find(id);
  if (found == entries_.end()) return;  // unregistered by a handler before it
  queue_.run_until(real_now());
  found = entries_.find(id);  // an event may have unregistered it
  if (found == entries_.end()) return;
  const auto action = found->second.action;  // a copy: the handler may unregister itself
  action();
}

void EventLoop::on_signal_readable() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    std::vector<uint64_t> ids;
    for (const auto& [id, entry] : entries_)
      if (entry.kind == Kind::kSignal && entry.number == static_cast<int>(info.ssi_signo))
        ids.push_back(id);
    for (uint64_t id : ids) call(id);
  }
}

void EventLoop::run_before_sleep() {
  const auto ids = before_sleep_;  // a hook may come or go
  for (uint64_t id : ids) call(id);
}

void EventLoop::step(bool may_sleep) {
  queue_.run_until(real_now());
  run_before_sleep();
  timespec timeout{};
  const timespec* wait = &timeout;
  if (may_sleep && !stopped_) {
    if (const auto next = queue_.next_deadline()) {
      const auto left = std::max(*next - real_now(), Duration(0));
      timeout.tv_sec = left.count() / 1'000'000'000;
      timeout.tv_nsec = left.count() % 1'000'000'000;
    } else {
      wait = nullptr;
    }
  }
  std::array<epoll_event, 64> events;
  const int count =
      epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), wait, nullptr);
  for (int i = 0; i < count && !stopped_; ++i) {
    const auto& event = events[static_cast<size_t>(i)];
    const auto interest = interests_.find(event.data.fd);
    if (interest == interests_.end()) continue;
    const Interest who = interest->second;
    if (who.reader && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR))) call(who.reader);
    if (who.writer && (event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR))) call(who.writer);
  }
  queue_.run_until(real_now());
}

void EventLoop::run() {
  stopped_ = false;
  while (!stopped_) step(true);
  run_before_sleep();
}

void EventLoop::run_ready() {
  stopped_ = false;
  step(false);
  run_before_sleep();
}

}  // namespace airloom::platform
