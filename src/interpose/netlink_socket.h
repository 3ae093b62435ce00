// One interposed generic netlink socket: the port, groups, options and receive queue that the
// program believes to be the kernel's. Its peers are the daemon, and for other families the kernel.
//
// The program holds one end of an AF_UNIX SOCK_SEQPACKET pair, this class the other. No data goes
// through the pair: one octet (the token) lies in it exactly while a receive would not block, so
// that poll, select and epoll tell the truth, and a hang-up tells that the last copy was closed.
// Everything else the supervisor does, in netlink_module.h. Errors are positive errno values.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>

#include "base/result.h"
#include "interpose/daemon_socket.h"
#include "interpose/kernel_socket.h"
#include "interpose/netlink_rules.h"
#include "interpose/protocol.h"
#include "interpose/router.h"
#include "platform/unique_fd.h"

namespace airloom::interpose {

/// What an interposed socket needs of its surroundings.
struct SocketContext {
  std::string daemon_path;
  uint32_t participant = 0;
  const Router& router;
  std::span<uint8_t> buffer{};  ///< for what the daemon sends, to one socket after the other
};

class NetlinkSocket final : private DatagramReceiver {
 public:
  struct Owner {
    uint32_t process = 0;
    bool privileged = false;
    int type = 0;                      ///< SOCK_RAW or SOCK_DGRAM
    platform::UniqueFd other_network;  ///< its namespace, where that is not the supervisor's
  };
  static Result<std::unique_ptr<NetlinkSocket>> create(const SocketContext& context, Owner owner);

  /// The end for the program; to be injected, then closed here.
  platform::UniqueFd take_program_end() { return std::move(program_end_); }
  uint64_t inode() const { return inode_; }
  int type() const { return owner_.type; }

  // For the event loop: hang-up of token_fd() means closed by the program; the others are readable
  // when collect() has something to do (kernel_fd() is -1 until there is a kernel socket).
  int token_fd() const { return token_.get(); }
  int daemon_fd() const { return daemon_.fd(); }
  int kernel_fd() const { return kernel_ ? kernel_->fd() : -1; }
  bool daemon_is_alive() const { return daemon_.is_alive(); }
  /// Takes in what has come for the socket.
  void collect();
  /// Tells the daemon that the program has closed it, and waits until that has taken effect.
  void close() { (void)transact(Close{}); }

  // The system calls.
  /// @param port  0: one of the daemon's choosing, if it is not bound.
  int bind(uint32_t port);
  NetlinkAddress name() const;
  const std::set<uint32_t>& groups() const { return groups_; }
  int set_membership(uint32_t group, bool join);
  int set_flag(Option option, bool on);
  OptionSet options() const { return options_; }
  void set_receive_buffer(uint32_t octets);
  int send(std::span<const uint8_t> datagram, bool privileged);
  NetlinkAddress connected;  ///< where datagrams without an address go

  // The receive queue.
  struct Datagram {
    Octets octets;
    uint32_t group = 0;
    bool from_daemon = false;
  };
  bool is_readable() const { return error_ != 0 || !queue_.empty(); }
  /// The pending error, which it ends; 0: none.
  int take_error() { return std::exchange(error_, 0); }
  /// The oldest datagram, or none.
  const Datagram* front() const { return queue_.empty() ? nullptr : &queue_.front(); }
  void pop();
  /// Notes how much room the program receives with.
  void note_receive_size(size_t octets);

  /// Puts the token where it belongs after the queue has changed. Taking it away needs a copy of
  /// the program's end; -1 where none is at hand (then it only is put).
  void update_token(int program_end);

 private:
  NetlinkSocket(const SocketContext& context, Owner owner, DaemonSocket daemon);
  void on_datagram(std::span<const uint8_t> datagram, uint32_t group) override;
  void on_overrun() override;

  int transact(const Message& message, uint32_t* value = nullptr);
  Result<KernelSocket*> kernel();
  int send_to(Route route, std::span<const uint8_t> messages, bool privileged);
  int send_to_kernel(std::span<const uint8_t> messages, bool privileged);
  int start_merged_dump(std::span<const uint8_t> message, bool privileged);
  bool is_lost(std::span<const uint8_t> datagram);
  Octets without_end_of_dump(std::span<const uint8_t> datagram);

  const SocketContext& context_;
  Owner owner_;
  DaemonSocket daemon_;
  std::optional<KernelSocket> kernel_;
  platform::UniqueFd program_end_;
  platform::UniqueFd token_;
  uint64_t inode_ = 0;
  bool token_is_out_ = false;

  uint32_t port_ = 0;
  std::set<uint32_t> groups_;
  OptionSet options_;
  uint32_t receive_buffer_ = 212992;  // the kernel's default
  uint32_t receive_size_ = 0;
  bool receive_size_told_ = true;

  std::deque<Datagram> queue_;
  bool receiving_from_daemon_ = true;
  size_t held_from_kernel_ = 0;  // octets in the queue, about, as a receive buffer counts them
  bool is_congested_ = false;    // something was lost; ends when the queue has emptied
  uint32_t consumed_ = 0;        // octets taken by the program, not yet reported
  int error_ = 0;
  // A dump of all families: when the daemon's part ends, this is asked of the kernel.
  struct MergedDump {
    uint32_t sequence;
    Octets request;
    bool ended = false;  // the daemon's part
  };
  std::optional<MergedDump> merged_dump_;
};

}  // namespace airloom::interpose
