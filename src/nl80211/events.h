// cfg80211's events as nl80211 messages: one function per event. [nl80211.h nl80211_commands]
#pragma once

#include "cfg80211/event_sink.h"

namespace airloom::nl80211 {

class Server;

class Events final : public cfg80211::EventSink {
 public:
  explicit Events(Server& server) : server_(server) {}

  void interface_added(const cfg80211::Wdev& wdev) override;
  void interface_changed(const cfg80211::Wdev& wdev) override;
  void interface_removed(const cfg80211::Wdev& wdev) override;

 private:
  Server& server_;
};

}  // namespace airloom::nl80211
