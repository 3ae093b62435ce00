// `airloom tap`: a monitor interface on a radio, made for somebody else's program: up, on a channel
// if one is named, with plain 802.11 frames (DLT 105) or radiotap before them (DLT 127). It goes
// when this does.
#pragma once

#include <memory>
#include <string>

#include "cfg80211/wdev.h"
#include "daemon/server.h"

namespace airloom::daemon {

struct RawTapOptions {
  std::string name;   ///< of the netdev
  std::string host;   ///< empty: the only one
  std::string radio;  ///< "phy0"; empty: the host's first
  uint32_t dlt = 127;
  uint32_t mhz = 0;  ///< 0: where the radio is
};

class RawTap {
 public:
  /// @error  in one sentence, for whoever asked.
  static Result<std::unique_ptr<RawTap>> open(Server& server, const RawTapOptions& options);
  ~RawTap();
  RawTap(const RawTap&) = delete;
  RawTap& operator=(const RawTap&) = delete;

  /// "host/phy0"
  std::string where() const { return host_ + "/" + radio_; }

 private:
  RawTap(Server& server, std::string host, std::string radio, cfg80211::WdevId wdev)
      : server_(server), host_(std::move(host)), radio_(std::move(radio)), wdev_(wdev) {}
  cfg80211::Wiphy* find_wiphy() const;
  Result<void> bring_up(const RawTapOptions& options);

  Server& server_;
  const std::string host_, radio_;
  const cfg80211::WdevId wdev_;
};

}  // namespace airloom::daemon
