// A random world: two access points of one network and four stations, each on a host whose clock
// drifts, to which a plan happens (random_plan.h): they start, stop, die, roam, doze, rekey and
// talk, on an air that loses, doubles, delays and replays. Checkers that know nothing of the plan
// watch. At the end the air is good again and everybody is started: all must find together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lab/simulation.h"
#include "sim/beacon_checker.h"
#include "sim/checkers.h"
#include "sim/event_checker.h"
#include "sim/port_checker.h"
#include "sim/random_plan.h"
#include "sim/raw_station.h"
#include "sim/tim_checker.h"

namespace airloom::lab {

class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed)
      : simulation_(seed, medium::Faults{}),
        security_(security_of(seed)),
        air_(simulation_.world()),
        ports_(simulation_.world()),
        tim_(simulation_.world(), air_.keys(), ports_) {
    SeededRng dice(~seed);
    for (size_t i = 0; i < kHosts; ++i) {
      const auto ppm = static_cast<int>(dice.below(2 * kPpmMax + 1)) - kPpmMax;
      add(i, i < kAps ? "ap" + std::to_string(i + 1) : "sta" + std::to_string(i + 1 - kAps), ppm);
    }
  }

  /// @param step  called before each step, for a test's own purposes.
  void run(const Plan& plan, const std::function<void(const Step&)>& before = {}) {
    const TimePoint began = simulation_.queue().now();
    for (size_t i = 0; i < kHosts; ++i) start(i);
    for (const Step& step : plan) {
      simulation_.queue().run_until(began + step.at);
      if (before) before(step);
      perform(step);
    }
    come_to_rest();
  }

  /// Everything that is wrong; empty if nothing is.
  std::string faults() {
    std::string all = faults_ + air_.faults() + ports_.faults() + tim_.faults();
    for (const Member& member : members_) {
      all += member.delivered.faults() + member.events->faults();
      if (member.beacons) all += member.beacons->faults();
    }
    return all;
  }
  World& world() { return simulation_.world(); }
  std::string log() { return simulation_.event_log().text(); }

  /// What the checkers have had to judge: a story in which nothing happens proves nothing.
  struct Judged {
    size_t protected_frames = 0, port = 0, tim = 0, events = 0, delivered = 0, to_group = 0,
           beacons = 0;
  };
  Judged judged() const {
    Judged all{
        .protected_frames = air_.protected_frames(), .port = ports_.judged(), .tim = tim_.judged()};
    for (const Member& member : members_) {
      all.events += member.events->count();
      all.delivered += member.delivered.count();
      all.to_group += member.delivered.group_count();
      if (member.beacons) all.beacons += member.beacons->count();
    }
    return all;
  }

 private:
  static constexpr size_t kAps = 2, kStations = 4, kHosts = kAps + kStations;
  static constexpr size_t kGroup = kHosts;  // behind the members: all of them
  static constexpr int kPpmMax = 100;       // five times what the standard lets a radio have
  static constexpr const char* kSsid = "oracle";
  static constexpr const char* kPassphrase = "correcthorsebattery";
  static constexpr std::array<uint32_t, kAps> kMhz = {2412, 2437};

  struct Member {
    SimulatedHost* host = nullptr;
    Ipv4 address{};
    DeliveryChecker delivered;
    std::unique_ptr<EventChecker> events;
    std::unique_ptr<BeaconChecker> beacons;  // an access point's with beacon protection
    std::unique_ptr<RawClient> client;
    std::array<std::array<uint32_t, 8>, kHosts + 1> sent{};  // by receiver and priority
  };

  static sme::Security security_of(uint64_t seed) {
    switch (seed % 4) {
      case 0:
        return {.pmf = sme::Pmf::kRequired, .beacon_protection = true};
      case 1:
        return {.pmf = sme::Pmf::kCapable};
      case 2:
        return {
            .akms = {ieee80211::akm::kSae}, .pmf = sme::Pmf::kRequired, .beacon_protection = true};
      default:
        return {};
    }
  }

  void add(size_t index, const std::string& name, int ppm) {
    SimulatedHost& host = simulation_.add_host(name, ppm);
    Member& member = members_.at(index);
    member.host = &host;
    member.address = {10, 0, 0, static_cast<uint8_t>(1 + index)};
    host.set_address(member.address);
    member.events = std::make_unique<EventChecker>(simulation_, host);
    member.client = std::make_unique<RawClient>(simulation_, host);
    const bool is_ap = index < kAps;
    const MacAddress address = host.wlan0().address();
    if (is_ap) {
      ports_.watch_access_point(host.host(), address);
      tim_.watch_access_point(address, device(index).receiver_id(), static_cast<uint8_t>(index));
      if (security_.beacon_protection)
        member.beacons = std::make_unique<BeaconChecker>(simulation_.world(), host.host());
    }
    device(index).set_groups(is_ap ? uint64_t{1} << index : kEverywhere);
    host.wlan0().on_receive = [this, &member, is_ap, address,
                               next = host.wlan0().on_receive](FrameBuffer frame) {
      const auto octets = frame.octets();
      if (is_ap) ports_.on_delivery(address, octets);
      // An access point's interface also has what stations send to addresses that it does not know.
      const MacAddress to = MacAddress::from(octets.first(6));
      if (octets[12] == 0x81 && !to.is_group() && to != address) return;
      if (octets[12] == 0x81)
        member.delivered.on_frame(octets);
      else
        next(std::move(frame));
    };
  }

  hwsim::Device& device(size_t index) {
    return *members_.at(index).host->host().all_radios().begin()->second->device;
  }

  void start(size_t index) {
    SimulatedHost& host = *members_.at(index).host;
    if (host.sme() != nullptr && !host.sme()->failure()) {
      host.sme()->start();
    } else if (index < kAps) {
      host.run(AccessPointEntry{
          .ssid = kSsid, .passphrase = kPassphrase, .mhz = kMhz.at(index), .security = security_});
    } else {
      host.run(StationEntry{.ssid = kSsid,
                            .passphrase = kPassphrase,
                            .scan_mhz = {kMhz.begin(), kMhz.end()},
                            .security = security_});
    }
  }

  void perform(const Step& step) {
    SeededRng dice(step.dice);
    const auto anybody = static_cast<size_t>(dice.below(kHosts));
    const auto ap = static_cast<size_t>(dice.below(kAps));
    const auto station = static_cast<size_t>(kAps + dice.below(kStations));
    SimulatedHost& host = *members_.at(anybody).host;
    switch (step.kind) {
      case StepKind::kStart:
        return start(anybody);
      case StepKind::kStop:
        if (host.sme() != nullptr) host.sme()->stop();
        return;
      case StepKind::kKill:
        return host.kill();
      case StepKind::kDown:
        return void(host.wlan0().set_up(false));
      case StepKind::kMove:
        return device(station).set_groups(dice.below(4));
      case StepKind::kSleep:
        return set_power_save(station, true);
      case StepKind::kWake:
        return set_power_save(station, false);
      case StepKind::kRekey:
        if (auto* sme = members_.at(ap).host->sme(); sme != nullptr && sme->is_up())
          sme->access_point()->rekey_group();
        return;
      case StepKind::kExpel:
        if (auto* sme = members_.at(ap).host->sme(); sme != nullptr && sme->is_up())
          (void)sme->access_point()->deauthenticate(address(station),
                                                    ieee80211::ReasonCode::kUnspecified);
        return;
      case StepKind::kTraffic:
        return send_some(dice);
      case StepKind::kAir:
        return change_air(dice);
    }
  }

  void set_power_save(size_t index, bool on) {
    (void)members_.at(index).client->ask(
        NL80211_CMD_SET_POWER_SAVE, [&](netlink::MessageWriter& writer) {
          writer.u32(NL80211_ATTR_PS_STATE, on ? NL80211_PS_ENABLED : NL80211_PS_DISABLED);
        });
  }

  MacAddress address(size_t index) { return members_.at(index).host->wlan0().address(); }

  void send_some(SeededRng& dice) {
    const auto from = static_cast<size_t>(dice.below(kHosts));
    const auto to = static_cast<size_t>((from + 1 + dice.below(kHosts - 1)) % kHosts);
    const auto priority = static_cast<uint8_t>(dice.below(8));
    // A station's frames to a group would go by one access point now and by the other later, and
    // which of them waits longer for its DTIM is anybody's guess: only access points send any.
    const bool to_group = from < kAps && dice.below(2) == 0;
    for (uint64_t i = 1 + dice.below(12); i > 0; --i)
      send_one(from, to_group ? kGroup : to, priority, dice.below(1400));
  }

  /// @param to  a member, or kGroup.
  void send_one(size_t from, size_t to, uint8_t priority, size_t size) {
    Member& sender = members_.at(from);
    const MacAddress destination = to == kGroup ? MacAddress{{1, 0, 0x5e, 0, 0, 1}} : address(to);
    const TestFrame frame{.sender = static_cast<uint8_t>(from),
                          .priority = priority,
                          .number = ++sender.sent.at(to).at(priority),
                          .size = size};
    if (from < kAps && to != kGroup && sender.host->wlan0().is_up())
      tim_.on_handed(address(from), destination, frame);
    sender.host->wlan0().send(
        simulation_.world().pool().from(frame.to_ethernet(destination, address(from))));
  }

  void change_air(SeededRng& dice) {
    medium::Faults faults;
    if (dice.below(2) == 0)
      faults = {.loss = static_cast<unsigned>(dice.below(300)),
                .duplication = static_cast<unsigned>(dice.below(100)),
                .delay = static_cast<unsigned>(dice.below(100)),
                .replay = static_cast<unsigned>(dice.below(100))};
    set_air(faults);
  }
  void set_air(const medium::Faults& faults) {
    simulation_.set_faults(faults);
    tim_.on_air(faults.loss + faults.duplication + faults.delay + faults.replay == 0);
  }

  /// The access point that a station is connected to.
  std::optional<size_t> access_point_of(size_t station) {
    const auto* sme = members_.at(station).host->sme();
    if (sme == nullptr || !sme->is_up()) return std::nullopt;
    const auto& bss = members_.at(station).host->sme()->station()->bss();
    for (size_t ap = 0; bss && ap < kAps; ++ap)
      if (bss->bssid == address(ap) && ports_.is_authorised(address(ap), address(station)))
        return ap;
    return std::nullopt;
  }

  void come_to_rest() {
    set_air({});
    for (size_t i = 0; i < kHosts; ++i) {
      if (i >= kAps) device(i).set_groups(kEverywhere);
      // A program whose interface went down may wait for somebody to say start.
      if (!members_.at(i).host->wlan0().is_up()) members_.at(i).host->kill();
      start(i);
    }
    // As long as a rekey lasts that waits for a station which has left unheard.
    constexpr int kQuiet = 8;
    int quiet = 0;  // seconds in which everybody was connected
    for (int seconds = 0; quiet < kQuiet && seconds < 180; ++seconds) {
      // Without traffic a station does not learn that a replayed goodbye has undone it.
      for (size_t i = kAps; i < kHosts; ++i)
        members_.at(i).host->ip().ping(members_.at(0).address, [](auto) {});
      simulation_.run_for(std::chrono::seconds(1));
      bool all = true;
      for (size_t i = kAps; i < kHosts; ++i) all = all && access_point_of(i);
      quiet = all ? quiet + 1 : 0;
    }
    for (size_t i = kAps; i < kHosts; ++i) check_connection(i);
  }

  void check_connection(size_t station) {
    const std::string name = members_.at(station).host->name();
    const auto ap = access_point_of(station);
    if (!ap) return void(faults_ += name + " is not connected at the end\n");
    const KeyLog& keys = air_.keys();
    const MacAddress us = address(station), them = address(*ap);
    const auto own = keys.find(us, them, 0), peers = keys.find(them, us, 0);
    if (!own || !peers || !(*own == *peers)) faults_ += name + " has another pairwise key\n";
    const auto check_group_key = [&](uint8_t first, uint8_t last, const std::string& what) {
      const auto key = keys.newest_group_key(them, first, last);
      if (!key || keys.newest_group_key(us, first, last) != key)
        faults_ += name + " has another " + what + "\n";
    };
    check_group_key(0, 3, "GTK");
    if (security_.pmf != sme::Pmf::kOff) check_group_key(4, 5, "IGTK");
    if (security_.beacon_protection) check_group_key(6, 7, "BIGTK");
    if (!simulation_.ping(*members_.at(station).host, members_.at(*ap).address))
      faults_ += name + " gets no answer from its access point\n";
  }

  static constexpr uint64_t kEverywhere = (1U << kAps) - 1;

  Simulation simulation_;
  const sme::Security security_;
  AirChecker air_;
  PortChecker ports_;
  TimChecker tim_;
  std::array<Member, kHosts> members_;
  std::string faults_;
};

}  // namespace airloom::lab
