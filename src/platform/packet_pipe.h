// A one-way road of short whole messages to another process: a pipe in packet mode, which costs
// less than a socket. Its end is read as the end of the file. [pipe(7) O_DIRECT]
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "platform/unique_fd.h"

namespace airloom::platform {

class PacketPipe {
 public:
  static Result<PacketPipe> create();

  /// The end for the reader: to be sent there, then closed here.
  UniqueFd take_reader() { return std::move(reader_); }
  /// Sends one message of at most PIPE_BUF octets, without ever waiting. SIGPIPE is to be ignored.
  /// @error kTryAgain  the reader is behind;  kNotConnected  it has gone;  kInvalid  too long.
  Result<void> send(std::span<const uint8_t> message) const;

 private:
  PacketPipe(UniqueFd reader, UniqueFd writer)
      : reader_(std::move(reader)), writer_(std::move(writer)) {}
  UniqueFd reader_;
  UniqueFd writer_;
};

}  // namespace airloom::platform
