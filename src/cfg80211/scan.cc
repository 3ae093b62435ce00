// Scanning: what may run, and what the scan results hear.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/internal.h"
#include "cfg80211/sme.h"
#include "ieee80211/bss_elements.h"
#include "ieee80211/element.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/multiple_bssid.h"

namespace airloom::cfg80211 {

namespace {

void add_channel(ScanRequest& request, const ChannelState& channel, Band band) {
  if (channel.disabled) return;
  request.channels.push_back({.mhz = channel.mhz,
                              .offset_khz = channel.offset_khz,
                              .band = band,
                              .passive = channel.no_ir || channel.radar});
}

}  // namespace

Result<void> resolve_channels(const Wiphy& wiphy, ScanRequest& request) {
  const auto wanted = std::exchange(request.channels, {});
  for (const ScanRequest::Channel& channel : wanted) {
    const ChannelState* state = wiphy.find_channel(channel.mhz, channel.offset_khz);
    if (state == nullptr) return fail(Errc::kInvalid);
    add_channel(request, *state, ieee80211::band_of(channel.mhz).value_or(channel.band));
  }
  if (wanted.empty()) {
    const auto& bands = wiphy.capabilities().bands;
    for (size_t i = 0; i < bands.size(); ++i)
      for (const ChannelState& channel : wiphy.channels().bands[i])
        add_channel(request, channel, bands[i].band);
  }
  if (request.channels.empty()) return fail(Errc::kInvalid);
  return {};
}

namespace {

void default_rates(const Wiphy& wiphy, ScanRequest& request) {
  for (const BandCapability& band : wiphy.capabilities().bands) {
    uint32_t& rates = request.rates[static_cast<size_t>(band.band)];
    if (rates == 0) rates = (1u << band.rates.size()) - 1;
  }
}

struct FlagNeed {
  uint32_t flag;
  uint32_t feature;  ///< NL80211_FEATURE_*, 0: the extended feature counts
  unsigned extended_feature;
};

constexpr FlagNeed kFlagNeeds[] = {
    {NL80211_SCAN_FLAG_LOW_PRIORITY, NL80211_FEATURE_LOW_PRIORITY_SCAN, 0},
    {NL80211_SCAN_FLAG_FILS_MAX_CHANNEL_TIME, 0, NL80211_EXT_FEATURE_FILS_MAX_CHANNEL_TIME},
    {NL80211_SCAN_FLAG_ACCEPT_BCAST_PROBE_RESP, 0, NL80211_EXT_FEATURE_ACCEPT_BCAST_PROBE_RESP},
    {NL80211_SCAN_FLAG_OCE_PROBE_REQ_DEFERRAL_SUPPRESSION, 0,
     NL80211_EXT_FEATURE_OCE_PROBE_REQ_DEFERRAL_SUPPRESSION},
    {NL80211_SCAN_FLAG_OCE_PROBE_REQ_HIGH_TX_RATE, 0,
     NL80211_EXT_FEATURE_OCE_PROBE_REQ_HIGH_TX_RATE},
    {NL80211_SCAN_FLAG_LOW_SPAN, 0, NL80211_EXT_FEATURE_LOW_SPAN_SCAN},
    {NL80211_SCAN_FLAG_LOW_POWER, 0, NL80211_EXT_FEATURE_LOW_POWER_SCAN},
    {NL80211_SCAN_FLAG_HIGH_ACCURACY, 0, NL80211_EXT_FEATURE_HIGH_ACCURACY_SCAN},
    {NL80211_SCAN_FLAG_RANDOM_SN, 0, NL80211_EXT_FEATURE_SCAN_RANDOM_SN},
    {NL80211_SCAN_FLAG_MIN_PREQ_CONTENT, 0, NL80211_EXT_FEATURE_SCAN_MIN_PREQ_CONTENT},
};

}  // namespace

Result<void> check_scan_flags(const Wdev& wdev, uint32_t flags, uint32_t random_address) {
  const Capabilities& capabilities = wdev.wiphy().capabilities();
  for (const FlagNeed& need : kFlagNeeds) {
    if ((flags & need.flag) == 0) continue;
    const bool has = need.feature != 0 ? (capabilities.features & need.feature) != 0
                                       : capabilities.has_extended_feature(need.extended_feature);
    if (!has) return fail(Errc::kUnsupported);
  }
  const bool may_randomize = (capabilities.features & random_address) && !wdev.is_connected();
  if ((flags & NL80211_SCAN_FLAG_RANDOM_ADDR) && !may_randomize) return fail(Errc::kUnsupported);
  return {};
}

Result<void> trigger_scan(Wdev& wdev, ScanRequest request) {
  Wiphy& wiphy = wdev.wiphy();
  if (wdev.type() == InterfaceType::kNan) return fail(Errc::kUnsupported);
  if (wiphy.scan) return fail(Errc::kBusy);
  const Capabilities& capabilities = wiphy.capabilities();
  if (request.ssids.size() > capabilities.max_scan_ssids) return fail(Errc::kInvalid);
  if (request.elements.size() > capabilities.max_scan_elements_len) return fail(Errc::kInvalid);
  TRY(resolve_channels(wiphy, request));
  if (!may_go_off_channel(wdev)) return fail(Errc::kBusy);
  for (const Octets& ssid : request.ssids)
    if (ssid.size() > 32) return fail(Errc::kInvalid);
  TRY(check_scan_flags(wdev, request.flags, NL80211_FEATURE_SCAN_RANDOM_MAC_ADDR));
  default_rates(wiphy, request);

  wiphy.scan = ActiveScan{
      .wdev = wdev.id(), .request = std::move(request), .started = wiphy.scheduler().now()};
  if (auto started = wiphy.ops().scan(wdev, wiphy.scan->request); !started) {
    wiphy.scan.reset();
    return started;
  }
  wiphy.host().events().scan_started(wdev, wiphy.scan->request);
  return {};
}

Result<void> abort_scan(Wdev& wdev) {
  Wiphy& wiphy = wdev.wiphy();
  if (!wiphy.scan) return fail(Errc::kNotFound);
  wiphy.ops().abort_scan(wdev);
  return {};
}

void scan_done(Wiphy& wiphy, bool aborted) {
  if (!wiphy.scan) return;
  const ActiveScan scan = *std::exchange(wiphy.scan, std::nullopt);
  Wdev* wdev = wiphy.find_wdev(scan.wdev);
  if (wdev != nullptr) sme_scan_done(*wdev);
  if (!aborted && (scan.request.flags & NL80211_SCAN_FLAG_FLUSH))
    wiphy.bss_table().flush(scan.started);
  if (wdev != nullptr) wiphy.host().events().scan_done(*wdev, scan.request, aborted);
}

void drop_scan(Wdev& wdev) {
  Wiphy& wiphy = wdev.wiphy();
  if (wiphy.scan && wiphy.scan->wdev == wdev.id()) scan_done(wiphy, true);
}

namespace {

/// The channel number that the elements claim, 0 if they do not. [802.11-2020 11.1.4.1]
int claimed_channel(Span elements, Band band) {
  using ieee80211::ElementId;
  if (band == Band::k2GHz) {
    const auto ds = ieee80211::find_element(elements, ElementId::kDsParameterSet);
    if (ds && ds->body.size() == 1) return ds->body[0];
  }
  if (band != Band::k2GHz && band != Band::k5GHz) return 0;
  const auto ht = ieee80211::find_element(elements, ElementId::kHtOperation);
  return ht && ht->body.size() >= 22 ? ht->body[0] : 0;
}

/// Where the access point is, which may be a neighbour of the channel we heard it on.
std::optional<uint32_t> bss_channel(const Wiphy& wiphy, Span elements, uint32_t heard_mhz) {
  const auto band = ieee80211::band_of(heard_mhz);
  if (!band) return std::nullopt;
  const int number = claimed_channel(elements, *band);
  if (number == 0) return heard_mhz;
  const ChannelState* channel = wiphy.find_channel(ieee80211::channel_mhz(number, *band));
  if (channel == nullptr) {
    if (*band == Band::k2GHz) return std::nullopt;
    return heard_mhz;
  }
  if (channel->disabled) return std::nullopt;
  return channel->mhz;
}

/// Heard where we must not be the first to transmit: no need to stay silent any more. On 2.4 GHz
/// that concerns channels 12 to 14 only.
void hint_beacon(Wiphy& wiphy, const Bss& bss) {
  constexpr uint32_t kChannel12Mhz = 2467, kChannel14Mhz = 2484;
  if (ieee80211::band_of(bss.mhz) == Band::k2GHz &&
      (bss.mhz < kChannel12Mhz || bss.mhz > kChannel14Mhz))
    return;
  const ChannelState* channel = wiphy.find_channel(bss.mhz, bss.offset_khz);
  if (channel == nullptr || channel->radar) return;
  wiphy.host().regulatory().hint_beacon(bss.mhz, bss.offset_khz);
}

BssId inform_one(Wiphy& wiphy, const BssObservation& observation) {
  const auto frame = ieee80211::FrameView::of(observation.frame);
  constexpr size_t kFixedFields = 12;
  if (!frame || frame->body().size() < kFixedFields) return 0;
  const auto mhz = bss_channel(wiphy, frame->body().subspan(kFixedFields), observation.mhz);
  if (!mhz) return 0;
  BssObservation placed = observation;
  placed.signal_valid = observation.signal_valid && *mhz == observation.mhz;
  placed.mhz = *mhz;
  const BssId id = wiphy.bss_table().inform(placed);
  const Bss* bss = id != 0 ? wiphy.bss_table().find(id) : nullptr;
  constexpr uint16_t kEss = 0x0001;
  if (bss != nullptr && (bss->capability & kEss)) hint_beacon(wiphy, *bss);
  return id;
}

bool reads_multiple_bssid(const Wiphy& wiphy) {
  using ieee80211::ExtendedCapabilitiesElement;
  return ExtendedCapabilitiesElement{wiphy.capabilities().extended_capabilities}.has(
      ExtendedCapabilitiesElement::kMultipleBssid);
}

}  // namespace

BssId inform_bss(Wiphy& wiphy, const BssObservation& observation) {
  const BssId id = inform_one(wiphy, observation);
  const auto frame = ieee80211::FrameView::of(observation.frame);
  if (id == 0) return id;
  const auto others = ieee80211::nontransmitted_frames(*frame);
  if (others.empty() || !reads_multiple_bssid(wiphy)) return id;
  for (const Octets& other : others) {
    BssObservation one = observation;
    one.frame = other;
    if (inform_one(wiphy, one) == 0) break;
  }
  return id;
}

}  // namespace airloom::cfg80211
