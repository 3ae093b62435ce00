// One file that behaves as a character device does: each open of it is a stream of records that
// read() takes one by one and poll() waits for, and every write() is a call. A FUSE mount over an
// existing file. [fuse_channel.h]
#pragma once

#include <deque>
#include <map>

#include "platform/fuse_channel.h"

namespace airloom::platform {

/// What the file is.
class Device {
 public:
  virtual ~Device() = default;
  /// Somebody opened it. @return the records that wait for them from the start.
  virtual std::vector<std::vector<uint8_t>> on_open() = 0;
  /// @error  what write() answers.
  virtual Result<void> on_write(std::span<const uint8_t> record) = 0;
  /// @error kUnsupportedMode  no such command here.
  virtual Result<void> on_ioctl(uint32_t /*command*/) { return fail(Errc::kUnsupportedMode); }
};

class DeviceFile final : private FuseHandler {
 public:
  /// @param permissions  as 0644.
  /// @error  see FuseChannel::open().
  static Result<DeviceFile> open(Device& device, uint16_t permissions);

  int fd() const { return channel_.fd(); }
  /// The data of mount(2) for type "fuse"; the target is a file.
  std::string mount_options() const;
  /// Answers every request that can be answered, without blocking.
  void serve() { channel_.serve(*this); }
  /// Gives a record to everybody who has it open. A read with less room gets its beginning.
  void push(const std::vector<uint8_t>& record);

 private:
  struct Opened {
    std::deque<std::vector<uint8_t>> records;
    std::deque<std::pair<uint64_t, uint32_t>> reads;  // that wait: request, room
    std::optional<uint64_t> poll;                     // who waits with poll()
  };

  DeviceFile(FuseChannel channel, Device& device, uint16_t permissions)
      : channel_(std::move(channel)), device_(&device), permissions_(permissions) {}
  std::optional<FuseReply> handle(const FuseRequest& request) override;
  FuseReply attributes() const;
  FuseReply open_file();
  std::optional<FuseReply> read(const FuseRequest& request);
  FuseReply write(const FuseRequest& request);
  FuseReply poll(const FuseRequest& request);
  FuseReply control(const FuseRequest& request);
  void interrupt(uint64_t unique);
  static std::vector<uint8_t> take(Opened& opened, uint32_t room);

  FuseChannel channel_;
  Device* device_;
  uint16_t permissions_;
  std::map<uint64_t, Opened> opened_;  // by handle
  uint64_t last_handle_ = 0;
};

}  // namespace airloom::platform
