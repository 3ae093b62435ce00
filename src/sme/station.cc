#include "sme/station.h"

#include <linux/nl80211.h>

#include <algorithm>

#include "ieee80211/mac_header.h"
#include "ieee80211/management.h"

namespace airloom::sme {

namespace {

using ieee80211::ReasonCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kFirstRetry = milliseconds(100);
constexpr Duration kLongestRetry = seconds(10);

/// How an access point that cannot verify message 2 ends the attempt.
bool hints_at_wrong_key(ReasonCode reason) {
  return reason == ReasonCode::kFourWayHandshakeTimeout ||
         reason == ReasonCode::kInvalidAuthentication || reason == ReasonCode::kMicFailure;
}

/// Reason codes are open-ended: any value from the air fits the enumeration.
ReasonCode reason_of(uint16_t value) {
  return static_cast<ReasonCode>(value);
}

}  // namespace

const char* to_string(Station::State state) {
  switch (state) {
    case Station::State::kStopped:
      return "stopped";
    case Station::State::kStarting:
      return "starting";
    case Station::State::kScanning:
      return "scanning";
    case Station::State::kAuthenticating:
      return "authenticating";
    case Station::State::kAssociating:
      return "associating";
    case Station::State::kHandshake:
      return "4-way handshake";
    case Station::State::kConnected:
      return "connected";
    case Station::State::kBackoff:
      return "waiting";
  }
  return "?";
}

Station::Station(StationConfig config, const SmePorts& ports, std::unique_ptr<ClientPort> port,
                 StationObserver& observer)
    : config_(std::move(config)),
      ports_(ports),
      observer_(observer),
      log_(ports.log),
      retry_(*ports.scheduler, [this] { scan(); }),
      deadline_(*ports.scheduler,
                [this] {
                  log_.warn("no progress while {}", to_string(state_));
                  deauthenticate(ReasonCode::kUnspecified);
                  lost(ReasonCode::kFourWayHandshakeTimeout);
                }),
      sa_query_(
          *ports.scheduler, *ports.rng, [this](uint16_t transaction) { ask_sa(transaction); },
          [this] {
            log_.warn("{} does not answer SA Queries", bss_->bssid.to_string());
            deauthenticate(ReasonCode::kInvalidAuthentication);
            lost(ReasonCode::kInvalidAuthentication);
          }),
      port_(std::move(port)),
      setup_(*port_) {
  if (config_.security && config_.security->has_sae())
    sae_password_.emplace(config_.ssid, config_.security->sae_password,
                          config_.security->sae_groups);
}

Station::~Station() = default;

void Station::start() {
  if (state_ != State::kStopped) return;
  failures_ = 0;
  enter(State::kStarting);
  if (is_opening_ || setup_.is_running()) return;
  if (is_open_)
    prepare();
  else
    open();
}

void Station::stop() {
  const bool was_connected = state_ == State::kConnected;
  if (state_ >= State::kAuthenticating && state_ != State::kBackoff)
    deauthenticate(ReasonCode::kLeavingNetworkDeauth);
  enter(State::kStopped);
  retry_.cancel();
  deadline_.cancel();
  if (was_connected) ports_.link->set_operstate(LinkPort::OperState::kDormant);
}

void Station::open() {
  is_opening_ = true;
  port_->open(
      {"scan", "mlme"}, [this](const Nl80211Event& event) { on_event(event); },
      [this] {
        log_.warn("events were lost");
        if (state_ != State::kStopped && state_ != State::kStarting) lost(ReasonCode::kUnspecified);
      },
      [this](Result<void> opened) {
        is_opening_ = false;
        is_open_ = opened.has_value();
        if (state_ != State::kStarting) return;
        if (is_open_) return prepare();
        enter(State::kStopped);
        observer_.on_failed(opened.error());
      });
}

/// Makes the interface a station and brings it up.
void Station::prepare() {
  const auto name_interface = [this](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex);
  };
  setup_
      .then("set type", NL80211_CMD_SET_INTERFACE,
            [name_interface](netlink::MessageWriter& w) {
              name_interface(w);
              w.u32(NL80211_ATTR_IFTYPE, NL80211_IFTYPE_STATION);
            })
      .then("link up", [this] { return ports_.link->set_up(true); })
      .then("get interface", NL80211_CMD_GET_INTERFACE, name_interface,
            [this](const Reply& reply) { return on_interface(reply); });
  if (config_.security && config_.security->pmf != Pmf::kOff) prepare_pmf();
  setup_.run([this](Result<void> ready) {
    if (state_ != State::kStarting) return;
    if (ready) {
      has_registered_ = true;
      ports_.link->set_operstate(LinkPort::OperState::kDormant);
      return scan();
    }
    log_.warn("cannot start: {}", ready.error().text);
    enter(State::kStopped);
    observer_.on_failed(ready.error());
  });
}

Result<void> Station::on_interface(const Reply& reply) {
  if (reply.data.empty()) return fail(Errc::kNoDevice);
  const auto address = reply.data[0].attributes().mac(NL80211_ATTR_MAC);
  if (!address) return fail(Errc::kMalformed, "no address");
  address_ = *address;
  return {};
}

void Station::enter(State state) {
  if (state == state_) return;
  log_.info("{} -> {}", to_string(state_), to_string(state));
  state_ = state;
  if (state == State::kStopped || state == State::kBackoff || state == State::kScanning) {
    ++attempt_;
    supplicant_.reset();
    sae_.reset();
    early_eapol_.reset();
    sa_query_.stop();
  }
}

/// Sends a request that belongs to this attempt; if it fails, so does the attempt.
void Station::request(const char* name, uint8_t command, const ClientPort::Fill& fill,
                      std::function<void()> on_ok) {
  const auto on_answer = [this, name, attempt = attempt_,
                          on_ok = std::move(on_ok)](Result<Reply> reply) {
    if (attempt != attempt_) return;
    if (!reply) {
      log_.warn("{}: {} {}", name, airloom::to_string(reply.error().code), reply.error().text);
      if (state_ >= State::kHandshake) deauthenticate(ReasonCode::kUnspecified);
      return lost(ReasonCode::kUnspecified);
    }
    if (on_ok) on_ok();
  };
  port_->request(command, fill, on_answer);
}

void Station::on_event(const Nl80211Event& event) {
  if (event.attributes.u32(NL80211_ATTR_IFINDEX) != config_.ifindex) return;
  if (event.command == NL80211_CMD_NEW_SCAN_RESULTS && state_ == State::kScanning)
    return fetch_results();
  if (event.command == NL80211_CMD_SCAN_ABORTED && state_ == State::kScanning) return back_off();
  if (event.command == NL80211_CMD_DISCONNECT && state_ >= State::kAssociating &&
      state_ != State::kBackoff)
    return lost(reason_of(event.attributes.u16(NL80211_ATTR_REASON_CODE).value_or(1)));
  const bool is_join =
      event.command == NL80211_CMD_AUTHENTICATE || event.command == NL80211_CMD_ASSOCIATE;
  if (is_join && event.attributes.has(NL80211_ATTR_TIMED_OUT) &&
      (state_ == State::kAuthenticating || state_ == State::kAssociating)) {
    log_.warn("{}: no answer", to_string(state_));
    return lost(ReasonCode::kUnspecified);
  }
  if (const auto frame = event.attributes.bytes(NL80211_ATTR_FRAME)) on_frame_event(event, *frame);
}

void Station::on_frame_event(const Nl80211Event& event, std::span<const uint8_t> frame) {
  switch (event.command) {
    case NL80211_CMD_AUTHENTICATE:
      if (state_ == State::kAuthenticating) on_authenticated(frame);
      break;
    case NL80211_CMD_ASSOCIATE:
      if (state_ == State::kAssociating) on_associated(frame);
      break;
    case NL80211_CMD_DEAUTHENTICATE:
    case NL80211_CMD_DISASSOCIATE:
      on_link_gone(frame);
      break;
    case NL80211_CMD_CONTROL_PORT_FRAME:
      if (bss_ && event.attributes.mac(NL80211_ATTR_MAC) == bss_->bssid)
        on_eapol({Octets(frame.begin(), frame.end()),
                  !event.attributes.has(NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT)});
      break;
    case NL80211_CMD_UNPROT_DEAUTHENTICATE:
    case NL80211_CMD_UNPROT_DISASSOCIATE:
      on_unprotected_leave(frame);
      break;
    case NL80211_CMD_UNPROT_BEACON:
      log_.warn("beacons that are not {}'s", bss_ ? bss_->bssid.to_string() : "our AP");
      break;
    case NL80211_CMD_FRAME:
      on_sa_query(frame);
      break;
    default:  // other events do not concern a station
      break;
  }
}

/// The BSS, or the layer below on its own account, ended it.
void Station::on_link_gone(std::span<const uint8_t> frame) {
  const auto view = ieee80211::FrameView::of(frame);
  if (!view || !view->fc().is_management() || !bss_ || view->bssid() != bss_->bssid) return;
  if (state_ < State::kAuthenticating || state_ == State::kBackoff) return;
  const auto body = ieee80211::DeauthenticationBody::parse(view->body());
  lost(body ? reason_of(body->reason) : ReasonCode::kUnspecified);
}

void Station::lost(ReasonCode reason) {
  const bool was_connected = state_ == State::kConnected;
  if (!was_connected && uses_cached_pmk()) pmksas_.remove(bss_->bssid);  // it may be the reason
  const bool sent_message2 =
      state_ == State::kHandshake && std::holds_alternative<Supplicant::AwaitMessage3>(handshake_);
  const bool wrong_key = sent_message2 && hints_at_wrong_key(reason);
  log_.info("lost while {}: {}", to_string(state_), ieee80211::to_string(reason));
  deadline_.cancel();
  if (was_connected) {
    failures_ = 0;
    ports_.link->set_operstate(LinkPort::OperState::kDormant);
  }
  back_off(wrong_key);
  if (wrong_key) observer_.on_wrong_key();
  if (was_connected) observer_.on_disconnected(reason);
}

void Station::back_off(bool wrong_key) {
  enter(State::kBackoff);
  const Duration delay = kFirstRetry * (1 << std::min(failures_, 7u));
  ++failures_;
  retry_.arm(wrong_key ? kLongestRetry : std::min(delay, kLongestRetry));
}

void Station::deauthenticate(ReasonCode reason) {
  if (!bss_) return;
  const auto fill = [this, reason](netlink::MessageWriter& w) {
    w.u32(NL80211_ATTR_IFINDEX, config_.ifindex)
        .u16(NL80211_ATTR_REASON_CODE, static_cast<uint16_t>(reason));
    w.mac(NL80211_ATTR_MAC, bss_->bssid);
  };
  port_->request(NL80211_CMD_DEAUTHENTICATE, fill, {});
}

}  // namespace airloom::sme
