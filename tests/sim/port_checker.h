// Watches who may send and receive data: no data frame but EAPOL goes to a station, or comes out of
// its access point's network interface in a station's name, before the access point's program has
// authorised it. What it knows are nl80211's messages, what it judges the air and the interface.
// [802.11-2020 11.3.3, 12.6.22] [IEEE 802.1X-2020 6.4]
#pragma once

#include <linux/nl80211.h>

#include <set>
#include <string>

#include "ieee80211/ethernet.h"
#include "ieee80211/mac_header.h"
#include "lab/simulation.h"
#include "netlink/message.h"

namespace airloom::lab {

class PortChecker final : public medium::Observer, public NetlinkObserver {
 public:
  explicit PortChecker(World& world) : world_(world) {
    world_.medium().add_observer(*this);
    world_.add_netlink_observer(*this);
  }
  ~PortChecker() override {
    world_.remove_netlink_observer(*this);
    world_.medium().remove_observer(*this);
  }

  /// The host is an access point's, and its interface has this address.
  void watch_access_point(const WorldHost& host, const MacAddress& address) {
    access_points_[&host] = address;
  }
  bool is_authorised(const MacAddress& ap, const MacAddress& station) const {
    return authorised_.contains({ap, station});
  }
  /// A frame came out of an access point's interface.
  void on_delivery(const MacAddress& ap, std::span<const uint8_t> ethernet) {
    const auto from = MacAddress::from(ethernet.subspan(6, 6));
    ++judged_;
    if (!is_authorised(ap, from) && !is_eapol(ethernet.subspan(12)))
      note(ap, "hands up data of " + from.to_string() + ", which it has not authorised");
  }

  void on_netlink(const WorldHost& host, NetlinkDirection direction,
                  std::span<const uint8_t> datagram) override {
    const auto ap = access_points_.find(&host);
    if (ap == access_points_.end()) return;
    netlink::MessageReader reader(datagram);
    while (const auto message = reader.next()) {
      const auto genl = message->genl();
      if (!genl) continue;
      const netlink::AttributeTable attributes(message->genl_attributes());
      const auto station = attributes.mac(NL80211_ATTR_MAC);
      const bool asks = direction == NetlinkDirection::kToKernel;
      if (asks && genl->command == NL80211_CMD_SET_STATION && station) {
        authorise(ap->second, *station, attributes);
      } else if (genl->command == NL80211_CMD_DEL_STATION ||
                 (!asks && genl->command == NL80211_CMD_NEW_STATION)) {
        std::erase_if(authorised_, [&](const auto& pair) {
          return pair.first == ap->second && (!station || pair.second == *station);
        });
      }
    }
  }

  void on_begin(const medium::Transmission& transmission) override {
    const auto view = ieee80211::FrameView::of(transmission.frame.octets());
    if (!view || !view->has_address2() || !view->fc().is_data() || !view->fc().has_data()) return;
    if (!view->fc().from_ds() || view->address1().is_group()) return;
    if (!is_access_point(view->address2())) return;
    ++judged_;
    const auto body = view->body();
    if (!view->fc().is_protected() && body.size() >= 8 && is_eapol(body.subspan(6))) return;
    // EAPOL of a rekey is protected, and of the same look: only then the port is open anyway.
    if (!is_authorised(view->address2(), view->address1()))
      note(view->address2(),
           "sends data to " + view->address1().to_string() + ", which it has not authorised");
  }
  void on_end(const medium::Transmission&, std::span<const Decoder>) override {}

  const std::string& faults() const { return faults_; }
  size_t judged() const { return judged_; }

 private:
  static bool is_eapol(std::span<const uint8_t> at_type) {
    return at_type.size() >= 2 && at_type[0] == 0x88 && at_type[1] == 0x8e;
  }
  bool is_access_point(const MacAddress& address) const {
    return std::ranges::any_of(access_points_,
                               [&](const auto& entry) { return entry.second == address; });
  }
  void authorise(const MacAddress& ap, const MacAddress& station,
                 const netlink::AttributeTable& attributes) {
    const auto flags = attributes.bytes(NL80211_ATTR_STA_FLAGS2);
    if (!flags || flags->size() != 8) return;
    Reader reader(*flags);
    const uint32_t mask = reader.le32().value_or(0), set = reader.le32().value_or(0);
    constexpr uint32_t kAuthorised = 1U << NL80211_STA_FLAG_AUTHORIZED;
    if ((mask & kAuthorised) == 0) return;
    if ((set & kAuthorised) != 0)
      authorised_.insert({ap, station});
    else
      authorised_.erase({ap, station});
  }
  void note(const MacAddress& ap, const std::string& what) {
    faults_ += std::to_string(world_.ports().scheduler->now().us()) + ": the access point " +
               ap.to_string() + " " + what + "\n";
  }

  World& world_;
  std::map<const WorldHost*, MacAddress> access_points_;
  std::set<std::pair<MacAddress, MacAddress>> authorised_;
  std::string faults_;
  size_t judged_ = 0;
};

}  // namespace airloom::lab
