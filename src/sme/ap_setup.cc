// From an idle interface to a beaconing one, step by step. [nl80211.h NL80211_CMD_START_AP]
#include <linux/nl80211.h>

#include "ieee80211/action.h"
#include "ieee80211/channel.h"
#include "sme/access_point.h"

namespace airloom::sme {

using ieee80211::ReasonCode;
using ieee80211::Subtype;

void AccessPoint::set_up() {
  add_interface_steps();
  add_registration_steps();
  add_bss_steps();
  setup_.run([this](Result<void> ready) {
    if (state_ != State::kStarting) return;
    if (!ready) return fail_start(ready.error());
    state_ = State::kRunning;
    has_registered_ = true;
    if (config_.security) install_group_keys();
    send_frame(
        frames_->deauthentication(MacAddress::broadcast(), ReasonCode::kInvalidAuthentication),
        false);
    ports_.link->set_operstate(LinkPort::OperState::kUp);
    log_.info("started on {} MHz", config_.channel_mhz);
    observer_.on_started();
  });
}

void AccessPoint::fail_start(const Error& error) {
  state_ = State::kStopped;
  log_.warn("cannot start: {}", error.text);
  observer_.on_failed(error);
}

void AccessPoint::add_interface_steps() {
  const auto name_interface = [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
  };
  const auto ask_wiphy = [name_interface](netlink::MessageWriter& w) {
    name_interface(w);
    w.flag(NL80211_ATTR_SPLIT_WIPHY_DUMP);
  };
  const auto set_type = [name_interface](netlink::MessageWriter& w) {
    name_interface(w);
    w.u32(NL80211_ATTR_IFTYPE, NL80211_IFTYPE_AP);
  };
  setup_
      .then(
          "get wiphy", NL80211_CMD_GET_WIPHY, ask_wiphy,
          [this](const Reply& reply) { return on_wiphy(reply); }, ClientPort::Kind::kDump)
      .then("link down", [this] { return ports_.link->set_up(false); })
      .then("set type", NL80211_CMD_SET_INTERFACE, set_type)
      .then("link up", [this] { return ports_.link->set_up(true); })
      .then("get interface", NL80211_CMD_GET_INTERFACE, name_interface,
            [this](const Reply& reply) { return on_interface(reply); });
}

void AccessPoint::add_registration_steps() {
  for (const Subtype subtype :
       {Subtype::kAuthentication, Subtype::kAssociationRequest, Subtype::kReassociationRequest,
        Subtype::kDisassociation, Subtype::kDeauthentication, Subtype::kProbeRequest}) {
    register_frames(subtype, {});
  }
  if (has_pmf())
    register_frames(Subtype::kAction, {static_cast<uint8_t>(ieee80211::ActionCategory::kSaQuery)});
  setup_.attempt(
      "unexpected frames", NL80211_CMD_UNEXPECTED_FRAME,
      [this](netlink::MessageWriter& w) { w.u32(NL80211_ATTR_IFINDEX, config_.ifindex); });
}

void AccessPoint::register_frames(Subtype subtype, const Octets& match) {
  const auto fill = [this, subtype, match](netlink::MessageWriter& w) {
    put_frame_registration(w, config_.ifindex, subtype, match);
  };
  // A second start finds the first one's registrations, unless the type changed in between.
  if (has_registered_) {
    setup_.attempt("register frames", NL80211_CMD_REGISTER_FRAME, fill);
  } else {
    setup_.then("register frames", NL80211_CMD_REGISTER_FRAME, fill);
  }
}

bool AccessPoint::has_pmf() const {
  return config_.security && config_.security->pmf != Pmf::kOff;
}

void AccessPoint::add_bss_steps() {
  const auto set_channel = [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
    w.u32(NL80211_ATTR_WIPHY_FREQ, config_.channel_mhz);
    w.u32(NL80211_ATTR_WIPHY_CHANNEL_TYPE, frames_->ht() ? NL80211_CHAN_HT20 : NL80211_CHAN_NO_HT);
  };
  setup_.then("set channel", NL80211_CMD_SET_WIPHY, set_channel)
      .attempt("flush stations", NL80211_CMD_DEL_STATION,
               [this](netlink::MessageWriter& w) { w.u32(NL80211_ATTR_IFINDEX, config_.ifindex); })
      .then("start", NL80211_CMD_START_AP, [this](netlink::MessageWriter& w) { put_start_ap(w); })
      .attempt("set BSS", NL80211_CMD_SET_BSS, [this](netlink::MessageWriter& w) { put_bss(w); });
}

/// Takes the HT capabilities of the channel's band, and what PMF needs, from the wiphy, which comes
/// in pieces.
Result<void> AccessPoint::on_wiphy(const Reply& reply) {
  const auto band = ieee80211::band_of(config_.channel_mhz);
  if (!band) return fail(Errc::kInvalid, "the channel is in no band");
  radio_ = {};
  if (has_pmf() && !has_cipher(reply, config_.security->group_management))
    return fail(Errc::kUnsupported, "the radio lacks the group management cipher");
  radio_.beacon_protection = has_feature(reply, NL80211_EXT_FEATURE_BEACON_PROTECTION);
  if (config_.security && config_.security->beacon_protection && !radio_.beacon_protection)
    log_.warn("the radio cannot protect beacons");
  for (const Reply::Data& data : reply.data) {
    const auto bands = data.attributes().nest(NL80211_ATTR_WIPHY_BANDS);
    const auto own = bands.nest(static_cast<uint16_t>(*band));
    const auto mcs_set = own.bytes(NL80211_BAND_ATTR_HT_MCS_SET);
    if (!mcs_set || mcs_set->size() != radio_.ht_mcs_set.size()) continue;
    std::copy(mcs_set->begin(), mcs_set->end(), radio_.ht_mcs_set.begin());
    const uint8_t factor = own.u8(NL80211_BAND_ATTR_HT_AMPDU_FACTOR).value_or(0);
    const uint8_t density = own.u8(NL80211_BAND_ATTR_HT_AMPDU_DENSITY).value_or(0);
    radio_.ampdu_parameters = static_cast<uint8_t>((factor & 3) | (density & 7) << 2);
    radio_.ht = true;
  }
  return {};
}

Result<void> AccessPoint::on_interface(const Reply& reply) {
  if (reply.data.empty()) return fail(Errc::kNoDevice);
  const auto address = reply.data[0].attributes().mac(NL80211_ATTR_MAC);
  if (!address) return fail(Errc::kMalformed, "no address");
  address_ = *address;
  frames_.emplace(config_, radio_, address_);
  return {};
}

void AccessPoint::put_start_ap(netlink::MessageWriter& w) const {
  w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
  w.bytes(NL80211_ATTR_BEACON_HEAD, frames_->beacon_head());
  w.bytes(NL80211_ATTR_BEACON_TAIL, frames_->beacon_tail());
  w.u32(NL80211_ATTR_BEACON_INTERVAL, config_.beacon_interval_tu);
  w.u32(NL80211_ATTR_DTIM_PERIOD, config_.dtim_period);
  w.bytes(NL80211_ATTR_SSID, config_.ssid);
  w.u32(NL80211_ATTR_HIDDEN_SSID,
        config_.hidden ? NL80211_HIDDEN_SSID_ZERO_LEN : NL80211_HIDDEN_SSID_NOT_IN_USE);
  if (frames_->rsn()) {
    w.flag(NL80211_ATTR_PRIVACY);
    put_crypto(w, *frames_->rsn());
  }
  put_control_port(w);
}

void AccessPoint::put_bss(netlink::MessageWriter& w) const {
  w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
  w.u8(NL80211_ATTR_BSS_CTS_PROT, 0).u8(NL80211_ATTR_BSS_SHORT_PREAMBLE, 0);
  w.u8(NL80211_ATTR_BSS_SHORT_SLOT_TIME, 1).u16(NL80211_ATTR_BSS_HT_OPMODE, 0);
  w.u8(NL80211_ATTR_AP_ISOLATE, config_.isolate ? 1 : 0);
  w.bytes(NL80211_ATTR_BSS_BASIC_RATES, frames_->basic_rates());
}

}  // namespace airloom::sme
