// The requests: which are heeded, and what becomes of the domain in force.
#include "cfg80211/host_regulatory.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <cctype>

#include "cfg80211/internal.h"

namespace airloom::cfg80211 {

namespace {

/// How long a regulatory agent may take to answer, and how often it may fail to.
constexpr Duration kAgentTime = std::chrono::milliseconds(3142);
constexpr unsigned kAgentSilencesMax = 10;

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_country(HostRegulatory::Alpha2 alpha2) {
  return is_letter(alpha2[0]) && is_letter(alpha2[1]);
}

bool is_world(HostRegulatory::Alpha2 alpha2) {
  return alpha2 == world_domain().alpha2;
}

}  // namespace

HostRegulatory::HostRegulatory(Host& host, const RegulatoryDatabase* database)
    : host_(host),
      database_(database),
      domain_(world_domain()),
      last_{.wiphy = 0, .processed = true},
      work_(host.scheduler(), [this] { run(); }),
      agent_timer_(host.scheduler(), [this] { on_agent_silent(); }),
      enforcement_timer_(host.scheduler(), [this] { leave_forbidden_channels(); }) {
  if (database_ == nullptr) return;
  if (auto world = database_->find(domain_.alpha2)) domain_ = *std::move(world);
}

// What comes in.

void HostRegulatory::queue(const Request& request) {
  queue_.push_back(request);
  for (char& letter : queue_.back().alpha2)
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  work_.arm({});
}

Result<void> HostRegulatory::hint_user(Alpha2 alpha2, bool cellular) {
  if (!is_world(alpha2) && !is_country(alpha2)) return fail(Errc::kInvalid);
  agent_silences_ = 0;
  queue({.alpha2 = alpha2, .initiator = Initiator::kUser, .cellular = cellular});
  return {};
}

void HostRegulatory::hint_country(const Wiphy& wiphy, Alpha2 alpha2) {
  if (!is_country(alpha2)) return;
  if (last_.initiator == Initiator::kCountryElement && last_.wiphy) return;
  agent_silences_ = 0;
  queue({.alpha2 = alpha2, .initiator = Initiator::kCountryElement, .wiphy = wiphy.index()});
}

void HostRegulatory::hint_driver(Wiphy& wiphy, Alpha2 alpha2) {
  wiphy.own_regulatory.custom = false;
  agent_silences_ = 0;
  queue({.alpha2 = alpha2, .initiator = Initiator::kDriver, .wiphy = wiphy.index()});
}

void HostRegulatory::hint_beacon(uint32_t mhz, uint16_t offset_khz) {
  if (beacon_hints_.contains({mhz, offset_khz})) return;
  pending_beacon_hints_.emplace(mhz, offset_khz);
  work_.arm({});
}

Result<void> HostRegulatory::answer(const RegulatoryDomain& domain) {
  agent_silences_ = 0;
  return set_domain(domain);
}

void HostRegulatory::reload() {
  process({.alpha2 = domain_.alpha2});
}

void HostRegulatory::restore_if_idle() {
  restore_pending_ = true;
  work_.arm({});
}

// One after the other.

void HostRegulatory::run() {
  if (std::exchange(restore_pending_, false) && is_idle())
    restore(/*forget_user=*/false, /*at_once=*/true);
  while (last_.processed && !queue_.empty()) {
    const Request next = queue_.front();
    queue_.erase(queue_.begin());
    process(next);
  }
  process_beacon_hints();
}

bool HostRegulatory::is_idle() const {
  return std::none_of(host_.wiphys().begin(), host_.wiphys().end(), [](const auto& wiphy) {
    return std::any_of(wiphy.second->wdevs().begin(), wiphy.second->wdevs().end(),
                       [](const auto& entry) {
                         const Wdev& wdev = *entry.second;
                         return wdev.sme != nullptr || wdev.is_connected() || wdev.is_beaconing();
                       });
  });
}

void HostRegulatory::process(Request request) {
  switch (request.initiator) {
    case Initiator::kCore:
      return look_up(request);
    case Initiator::kUser: {
      const Treatment treatment = treat_user(request);
      if (treatment == Treatment::kIgnore || treatment == Treatment::kAlreadySet) return;
      request.intersects = treatment == Treatment::kIntersect;
      return look_up(request);
    }
    case Initiator::kDriver:
      return process_driver(request);
    case Initiator::kCountryElement:
      if (treat_country(request) == Treatment::kTake) look_up(request);
      return;
  }
}

HostRegulatory::Treatment HostRegulatory::treat_user(const Request& request) const {
  if (request.cellular) return Treatment::kIgnore;
  if (last_.initiator == Initiator::kCountryElement) return Treatment::kIntersect;
  if (last_.initiator == Initiator::kUser && last_.intersects) return Treatment::kIgnore;
  // What was asked for before is not what holds: several had a say, and their word stays.
  if (changes(last_.alpha2)) return Treatment::kIgnore;
  return changes(request.alpha2) ? Treatment::kTake : Treatment::kAlreadySet;
}

HostRegulatory::Treatment HostRegulatory::treat_driver(const Request& request) const {
  if (last_.initiator == Initiator::kCore)
    return changes(request.alpha2) ? Treatment::kTake : Treatment::kAlreadySet;
  if (last_.initiator == Initiator::kDriver && !changes(request.alpha2))
    return Treatment::kAlreadySet;
  return Treatment::kIntersect;
}

HostRegulatory::Treatment HostRegulatory::treat_country(const Request& request) const {
  if (host_.find_wiphy(*request.wiphy) == nullptr) return Treatment::kIgnore;
  if (last_.initiator != Initiator::kCountryElement) return Treatment::kTake;
  // Another radio's access point does not overrule the first one's.
  if (last_.wiphy != request.wiphy || !changes(request.alpha2)) return Treatment::kIgnore;
  return Treatment::kTake;
}

void HostRegulatory::process_driver(Request request) {
  Wiphy* wiphy = host_.find_wiphy(*request.wiphy);
  if (wiphy == nullptr) return;
  const Treatment treatment = treat_driver(request);
  if (treatment != Treatment::kTake) wiphy->own_regulatory.domain = domain_;
  request.intersects = treatment == Treatment::kIntersect;
  if (treatment != Treatment::kAlreadySet) return look_up(request);
  tell(request);
  last_ = request;
  settle();
  if (wiphy->own_regulatory.strict) update(*wiphy);
}

/// The database's answer comes at once; the agent's may come in a while.
void HostRegulatory::look_up(Request request) {
  auto domain = database_ != nullptr ? database_->find(request.alpha2) : fail(Errc::kNotFound);
  if (!domain && agent_silences_ > kAgentSilencesMax) return;
  last_ = request;
  last_.processed = false;
  if (request.initiator == Initiator::kUser) user_alpha2_ = request.alpha2;
  if (domain)
    (void)set_domain(*domain);
  else
    agent_timer_.arm(kAgentTime);
}

void HostRegulatory::on_agent_silent() {
  ++agent_silences_;
  restore(/*forget_user=*/true, /*at_once=*/false);
}

// The domain changes.

Result<void> HostRegulatory::set_domain(const RegulatoryDomain& domain) {
  if (!awaits(domain.alpha2)) return fail(Errc::kInvalid);
  const auto taken = take(domain);
  if (!taken && taken.error().code == Errc::kAlready) {
    settle();
    return taken;
  }
  if (!taken) {
    restore(/*forget_user=*/last_.initiator == Initiator::kUser, /*at_once=*/false);
    return taken;
  }
  update_all();
  const std::string alpha2(domain_.alpha2.begin(), domain_.alpha2.end());
  host_.log().info("regulatory domain {}", alpha2);
  tell(last_);
  settle();
  return {};
}

Result<void> HostRegulatory::take(const RegulatoryDomain& domain) {
  switch (last_.initiator) {
    case Initiator::kCore:
      if (!is_world(domain.alpha2)) return fail(Errc::kInvalid);
      domain_ = domain;
      return {};
    case Initiator::kUser:
      return take_user(domain);
    case Initiator::kDriver:
      return take_driver(domain);
    case Initiator::kCountryElement:
      if (!is_valid(domain)) return fail(Errc::kInvalid);
      if (host_.find_wiphy(*last_.wiphy) == nullptr) return fail(Errc::kNoDevice);
      domain_ = domain;
      return {};
  }
  return {};
}

Result<void> HostRegulatory::take_user(const RegulatoryDomain& domain) {
  user_domain_ = domain;
  if (!changes(domain.alpha2)) return fail(Errc::kAlready);
  if (!is_valid(domain)) return fail(Errc::kInvalid);
  if (last_.intersects) return meet(domain);
  domain_ = domain;
  return {};
}

Result<void> HostRegulatory::take_driver(const RegulatoryDomain& domain) {
  if (is_world(domain.alpha2)) return fail(Errc::kInvalid);
  if (!changes(domain.alpha2)) return fail(Errc::kAlready);
  if (!is_valid(domain)) return fail(Errc::kInvalid);
  Wiphy* wiphy = last_.wiphy ? host_.find_wiphy(*last_.wiphy) : nullptr;
  if (wiphy == nullptr) return fail(Errc::kNoDevice);
  auto& own = wiphy->own_regulatory.domain;
  if (last_.intersects) {
    TRY(meet(domain));
  } else {
    if (own) return fail(Errc::kAlready);
    domain_ = domain;
  }
  own = domain;
  return {};
}

Result<void> HostRegulatory::meet(const RegulatoryDomain& domain) {
  auto both = cfg80211::intersect(domain, domain_);
  if (!both) return fail(Errc::kInvalid);
  domain_ = *std::move(both);
  return {};
}

/// The last request is done with: the next one's turn.
void HostRegulatory::settle() {
  last_.processed = true;
  agent_timer_.cancel();
  if (!queue_.empty()) work_.arm({});
}

/// Back to the world, then to what the user asked for; what the air told is forgotten. Not at once:
/// as requests of their own, before those that wait.
void HostRegulatory::restore(bool forget_user, bool at_once) {
  domain_ = world_domain();
  // The kernel's static world request carries wiphy number 0, which listeners see if it exists.
  last_ = {.wiphy = 0, .processed = true};
  agent_timer_.cancel();
  if (forget_user) user_alpha2_.reset();
  beacon_hints_.clear();
  pending_beacon_hints_.clear();
  const auto user = user_alpha2_ && is_country(*user_alpha2_) ? user_alpha2_ : std::nullopt;
  for (const auto& [index, wiphy] : host_.wiphys())
    if (wiphy->own_regulatory.custom)
      wiphy->set_channels(apply(wiphy->capabilities(), {.base = &*wiphy->own_regulatory.base}));
  const bool has_cached = user && user_domain_ && user_domain_->alpha2 == *user;
  if (at_once && (!user || has_cached)) return restore_at_once(has_cached);
  std::vector<Request> first{{}};
  if (user) first.push_back({.alpha2 = *user, .initiator = Initiator::kUser});
  queue_.insert(queue_.begin(), first.begin(), first.end());
  work_.arm({});
}

void HostRegulatory::restore_at_once(bool with_user) {
  update_all();
  tell(last_);
  settle();
  if (!with_user) return;
  last_ = {.alpha2 = *user_alpha2_, .initiator = Initiator::kUser};
  (void)set_domain(RegulatoryDomain(*user_domain_));
}

void HostRegulatory::tell(const Request& request) {
  const char alpha2[] = {request.alpha2[0], request.alpha2[1], '\0'};
  uint8_t type = NL80211_REGDOM_TYPE_COUNTRY;
  if (is_world(request.alpha2))
    type = NL80211_REGDOM_TYPE_WORLD;
  else if (request.alpha2 == Alpha2{'9', '9'})
    type = NL80211_REGDOM_TYPE_CUSTOM_WORLD;
  else if (request.intersects)
    type = NL80211_REGDOM_TYPE_INTERSECTION;
  host_.events().regulatory_changed(static_cast<uint8_t>(request.initiator), type,
                                    type == NL80211_REGDOM_TYPE_COUNTRY ? alpha2 : nullptr,
                                    request.wiphy ? host_.find_wiphy(*request.wiphy) : nullptr);
}

}  // namespace airloom::cfg80211
