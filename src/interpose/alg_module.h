// Serves AF_ALG, the kernel's crypto sockets, where the kernel has none: iwd does all its hashing
// and ciphers there and ends without. The program holds one end of a socket pair; every call on it
// is answered here. What algorithms there are: alg_operation.h. splice() into one is not served.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "interpose/alg_operation.h"
#include "interpose/module.h"
#include "interpose/tasks.h"
#include "platform/event_loop.h"

namespace airloom::interpose {

/// True if the kernel's own AF_ALG has what iwd asks for.
bool kernel_has_alg();

class AlgModule final : public Module {
 public:
  explicit AlgModule(platform::EventLoop& loop) : loop_(loop) {}

  std::vector<FilterRule> rules() const override;
  bool handle(const Call& call) override;

 private:
  /// A socket: one that is bound and takes a key, or, with `operation`, an accepted one.
  struct Entry {
    platform::UniqueFd token;  ///< its hang-up: the program has closed the other end
    platform::EventLoop::Watch watch;
    std::optional<Algorithm> algorithm;
    std::optional<Octets> key;
    std::unique_ptr<AlgOperation> operation;
    uint64_t bound_socket = 0;  ///< of an operation: the inode of what it was accepted from
  };

  bool open(const Call& call);
  void answer(const Call& call, Entry& entry, uint64_t inode, int program_end);
  void bind(const Call& call, Entry& entry, uint64_t inode);
  int set_option(const Call& call, Entry& entry, uint64_t inode);
  void accept(const Call& call, Entry& entry, uint64_t inode);
  int64_t send(const Call& call, Entry& entry);
  int64_t receive(const Call& call, Entry& entry);
  bool has_operations(uint64_t inode) const;
  /// Keeps `entry` and hands its program's end over as the call's value.
  void add(const Call& call, Entry entry, int flags);
  void on_readable(uint64_t inode);

  platform::EventLoop& loop_;
  Tasks tasks_;
  crypto::DigestLibrary library_;
  std::map<uint64_t, Entry> sockets_;  // by inode of the program's end
};

}  // namespace airloom::interpose
