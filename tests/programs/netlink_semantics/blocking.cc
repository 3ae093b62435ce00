// Receives that wait: timeouts, signals, threads; poll, select and epoll.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>

#include "suite.h"

namespace {

volatile sig_atomic_t alarms = 0;
void on_alarm(int) {
  alarms = alarms + 1;
}

// Again and again, since the first may come before the call that it is to meet. 0: no more.
void arm_alarm(int flags, int after_ms) {
  struct sigaction action {};
  action.sa_handler = on_alarm;
  action.sa_flags = flags;
  sigaction(SIGALRM, &action, nullptr);
  itimerspec when{};
  when.it_value.tv_nsec = when.it_interval.tv_nsec = after_ms * 1'000'000;
  static timer_t timer;
  static bool made = false;
  if (!made) timer_create(CLOCK_MONOTONIC, nullptr, &timer);
  made = true;
  timer_settime(timer, 0, &when, nullptr);
}

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void* ask_later(void* argument) {
  usleep(60'000);
  return ask(*static_cast<int*>(argument), 11) ? argument : nullptr;
}

}  // namespace

void check_blocking() {
  const int fd = open_socket();
  char octet;
  timeval timeout{0, 60'000};
  CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0);
  const double start = now();
  CHECK_ERROR(recv(fd, &octet, 1, 0), EAGAIN);
  CHECK(now() - start >= 0.05 && now() - start < 0.5);
  arm_alarm(SA_RESTART, 10);
  timeout = {20, 0};  // long: the alarm ends it
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  CHECK_ERROR(recv(fd, &octet, 1, 0), EINTR);  // with a timeout it is never restarted
  timeout = {};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  arm_alarm(0, 10);
  CHECK_ERROR(recv(fd, &octet, 1, 0), EINTR);
  arm_alarm(0, 0);
  CHECK(alarms >= 2);
  close(fd);
}

// Under a storm of signals each request is sent once, and each answer received once.
void check_signal_storm() {
  const int fd = open_socket();
  struct sigaction action {};
  action.sa_handler = on_alarm;
  action.sa_flags = SA_RESTART;
  sigaction(SIGVTALRM, &action, nullptr);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGVTALRM;
  timer_t timer;
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  itimerspec when{};
  when.it_value.tv_nsec = when.it_interval.tv_nsec = 150'000;
  timer_settime(timer, 0, &when, nullptr);
  bool exact = true;
  for (uint32_t sequence = 1000; sequence < 2000; ++sequence)
    exact &= ask(fd, sequence) && answered(fd, sequence);
  timer_delete(timer);
  CHECK(exact && is_empty(fd));
  close(fd);
}

void check_threads_and_restart() {
  int fd = open_socket();
  pthread_t thread;
  pthread_create(&thread, nullptr, ask_later, &fd);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  CHECK(answered(fd, 11));  // blocks until the other thread has asked
  pthread_join(thread, nullptr);

  const int before = alarms;
  const pid_t child = fork();
  if (child == 0) {
    usleep(80'000);
    _exit(ask(fd, 12) ? 0 : 1);
  }
  arm_alarm(SA_RESTART, 10);
  CHECK(answered(fd, 12));  // restarted after the alarm
  arm_alarm(SA_RESTART, 0);
  CHECK(alarms > before);
  int status = 1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  close(fd);
}

void check_waiting() {
  const int fd = open_socket(SOCK_NONBLOCK);
  const int queue = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
  for (uint32_t sequence = 40; sequence < 43; ++sequence) {
    CHECK(epoll_wait(queue, &event, 1, 0) == 0);
    CHECK(ask(fd, sequence));
    CHECK(epoll_wait(queue, &event, 1, 0) == 1 && event.events == EPOLLIN);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    timeval none{};
    CHECK(select(fd + 1, &set, nullptr, nullptr, &none) == 1);
    CHECK(answered(fd, sequence));
    CHECK(is_empty(fd));
  }
  close(queue);
  close(fd);
}
