// The regulatory state of a host: the domain in force, who moved it there, and what it makes of
// each wiphy's channels. Users, drivers and access points hint at countries; a hint is taken at
// once and acts after the event that brought it, one after the other. A country that the database
// does not know is asked of a regulatory agent (SET_REG), for some seconds.
// [kernel Documentation: regulatory.rst]
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/scheduler.h"
#include "cfg80211/regulatory.h"

namespace airloom::cfg80211 {

class Host;
class Wdev;
class Wiphy;

class HostRegulatory {
 public:
  using Alpha2 = std::array<char, 2>;

  /// @param database  may be none: then only the built-in world domain is known.
  HostRegulatory(Host& host, const RegulatoryDatabase* database);

  /// The domain in force.
  const RegulatoryDomain& domain() const { return domain_; }

  /// REQ_SET_REG: a user asks for a country; "00" is the world domain.
  /// @param cellular  told by a base station: nobody here listens to those.
  /// @error kInvalid  that is no country's name.
  Result<void> hint_user(Alpha2 alpha2, bool cellular = false);
  /// An access point that a wiphy joined says where it is (Country element).
  void hint_country(const Wiphy& wiphy, Alpha2 alpha2);
  /// The driver says which country its radio was made for.
  void hint_driver(Wiphy& wiphy, Alpha2 alpha2);
  /// A beacon was heard on a channel where we must not be the first to transmit.
  void hint_beacon(uint32_t mhz, uint16_t offset_khz);
  /// Whether a regulatory agent is asked for this country.
  bool awaits(Alpha2 alpha2) const { return !last_.processed && last_.alpha2 == alpha2; }
  /// SET_REG: the agent answers what was asked of it.
  /// @error kInvalid  nothing was, or another country, or the domain contradicts itself.
  Result<void> answer(const RegulatoryDomain& domain);
  /// RELOAD_REGDB: the domain in force is looked up again.
  void reload();
  /// If nothing is active on the host any more, what was learnt from the air is forgotten.
  void restore_if_idle();

  /// The channels of a radio that came.
  void on_wiphy_added(Wiphy& wiphy);
  void on_wiphy_removed(const Wiphy& wiphy);
  /// A radio's channel got another DFS state; radios that come later share what is known.
  void on_radar_knowledge(const Wiphy& wiphy);

 private:
  enum class Initiator : uint8_t { kCore = 0, kUser = 1, kDriver = 2, kCountryElement = 3 };
  struct Request {
    Alpha2 alpha2{'0', '0'};
    Initiator initiator = Initiator::kCore;
    std::optional<uint32_t> wiphy{};
    bool cellular = false;
    bool intersects = false;
    bool processed = false;
  };
  enum class Treatment : uint8_t { kTake, kIntersect, kAlreadySet, kIgnore };

  void queue(const Request& request);
  void run();
  bool is_idle() const;
  void process(Request request);
  Treatment treat_user(const Request& request) const;
  Treatment treat_driver(const Request& request) const;
  Treatment treat_country(const Request& request) const;
  void process_driver(Request request);
  void look_up(Request request);

  Result<void> set_domain(const RegulatoryDomain& domain);
  Result<void> take(const RegulatoryDomain& domain);
  Result<void> take_user(const RegulatoryDomain& domain);
  Result<void> take_driver(const RegulatoryDomain& domain);
  Result<void> meet(const RegulatoryDomain& domain);
  void settle();
  void restore(bool forget_user, bool at_once);
  void restore_at_once(bool with_user);
  void on_agent_silent();

  bool changes(Alpha2 alpha2) const { return domain_.alpha2 != alpha2; }
  void tell(const Request& request);
  void process_beacon_hints();
  bool roams_the_world(const Wiphy& wiphy) const;
  void update_all();
  void update(Wiphy& wiphy);
  bool is_ignored_by(const Wiphy& wiphy) const;
  SharedChannelTable channels_for(Wiphy& wiphy);
  void share_radar_knowledge(Wiphy& wiphy);
  void leave_forbidden_channels();

  Host& host_;
  const RegulatoryDatabase* database_;
  RegulatoryDomain domain_;
  Request last_;
  std::vector<Request> queue_;
  std::optional<Alpha2> user_alpha2_;            // what idleness returns to
  std::optional<RegulatoryDomain> user_domain_;  // the last one that a user got
  BeaconHints beacon_hints_, pending_beacon_hints_;
  std::set<uint32_t> know_radar_;  // indices of wiphys that may have DFS states to share
  bool restore_pending_ = false;
  unsigned agent_silences_ = 0;
  Timer work_;
  Timer agent_timer_;
  Timer enforcement_timer_;
  /// Tables that equal radios share, by their capabilities and ChannelRules::before.
  struct SharedRow {
    SharedCapabilities capabilities;
    SharedChannelTable before, channels;
  };
  std::map<std::pair<const Capabilities*, const ChannelTable*>, SharedRow> tables_;
};

}  // namespace airloom::cfg80211
