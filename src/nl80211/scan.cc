// TRIGGER_SCAN, ABORT_SCAN and the dump of GET_SCAN.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/commands.h"
#include "nl80211/context.h"
#include "nl80211/crypto_settings.h"
#include "nl80211/put_bss.h"
#include "nl80211/rows.h"
#include "nl80211/scan_request.h"

namespace airloom::nl80211 {
namespace {

using cfg80211::ScanRequest;
using netlink::AttributeRange;

/// The channels asked for, in MHz or kHz; none: cfg80211 takes all.
Result<void> parse_channels(const netlink::AttributeTable& attributes, ScanRequest& request) {
  const auto* list = attributes.find(NL80211_ATTR_SCAN_FREQ_KHZ);
  if (list == nullptr) return parse_frequencies(attributes, request);
  for (const auto& entry : AttributeRange(*list)) add_channel(request, entry.u32().value_or(0));
  if (request.channels.empty()) return fail(Errc::kInvalid);
  return {};
}

/// Rates in units of 500 kb/s. @error kInvalid  none, or one that the band has not
Result<uint32_t> rate_mask(const cfg80211::BandCapability& band, std::span<const uint8_t> rates) {
  uint32_t mask = 0;
  for (const uint8_t octet : rates) {
    const auto at = std::find_if(band.rates.begin(), band.rates.end(), [&](const auto& rate) {
      return rate.rate_100kbps == (octet & 0x7f) * 5;
    });
    if (at == band.rates.end()) return fail(Errc::kInvalid);
    mask |= 1u << (at - band.rates.begin());
  }
  if (mask == 0) return fail(Errc::kInvalid);
  return mask;
}

Result<void> parse_rates(const cfg80211::Wiphy& wiphy, const netlink::AttributeTable& attributes,
                         ScanRequest& request) {
  const auto* bands = attributes.find(NL80211_ATTR_SCAN_SUPP_RATES);
  if (bands == nullptr) return {};
  for (const auto& entry : AttributeRange(*bands)) {
    if (entry.type >= ieee80211::kBandCount) return fail(Errc::kInvalid);
    if (const auto* band = wiphy.capabilities().find_band(static_cast<cfg80211::Band>(entry.type)))
      request.rates[entry.type] = TRY(rate_mask(*band, entry.payload));
  }
  return {};
}

Result<void> trigger_scan(Context& context) {
  const auto& attributes = context.attributes();
  ScanRequest request;
  request.requester = context.request.port;
  const auto& can = context.wdev().wiphy().capabilities();
  if (attributes.has(NL80211_ATTR_SCAN_FREQ_KHZ) &&
      !can.has_extended_feature(NL80211_EXT_FEATURE_SCAN_FREQ_KHZ))
    return fail(Errc::kUnsupported);
  TRY(parse_channels(attributes, request));
  request.ssids = parse_ssids(attributes);
  request.elements = octets_of(attributes, NL80211_ATTR_IE);
  request.flags = attributes.u32(NL80211_ATTR_SCAN_FLAGS).value_or(0);
  TRY(parse_rates(context.wdev().wiphy(), attributes, request));
  if (const auto duration = attributes.u16(NL80211_ATTR_MEASUREMENT_DURATION)) {
    request.duration_tu = *duration;
    request.duration_mandatory = attributes.has(NL80211_ATTR_MEASUREMENT_DURATION_MANDATORY);
  }
  TRY(parse_random_address(attributes, request));
  request.no_cck = attributes.has(NL80211_ATTR_TX_NO_CCK_RATE);
  // The address to scan for; where source addresses are random, MAC says those.
  if (attributes.has(NL80211_ATTR_BSSID)) {
    request.bssid = attributes.mac(NL80211_ATTR_BSSID);
  } else if (!(request.flags & NL80211_SCAN_FLAG_RANDOM_ADDR)) {
    request.bssid = attributes.mac(NL80211_ATTR_MAC);
  }
  return cfg80211::trigger_scan(context.wdev(), std::move(request));
}

Result<void> abort_scan(Context& context) {
  return cfg80211::abort_scan(context.wdev());
}

class ScanDump final : public genl::Dump {
 public:
  ScanDump(cfg80211::Host& host, const cfg80211::Wdev& wdev)
      : host_(host), wdev_(wdev.id()), generation_(wdev.wiphy().bss_table().generation()) {
    for (const auto* bss : wdev.wiphy().bss_table().entries()) ids_.push_back(bss->id);
  }

  Result<std::optional<netlink::MessageWriter>> next(const genl::ReplyTo& make) override {
    const cfg80211::Wdev* wdev = host_.find_wdev(wdev_);
    if (wdev == nullptr) return std::nullopt;
    const auto& table = wdev->wiphy().bss_table();
    generation_ = table.generation();
    while (next_ < ids_.size()) {
      const auto* bss = table.find(ids_[next_++]);
      if (bss == nullptr) continue;
      auto message = make.message(NL80211_CMD_NEW_SCAN_RESULTS);
      put_bss(message, *wdev, *bss);
      return message;
    }
    return std::nullopt;
  }
  uint32_t generation() const override { return generation_; }

 private:
  cfg80211::Host& host_;
  cfg80211::WdevId wdev_;
  std::vector<cfg80211::BssId> ids_;
  size_t next_ = 0;
  uint32_t generation_;
};

Result<std::unique_ptr<genl::Dump>> dump_scan(Context& context) {
  cfg80211::Wdev* wdev = TRY(find_wdev(context.host, context.request.ns, context.attributes()));
  wdev->wiphy().bss_table().expire();
  return std::make_unique<ScanDump>(context.host, *wdev);
}

constexpr Row kRows[] = {
    {.command = NL80211_CMD_TRIGGER_SCAN, .handle = trigger_scan},
    {.command = NL80211_CMD_ABORT_SCAN, .handle = abort_scan},
    {.command = NL80211_CMD_GET_SCAN, .dump = dump_scan},
};

}  // namespace

std::span<const Row> scan_rows() {
  return kRows;
}

}  // namespace airloom::nl80211
