// The host's regulatory state. Requests are taken at once and act after the event that brought
// them, as the kernel's worker does; one timer drives all of it.
#include <linux/nl80211.h>

#include <algorithm>

#include "cfg80211/host.h"

namespace airloom::cfg80211 {

namespace {

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_country(std::array<char, 2> alpha2) {
  return is_letter(alpha2[0]) && is_letter(alpha2[1]);
}

uint8_t domain_type(const RegulatoryDomain& domain) {
  return is_world(domain) ? NL80211_REGDOM_TYPE_WORLD : NL80211_REGDOM_TYPE_COUNTRY;
}

}  // namespace

RegulatoryDomain Host::world() const {
  if (ports_.regulatory != nullptr)
    if (auto domain = ports_.regulatory->find({'0', '0'})) return *std::move(domain);
  return world_domain();
}

SharedChannelTable Host::channel_table(const SharedCapabilities& capabilities) {
  auto& entry = tables_[capabilities.get()];
  if (!entry.second) entry = {capabilities, apply(domain_, *capabilities, beacon_hints_)};
  return entry.second;
}

Result<void> Host::request_regulatory(std::array<char, 2> alpha2) {
  if (alpha2 != world_domain().alpha2 && !is_country(alpha2)) return fail(Errc::kInvalid);
  pending_hints_.push_back({alpha2, Initiator::kUser, 0});
  regulatory_work_.arm({});
  return {};
}

void Host::hint_country(const Wiphy& wiphy, std::array<char, 2> alpha2) {
  if (!is_country(alpha2)) return;
  pending_hints_.push_back({alpha2, Initiator::kCountryElement, wiphy.index()});
  regulatory_work_.arm({});
}

void Host::hint_driver(const Wiphy& wiphy, std::array<char, 2> alpha2) {
  if (!is_country(alpha2)) return;
  pending_hints_.push_back({alpha2, Initiator::kDriver, wiphy.index()});
  regulatory_work_.arm({});
}

void Host::hint_beacon(uint32_t mhz, uint16_t offset_khz) {
  if (beacon_hints_.contains({mhz, offset_khz})) return;
  pending_beacon_hints_.emplace(mhz, offset_khz);
  regulatory_work_.arm({});
}

void Host::restore_regulatory_if_idle() {
  restore_pending_ = true;
  regulatory_work_.arm({});
}

void Host::run_regulatory_work() {
  if (std::exchange(restore_pending_, false)) {
    const bool idle = std::none_of(wiphys_.begin(), wiphys_.end(), [](const auto& wiphy) {
      return std::any_of(wiphy.second->wdevs().begin(), wiphy.second->wdevs().end(),
                         [](const auto& entry) {
                           const Wdev& wdev = *entry.second;
                           return wdev.sme != nullptr || wdev.is_connected() || wdev.is_beaconing();
                         });
    });
    if (idle) restore_regulatory();
  }
  for (const CountryHint& hint : std::exchange(pending_hints_, {})) process_hint(hint);
  process_beacon_hints();
}

/// Back to the world, then to what the user asked for; hints from the air are forgotten.
void Host::restore_regulatory() {
  beacon_hints_.clear();
  pending_beacon_hints_.clear();
  // The kernel's static world request carries wiphy number 0, which listeners see if it exists.
  change_domain(world(), Initiator::kCore, find_wiphy(0u));
  if (user_domain_ && !is_world(*user_domain_))
    change_domain(*user_domain_, Initiator::kUser, nullptr);
}

void Host::process_hint(const CountryHint& hint) {
  if (ports_.regulatory == nullptr) return;
  Wiphy* wiphy = nullptr;
  if (hint.initiator != Initiator::kUser) {
    wiphy = find_wiphy(hint.wiphy);
    if (wiphy == nullptr) return;
  }
  auto domain = ports_.regulatory->find(hint.alpha2);
  if (!domain) return;
  if (hint.initiator == Initiator::kDriver) {
    wiphy->own_regulatory.hinted = *domain;
    update_channels(*wiphy);
    // DEVIATES: where several have a say the kernel intersects them; here the first one stays.
    if (domain_from_ != Initiator::kCore) return;
  }
  if (hint.alpha2 == domain_.alpha2) return;
  if (hint.initiator == Initiator::kUser) user_domain_ = *domain;
  change_domain(*std::move(domain), hint.initiator, wiphy);
}

void Host::change_domain(RegulatoryDomain domain, Initiator initiator, const Wiphy* wiphy) {
  domain_ = std::move(domain);
  domain_from_ = initiator;
  update_channel_tables();
  const char alpha2[] = {domain_.alpha2[0], domain_.alpha2[1], '\0'};
  log_.info("regulatory domain {}", alpha2);
  events_->regulatory_changed(static_cast<uint8_t>(initiator), domain_type(domain_),
                              is_world(domain_) ? nullptr : alpha2, wiphy);
}

void Host::update_channel_tables() {
  tables_.clear();
  for (const auto& [index, wiphy] : wiphys_) {
    update_channels(*wiphy);
    wiphy->ops().regulatory_changed(*wiphy);
  }
}

/// Gives a wiphy the channels of the domain in force, or of its own where that goes before.
void Host::update_channels(Wiphy& wiphy) {
  const OwnRegulatory& own = wiphy.own_regulatory;
  const bool follows_hint = own.strict && own.hinted && domain_from_ != Initiator::kCountryElement;
  if (follows_hint)
    wiphy.set_channels(apply(*own.hinted, wiphy.capabilities(), beacon_hints_));
  else if (own.custom && domain_from_ == Initiator::kCore)
    wiphy.set_channels(apply(*own.custom, wiphy.capabilities(), beacon_hints_));
  else
    wiphy.set_channels(channel_table(wiphy.shared_capabilities()));
}

void Host::process_beacon_hints() {
  if (pending_beacon_hints_.empty()) return;
  std::vector<std::pair<Wiphy*, uint32_t>> lifted;
  for (const auto& [mhz, offset_khz] : std::exchange(pending_beacon_hints_, {})) {
    beacon_hints_.emplace(mhz, offset_khz);
    if (!is_world(domain_)) continue;
    for (const auto& [index, wiphy] : wiphys_) {
      const ChannelState* channel = wiphy->find_channel(mhz, offset_khz);
      if (channel != nullptr && channel->no_ir) lifted.emplace_back(wiphy.get(), mhz);
    }
  }
  if (lifted.empty()) return;
  update_channel_tables();
  for (const auto& [wiphy, mhz] : lifted) events_->beacon_hint(*wiphy, mhz);
}

}  // namespace airloom::cfg80211
