// /dev/rfkill of a host, and /sys/class/rfkill: cfg80211's switches as programs know them.
// [linux/rfkill.h] [net/rfkill/core.c]
#pragma once

#include <map>
#include <optional>

#include "base/log.h"
#include "cfg80211/host.h"
#include "platform/device_file.h"
#include "platform/event_loop.h"
#include "platform/sysfs_tree.h"

namespace airloom::daemon {

class RfkillDevice final : private platform::Device, private cfg80211::RfkillWatcher {
 public:
  /// Where FUSE is not to be had there is only /sys/class/rfkill; the log says so.
  RfkillDevice(platform::SysfsTree& sysfs, Log log);
  ~RfkillDevice() override;

  /// What to mount on /dev/rfkill, as data of type "fuse"; empty: nothing.
  std::string mount_options() const { return file_ ? file_->mount_options() : ""; }
  /// Begins to answer, if there is anything to mount. Only once it is mounted: before, its
  /// descriptor cannot be waited for.
  Result<void> start(platform::EventLoop& loop);
  /// It could not be mounted.
  void give_up() { file_.reset(); }
  /// Whose switches it shows; null: nobody's any more.
  void show(cfg80211::Host* host);
  /// Tells of switches that are new. Once their wiphys are in sysfs: programs look there.
  void announce();

 private:
  std::vector<std::vector<uint8_t>> on_open() override;
  Result<void> on_write(std::span<const uint8_t> record) override;
  Result<void> on_ioctl(uint32_t command) override;
  void on_rfkill(const cfg80211::RfkillSwitch& which, cfg80211::RfkillChange change) override;
  void tell(const cfg80211::RfkillSwitch& which, cfg80211::RfkillChange change);
  void check(const Result<void>& done) const;

  platform::SysfsTree& sysfs_;
  Log log_;
  std::optional<platform::DeviceFile> file_;
  platform::EventLoop::Watch readable_;
  cfg80211::Host* host_ = nullptr;
  std::map<uint32_t, cfg80211::RfkillSwitch> announced_;  // those that programs know
};

}  // namespace airloom::daemon
