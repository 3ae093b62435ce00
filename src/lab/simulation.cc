#include "lab/simulation.h"

#include "base/assert.h"

namespace airloom::lab {

SimulatedHost::SimulatedHost(Simulation& simulation, std::string name, int clock_ppm)
    : simulation_(simulation),
      name_(std::move(name)),
      clock_(clock_ppm == 0 ? static_cast<Scheduler&>(simulation.queue())
                            : drift_.emplace(simulation.queue(), clock_ppm)),
      netdevs_(clock_) {
  auto added = simulation_.world().add_host(name_, netdevs_, nullptr, &clock_);
  WLAN_ASSERT(added.has_value());  // names are the test's own
  host_ = *added;
  WLAN_ASSERT(host_->add_radio().has_value());
}

SimulatedHost::~SimulatedHost() {
  sme_.reset();
  ip_.reset();
  simulation_.world().remove_host(name_);
}

void SimulatedHost::Link::set_operstate(OperState state) {
  host_.simulation_.event_log().note(host_.name_,
                                     state == OperState::kUp ? "link up" : "link dormant");
}

template <typename Entry>
void SimulatedHost::run_sme(const Entry& entry) {
  sme_.reset();  // its registrations go with it, before another's come
  sme_ = std::make_unique<SmeNode>(
      simulation_.world(), *host_, link_, wlan0().ifindex(), entry,
      [this](const std::string& what) { simulation_.event_log().note(name_, what); });
  sme_->start();
}

void SimulatedHost::run(const AccessPointEntry& entry) {
  run_sme(entry);
}
void SimulatedHost::run(const StationEntry& entry) {
  run_sme(entry);
}

MemoryNetdev& SimulatedHost::add_monitor(const std::string& name, bool plain) {
  cfg80211::Wiphy& wiphy = *host_->host().wiphys().begin()->second;
  const auto added = wiphy.add_interface(
      {.name = name, .type = cfg80211::InterfaceType::kMonitor, .plain_monitor = plain});
  WLAN_ASSERT(added.has_value());
  MemoryNetdev& netdev = *netdevs_.find(name);
  WLAN_ASSERT(netdev.set_up(true).has_value());
  return netdev;
}

void SimulatedHost::set_address(Ipv4 address) {
  ip_ = std::make_unique<IpEndpoint>(clock_, simulation_.world().pool(), wlan0(), address);
}

namespace {
std::optional<medium::FaultyPropagation> make_air(Rng& rng, const medium::Faults* faults) {
  if (faults == nullptr) return std::nullopt;
  return std::optional<medium::FaultyPropagation>(std::in_place, rng, *faults);
}
}  // namespace

Simulation::Simulation(uint64_t seed, const medium::Faults* faults, medium::PropagationModel* air,
                       LogSink* log)
    : rng_(seed),
      air_rng_(~seed),
      faulty_(make_air(air_rng_, faults)),
      world_({.scheduler = &queue_,
              .rng = &rng_,
              .log = log != nullptr ? Log(*log, queue_) : Log(),
              .regulatory = &regulatory_,
              .propagation = faulty_ ? &*faulty_ : air}),
      event_log_(world_) {}

Simulation::~Simulation() = default;

void Simulation::set_faults(const medium::Faults& faults) {
  WLAN_ASSERT(faulty_.has_value());
  faulty_->faults = faults;
}

SimulatedHost& Simulation::add_host(const std::string& name, int clock_ppm) {
  hosts_.push_back(std::make_unique<SimulatedHost>(*this, name, clock_ppm));
  return *hosts_.back();
}

std::optional<Duration> Simulation::ping(SimulatedHost& from, Ipv4 to) {
  std::optional<Duration> round_trip;
  bool answered = false;
  from.ip().ping(to, [&](std::optional<Duration> result) {
    round_trip = result;
    answered = true;
  });
  run_until([&] { return answered; }, std::chrono::seconds(2));
  return round_trip;
}

}  // namespace airloom::lab
