#include "daemon/rfkill_device.h"

#include <linux/rfkill.h>
#include <sys/ioctl.h>

namespace airloom::daemon {

namespace {

using cfg80211::RfkillChange;
using cfg80211::RfkillSwitch;

// What a program reads: the first version's eight octets, which every later one begins with.
std::vector<uint8_t> record_of(const RfkillSwitch& which, RfkillChange change) {
  rfkill_event event{};
  event.idx = which.index;
  event.type = RFKILL_TYPE_WLAN;
  event.op = static_cast<uint8_t>(change);
  event.soft = which.blocked ? 1 : 0;
  std::vector<uint8_t> octets(sizeof event);
  std::memcpy(octets.data(), &event, sizeof event);
  return octets;
}

}  // namespace

RfkillDevice::RfkillDevice(platform::SysfsTree& sysfs, Log log)
    : sysfs_(sysfs), log_(std::move(log)) {
  auto file = platform::DeviceFile::open(*this, 0664);
  if (file) {
    file_.emplace(std::move(*file));
  } else {
    log_.warn("no /dev/rfkill: {}", file.error().text);
  }
}

RfkillDevice::~RfkillDevice() {
  show(nullptr);
}

Result<void> RfkillDevice::start(platform::EventLoop& loop) {
  if (!file_) return {};
  readable_ = TRY(loop.on_readable(file_->fd(), [this] { file_->serve(); }));
  return {};
}

void RfkillDevice::show(cfg80211::Host* host) {
  if (host_) host_->rfkill().remove_watcher(*this);
  host_ = host;
  if (host_) host_->rfkill().add_watcher(*this);
}

std::vector<std::vector<uint8_t>> RfkillDevice::on_open() {
  std::vector<std::vector<uint8_t>> records;
  for (const auto& [index, which] : announced_)
    records.push_back(record_of(which, RfkillChange::kAdded));
  return records;
}

Result<void> RfkillDevice::on_write(std::span<const uint8_t> record) {
  rfkill_event event{};
  if (record.size() < sizeof event || !host_) return fail(Errc::kInvalid);
  std::memcpy(&event, record.data(), sizeof event);
  if (event.type >= NUM_RFKILL_TYPES) return fail(Errc::kInvalid);
  const bool is_ours = event.type == RFKILL_TYPE_ALL || event.type == RFKILL_TYPE_WLAN;
  if (event.op == RFKILL_OP_CHANGE_ALL) {
    if (is_ours) host_->rfkill().block_all(event.soft != 0);
    return {};
  }
  if (event.op != RFKILL_OP_CHANGE) return fail(Errc::kInvalid);
  if (is_ours) host_->rfkill().block(event.idx, event.soft != 0);
  return {};
}

// DEVIATES: RFKILL_IOCTL_MAX_SIZE is answered as before Linux 5.18; records stay eight octets.
Result<void> RfkillDevice::on_ioctl(uint32_t command) {
  if (command != RFKILL_IOCTL_NOINPUT) return fail(Errc::kUnsupportedMode);
  return {};
}

void RfkillDevice::on_rfkill(const RfkillSwitch& which, RfkillChange change) {
  const auto known = announced_.find(which.index);
  if (known == announced_.end()) return;
  if (change == RfkillChange::kRemoved) {
    announced_.erase(known);
    check(sysfs_.remove_rfkill(which.index));
  } else {
    known->second = which;
    check(sysfs_.set_rfkill(which.index, which.blocked));
  }
  tell(which, change);
}

void RfkillDevice::announce() {
  if (!host_) return;
  for (const auto& [index, which] : host_->rfkill().switches()) {
    if (announced_.contains(index)) continue;
    check(sysfs_.add_rfkill(index, which.wiphy, which.blocked));
    announced_.emplace(index, which);
    tell(which, RfkillChange::kAdded);
  }
}

void RfkillDevice::tell(const RfkillSwitch& which, RfkillChange change) {
  if (file_) file_->push(record_of(which, change));
}

void RfkillDevice::check(const Result<void>& done) const {
  if (!done) log_.warn("{}", done.error().text);
}

}  // namespace airloom::daemon
