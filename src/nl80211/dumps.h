// What dumps share: choosing what they are about.
#pragma once

#include <optional>

#include "nl80211/context.h"

namespace airloom::nl80211 {

/// The wiphy that a dump of wiphys or interfaces is narrowed to, by WIPHY, WDEV or IFINDEX; none:
/// all of the namespace. An unknown WIPHY or WDEV narrows it to nothing.
/// @error kNoDevice  an IFINDEX that is not there
Result<std::optional<uint32_t>> find_dump_filter(const Context& context);

/// A dump about one interface. Ends early, without an error, when the interface goes.
class WdevDump : public genl::Dump {
 public:
  WdevDump(cfg80211::Host& host, cfg80211::WdevId wdev) : host_(host), wdev_(wdev) {}

  Result<std::optional<netlink::MessageWriter>> next(const genl::ReplyTo& make) final {
    cfg80211::Wdev* wdev = host_.find_wdev(wdev_);
    if (!wdev) return std::nullopt;
    return next(*wdev, make);
  }

 protected:
  virtual Result<std::optional<netlink::MessageWriter>> next(cfg80211::Wdev& wdev,
                                                             const genl::ReplyTo& make) = 0;

 private:
  cfg80211::Host& host_;
  cfg80211::WdevId wdev_;
};

}  // namespace airloom::nl80211
