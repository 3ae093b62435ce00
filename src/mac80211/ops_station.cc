// The station table as userspace manages it: hostapd's clients.
#include <linux/nl80211.h>

#include "cfg80211/driver_events.h"
#include "cfg80211/host.h"
#include "cfg80211/wiphy.h"
#include "ieee80211/element.h"
#include "mac80211/access_point.h"
#include "mac80211/radio_stack.h"
#include "mac80211/rates.h"
#include "mac80211/station_capabilities.h"
#include "mac80211/station_rates.h"

namespace airloom::mac80211 {

using cfg80211::StationParams;

namespace {

/// A flag of the request: nothing if the request does not speak of it.
std::optional<bool> flag(const StationParams& params, nl80211_sta_flags number) {
  const uint32_t bit = 1u << number;
  if ((params.flags_mask & bit) == 0) return std::nullopt;
  return (params.flags_set & bit) != 0;
}

Result<void> learn_rates(Interface& interface, Station& station, const StationParams& params) {
  if (params.supported_rates) station.supported_rates = *params.supported_rates;
  TRY(learn_capabilities(station, params));
  const auto& channel = interface.link().config.channel;
  const auto* band = channel ? band_of(interface, channel->primary_mhz) : nullptr;
  if (band == nullptr) return fail(Errc::kInvalid);
  const auto shared = common_rates(*band, station.supported_rates, std::nullopt);
  if (params.supported_rates && shared.legacy_100kbps.empty()) return fail(Errc::kInvalid);
  if (params.operating_mode_notification)
    apply_operating_mode(station, *params.operating_mode_notification);
  refresh_rates(station);
  return {};
}

/// Everything but the association state.
Result<void> apply_properties(Station& station, const StationParams& params) {
  station.wme = flag(params, NL80211_STA_FLAG_WME).value_or(station.wme);
  station.short_preamble =
      flag(params, NL80211_STA_FLAG_SHORT_PREAMBLE).value_or(station.short_preamble);
  station.mfp = flag(params, NL80211_STA_FLAG_MFP).value_or(station.mfp);
  station.tdls_peer = flag(params, NL80211_STA_FLAG_TDLS_PEER).value_or(station.tdls_peer);
  if (params.aid && *params.aid != 0) station.aid = *params.aid;
  if (params.listen_interval) station.listen_interval = *params.listen_interval;
  if (params.capability) station.capability = *params.capability;
  if (params.uapsd_queues) station.uapsd_acs = *params.uapsd_queues & kUapsdAll;
  if (params.max_sp) station.max_service_period = *params.max_sp & 3;
  if (params.airtime_weight) station.airtime_weight = *params.airtime_weight;
  if (params.supported_rates || params.ht_capability || params.vht_capability ||
      params.he_capability || params.operating_mode_notification)
    return learn_rates(station.interface(), station, params);
  return {};
}

/// The port that a request names, or that it came to.
Result<void> join_vlan(RadioStack& stack, Interface& interface, Station& station,
                       const StationParams& params) {
  Interface* port = &interface;
  if (params.vlan) port = &stack.of(*interface.wdev().wiphy().host().find_wdev(*params.vlan));
  if (&port->bss() != &station.interface())
    return fail(Errc::kInvalid, "the VLAN is another access point's");
  return stack.stations().change_port(station, *port);
}

/// The steps that the flags ask for, upwards first, in the kernel's order.
Result<void> apply_state(StationTable& stations, Station& station, const StationParams& params) {
  const auto authenticated = flag(params, NL80211_STA_FLAG_AUTHENTICATED);
  const auto associated = flag(params, NL80211_STA_FLAG_ASSOCIATED);
  const auto authorized = flag(params, NL80211_STA_FLAG_AUTHORIZED);
  auto state = [&] { return station.state(); };
  if (authenticated == true && state() < StationState::kAuthenticated)
    stations.move(station, StationState::kAuthenticated);
  if (associated == true && state() < StationState::kAssociated) {
    if (state() != StationState::kAuthenticated) return fail(Errc::kInvalid);
    stations.move(station, StationState::kAssociated);
  }
  if (authorized == true && state() < StationState::kAuthorized) {
    if (state() != StationState::kAssociated) return fail(Errc::kInvalid);
    stations.move(station, StationState::kAuthorized);
  }
  if (authorized == false && state() == StationState::kAuthorized)
    stations.move(station, StationState::kAssociated);
  if (associated == false && state() >= StationState::kAssociated) {
    if (state() != StationState::kAssociated) return fail(Errc::kInvalid);
    stations.move(station, StationState::kAuthenticated);
  }
  if (authenticated == false && state() >= StationState::kAuthenticated) {
    if (state() != StationState::kAuthenticated) return fail(Errc::kInvalid);
    stations.move(station, StationState::kNone);
  }
  return {};
}

}  // namespace

Result<void> RadioStack::add_station(cfg80211::Wdev& wdev, const MacAddress& address,
                                     const StationParams& params) {
  Interface& interface = of(wdev);
  if (address == interface.address() || !address.is_unicast()) return fail(Errc::kInvalid);
  if (!interface.is_up()) return fail(Errc::kNetDown);
  Station* station = TRY(stations_.add(interface.bss(), address));
  auto applied = join_vlan(*this, interface, *station, params);
  if (applied) applied = apply_properties(*station, params);
  if (applied) applied = apply_state(stations_, *station, params);
  if (!applied) {
    stations_.discard(*station);
    return applied;
  }
  stations_.announce(*station);
  return {};
}

Result<void> RadioStack::change_station(cfg80211::Wdev& wdev, const MacAddress& address,
                                        const StationParams& params) {
  Interface& interface = of(wdev);
  Station* station = stations_.find(interface, address);
  if (station == nullptr) return fail(Errc::kNotFound);
  if (params.vlan) TRY(join_vlan(*this, interface, *station, params));
  TRY(apply_properties(*station, params));
  return apply_state(stations_, *station, params);
}

Result<void> RadioStack::delete_station(cfg80211::Wdev& wdev,
                                        const cfg80211::DeleteStationRequest& request) {
  Interface& interface = of(wdev);
  if (!request.mac) {
    stations_.remove_served(interface);
    return {};
  }
  Station* station = stations_.find(interface, *request.mac);
  if (station == nullptr) return fail(Errc::kNotFound);
  stations_.remove(*station);
  return {};
}

Result<cfg80211::StationInfo> RadioStack::get_station(cfg80211::Wdev& wdev,
                                                      const MacAddress& address) {
  const Station* station = stations_.find(of(wdev), address);
  if (station == nullptr) return fail(Errc::kNotFound);
  return make_station_info(*this, *station);
}

Result<std::pair<MacAddress, cfg80211::StationInfo>> RadioStack::dump_station(cfg80211::Wdev& wdev,
                                                                              size_t index) {
  const auto stations = stations_.served_by(of(wdev));
  if (index >= stations.size()) return fail(Errc::kNotFound);
  return std::pair(stations[index]->address(), make_station_info(*this, *stations[index]));
}

Result<void> RadioStack::probe_client(cfg80211::Wdev& wdev, const MacAddress& address,
                                      uint64_t cookie) {
  Interface& interface = of(wdev);
  const Station* station = stations_.find(interface, address);
  if (station == nullptr) return fail(Errc::kNoLink);
  management_tx_.send_null(interface, address, {.qos = station->wme},
                           [&interface, address, cookie](const TxStatus& status) {
                             cfg80211::client_probed(interface.wdev(), address, cookie,
                                                     status.acked, status.ack_signal_dbm);
                           });
  return {};
}

}  // namespace airloom::mac80211
