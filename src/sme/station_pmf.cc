// What a station does because of PMF: it learns what the radio can, and asks the access point
// whether the association stands when somebody in clear says that it does not.
// [802.11-2020 11.13] [nl80211.h NL80211_CMD_UNPROT_DEAUTHENTICATE]
#include <linux/nl80211.h>

#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"
#include "sme/station.h"

namespace airloom::sme {

using ieee80211::FrameView;
using ieee80211::ReasonCode;
using ieee80211::SaQuery;
using ieee80211::SaQueryAction;

namespace {

// DEVIATES: the standard knows no such limit; it is wpa_supplicant's.
constexpr Duration kBetweenSaQueries = std::chrono::seconds(10);

}  // namespace

void Station::prepare_pmf() {
  const auto ask_wiphy = [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex).flag(NL80211_ATTR_SPLIT_WIPHY_DUMP);
  };
  const auto on_wiphy = [this](const Reply& reply) -> Result<void> {
    radio_protects_beacons_ = has_feature(reply, NL80211_EXT_FEATURE_BEACON_PROTECTION) ||
                              has_feature(reply, NL80211_EXT_FEATURE_BEACON_PROTECTION_CLIENT);
    return {};
  };
  setup_.then("get wiphy", NL80211_CMD_GET_WIPHY, ask_wiphy, on_wiphy, ClientPort::Kind::kDump);
  if (has_registered_) return;
  // The answers to ours; what the access point asks, the kernel answers.
  setup_.then("register frames", NL80211_CMD_REGISTER_FRAME, [this](netlink::MessageWriter& w) {
    Octets response;
    Writer writer(response);
    ieee80211::ActionHeader(ieee80211::ActionCategory::kSaQuery,
                            static_cast<uint8_t>(SaQueryAction::kResponse))
        .emit(writer);
    put_frame_registration(w, config_.ifindex, ieee80211::Subtype::kAction, response);
  });
}

/// An access point that has lost its state can say so only in clear, and so can anyone else.
void Station::on_unprotected_leave(std::span<const uint8_t> frame) {
  const auto view = FrameView::of(frame);
  if (!view || !view->fc().is_management() || !bss_ || view->address2() != bss_->bssid) return;
  const auto body = ieee80211::DeauthenticationBody::parse(view->body());
  if (!body) return;
  log_.warn("{} said in clear that it is over, reason {}", bss_->bssid.to_string(), body->reason);
  if (state_ != State::kConnected || !pmf_ || sa_query_.is_running()) return;
  if (body->reason != static_cast<uint16_t>(ReasonCode::kInvalidClass2Frame) &&
      body->reason != static_cast<uint16_t>(ReasonCode::kInvalidClass3Frame))
    return;
  const TimePoint now = ports_.scheduler->now();
  if (last_sa_query_ != TimePoint{} && now - last_sa_query_ < kBetweenSaQueries) return;
  last_sa_query_ = now;
  sa_query_.start();
}

void Station::ask_sa(uint16_t transaction) {
  const Octets frame =
      sa_query_frame({SaQueryAction::kRequest, transaction}, bss_->bssid, address_, bss_->bssid);
  // Not request(): a query that cannot be sent is as good as one that is not answered.
  port_->request(
      NL80211_CMD_FRAME,
      [&](netlink::MessageWriter& w) {
        w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
        w.u32(NL80211_ATTR_WIPHY_FREQ, bss_->frequency_mhz).bytes(NL80211_ATTR_FRAME, frame);
      },
      {});
}

void Station::on_sa_query(std::span<const uint8_t> frame) {
  const auto view = FrameView::of(frame);
  if (!view || !view->fc().is_action() || !bss_ || view->address2() != bss_->bssid) return;
  const auto query = SaQuery::parse(Reader(view->body()));
  if (query && query->action == SaQueryAction::kResponse &&
      sa_query_.on_response(query->transaction))
    log_.info("the association stands");
}

}  // namespace airloom::sme
