// Fails one allocation after another of a scenario: airloom's own (operator new) and libcrypto's. A
// child process is forked at the allocation, in which it fails, and goes on by itself; the parent
// goes on without the failure. A child may finish the scenario, or end for want of memory, and
// nothing else: no signal, no hang. Under sanitizers only libcrypto's fail.
//
// Usage: allocation_failure [EVERY [-v]]    every EVERYth allocation; 1: each; -v: with what the
//                                           children say
#include <openssl/crypto.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "base/out_of_memory.h"
#include "lab/simulation.h"

namespace {

using namespace std::chrono_literals;

constexpr unsigned kChildSeconds = 10;

struct Trial {
  long every = 1;
  long allocations = 0, children = 0, finished = 0, ended = 0, bad = 0;
  bool verbose = false;
  bool armed = false;     // the scenario runs
  bool is_child = false;  // its failure has been
} trial;

void judge(int status) {
  const bool exited = WIFEXITED(status);
  if (exited && WEXITSTATUS(status) == 0) {
    ++trial.finished;
  } else if (exited && WEXITSTATUS(status) == airloom::kOutOfMemoryStatus) {
    ++trial.ended;
  } else {
    ++trial.bad;
    std::fprintf(stderr, "allocation %ld: %s %d\n", trial.allocations,
                 exited ? "exit status" : "signal",
                 exited ? WEXITSTATUS(status) : WTERMSIG(status));
  }
}

/// Whether the allocation at hand fails: in a child, that is.
bool fails_now() {
  if (!trial.armed || trial.is_child || ++trial.allocations % trial.every != 0) return false;
  const pid_t child = fork();
  if (child < 0) {
    std::perror("fork");
    std::_Exit(1);
  }
  if (child == 0) {
    trial.is_child = true;
    alarm(kChildSeconds);
    if (!trial.verbose) std::freopen("/dev/null", "w", stderr);
    return true;
  }
  ++trial.children;
  int status = 0;
  waitpid(child, &status, 0);
  judge(status);
  return false;
}

void* crypto_malloc(size_t size, const char*, int) {
  return fails_now() ? nullptr : std::malloc(size);
}
void* crypto_realloc(void* memory, size_t size, const char*, int) {
  return fails_now() ? nullptr : std::realloc(memory, size);
}
void crypto_free(void* memory, const char*, int) {
  std::free(memory);
}

/// A station joins a WPA2 network and is pinged.
void run_scenario() {
  using namespace airloom::lab;
  const std::string passphrase = "correcthorsebattery";
  Simulation simulation(1);
  auto& ap = simulation.add_host("ap");
  auto& station = simulation.add_host("station");
  ap.set_address({10, 0, 0, 1});
  station.set_address({10, 0, 0, 2});
  ap.run(AccessPointEntry{.ssid = "oracle", .passphrase = passphrase});
  station.run(StationEntry{.ssid = "oracle", .passphrase = passphrase, .scan_mhz = {2412}});
  const bool up = simulation.run_until([&] { return station.is_up(); }, 20s);
  simulation.run_for(1s);  // message 4 arrives
  const bool answered = up && simulation.ping(station, {10, 0, 0, 1}).has_value();
  if (!trial.is_child && !answered) {
    std::fputs("the scenario itself fails\n", stderr);
    std::_Exit(1);
  }
}

}  // namespace

#ifndef AIRLOOM_CRYPTO_ALONE
void* operator new(size_t size) {
  void* memory = fails_now() ? nullptr : std::malloc(size);
  if (memory == nullptr) std::get_new_handler()();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
#endif

int main(int argc, char** argv) {
  if (argc > 1) trial.every = std::atol(argv[1]);
  trial.verbose = argc > 2;
  if (trial.every < 1) return std::fputs("allocation_failure [EVERY]\n", stderr), 2;
  std::set_new_handler(airloom::out_of_memory);
  if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1) return 1;
  run_scenario();  // libcrypto does not survive a failure in its own initialisation
  trial.armed = true;
  run_scenario();
  if (trial.is_child) std::_Exit(0);
  trial.armed = false;
  std::printf(
      "%ld allocations, %ld failed in turn: %ld scenarios finished, %ld ended for want of "
      "memory, %ld otherwise\n",
      trial.allocations, trial.children, trial.finished, trial.ended, trial.bad);
  return trial.bad == 0 && trial.finished > 0 && trial.ended > 0 ? 0 : 1;
}
