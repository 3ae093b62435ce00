#include "platform/device_file.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sys/stat.h>

#include <utility>

namespace airloom::platform {

Result<DeviceFile> DeviceFile::open(Device& device, uint16_t permissions) {
  return DeviceFile(TRY(FuseChannel::open()), device, permissions);
}

std::string DeviceFile::mount_options() const {
  return channel_.mount_options(S_IFREG | permissions_);
}

void DeviceFile::push(const std::vector<uint8_t>& record) {
  for (auto& [handle, opened] : opened_) {
    opened.records.push_back(record);
    if (!opened.reads.empty()) {
      const auto [unique, room] = opened.reads.front();
      opened.reads.pop_front();
      channel_.answer(unique, take(opened, room));
    } else if (const auto waiting = std::exchange(opened.poll, std::nullopt)) {
      channel_.wake_poll(*waiting);
    }
  }
}

std::vector<uint8_t> DeviceFile::take(Opened& opened, uint32_t room) {
  std::vector<uint8_t> record = std::move(opened.records.front());
  opened.records.pop_front();
  if (record.size() > room) record.resize(room);
  return record;
}

std::optional<FuseReply> DeviceFile::handle(const FuseRequest& request) {
  switch (request.opcode) {
    case FUSE_GETATTR:
    case FUSE_SETATTR:
      return attributes();
    case FUSE_OPEN:
      return open_file();
    case FUSE_READ:
      return read(request);
    case FUSE_WRITE:
      return write(request);
    case FUSE_POLL:
      return poll(request);
    case FUSE_IOCTL:
      return control(request);
    case FUSE_FLUSH:
      return std::vector<uint8_t>();
    case FUSE_RELEASE:
      opened_.erase(request.as<fuse_release_in>().fh);
      return std::vector<uint8_t>();
    case FUSE_STATFS:
      return fuse_octets(fuse_statfs_out{});
    case FUSE_INTERRUPT:
      interrupt(request.as<fuse_interrupt_in>().unique);
      return std::nullopt;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
      return std::nullopt;
    default:
      return fail(Errc::kUnsupportedMode);
  }
}

FuseReply DeviceFile::attributes() const {
  fuse_attr_out out{};
  out.attr.ino = FUSE_ROOT_ID;
  out.attr.mode = S_IFREG | permissions_;
  out.attr.nlink = 1;
  out.attr.blksize = FuseChannel::kMaxWrite;
  return fuse_octets(out);
}

FuseReply DeviceFile::open_file() {
  fuse_open_out out{};
  out.fh = ++last_handle_;
  out.open_flags = FOPEN_DIRECT_IO | FOPEN_STREAM;
  auto waiting = device_->on_open();
  opened_[out.fh].records.assign(std::make_move_iterator(waiting.begin()),
                                 std::make_move_iterator(waiting.end()));
  return fuse_octets(out);
}

std::optional<FuseReply> DeviceFile::read(const FuseRequest& request) {
  const auto in = request.as<fuse_read_in>();
  const auto found = opened_.find(in.fh);
  if (found == opened_.end()) return fail(Errc::kInvalid);
  Opened& opened = found->second;
  if (!opened.records.empty()) return take(opened, in.size);
  if (in.flags & O_NONBLOCK) return fail(Errc::kTryAgain);
  opened.reads.emplace_back(request.unique, in.size);
  return std::nullopt;
}

FuseReply DeviceFile::write(const FuseRequest& request) {
  const auto in = request.as<fuse_write_in>();
  if (request.body.size() < sizeof in) return fail(Errc::kInvalid);
  const auto record = request.body.subspan(sizeof in);
  TRY(device_->on_write(record));
  fuse_write_out out{};
  out.size = static_cast<uint32_t>(record.size());
  return fuse_octets(out);
}

FuseReply DeviceFile::poll(const FuseRequest& request) {
  const auto in = request.as<fuse_poll_in>();
  const auto found = opened_.find(in.fh);
  if (found == opened_.end()) return fail(Errc::kInvalid);
  if (in.flags & FUSE_POLL_SCHEDULE_NOTIFY) found->second.poll = in.kh;
  fuse_poll_out out{};
  out.revents = found->second.records.empty() ? POLLOUT | POLLWRNORM : POLLIN | POLLRDNORM;
  return fuse_octets(out);
}

FuseReply DeviceFile::control(const FuseRequest& request) {
  TRY(device_->on_ioctl(request.as<fuse_ioctl_in>().cmd));
  return fuse_octets(fuse_ioctl_out{});
}

void DeviceFile::interrupt(uint64_t unique) {
  for (auto& [handle, opened] : opened_) {
    const auto found = std::find_if(opened.reads.begin(), opened.reads.end(),
                                    [&](const auto& read) { return read.first == unique; });
    if (found == opened.reads.end()) continue;
    opened.reads.erase(found);
    return channel_.interrupt(unique);
  }
}

}  // namespace airloom::platform
