#include "lab/air_replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "hwsim/rate_map.h"
#include "ieee80211/mac_header.h"
#include "ieee80211/radiotap.h"
#include "ieee80211/radiotap_rate.h"

namespace airloom::lab {

class AirReplay::Sender final : public medium::Receiver {
 public:
  Sender(World& world, uint32_t interface) : medium_(world.medium()), id_(medium_.attach(*this)) {
    world.on_radio_added(id_, fmt::format("replay/{}", interface));
  }
  ~Sender() override { medium_.detach(id_); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  void send(medium::TransmitRequest request) { medium_.transmit(id_, std::move(request)); }

 private:
  void on_receive(const medium::Reception&) override {}
  void on_sent(const medium::Transmission&) override {}

  medium::Medium& medium_;
  const medium::ReceiverId id_;
};

AirReplay::AirReplay(World& world)
    : world_(world),
      began_(world.ports().scheduler->now()),
      timer_(*world.ports().scheduler, [this] { on_due(); }) {}

AirReplay::~AirReplay() = default;

AirReplay::Sender& AirReplay::sender(uint32_t interface) {
  auto& sender = senders_[interface];
  if (!sender) sender = std::make_unique<Sender>(world_, interface);
  return *sender;
}

namespace {

constexpr size_t kFcsOctets = 4;

int power_of(const ieee80211::RadiotapHeader& header) {
  constexpr int kUnknown = 20;
  if (header.tx_power_dbm) return *header.tx_power_dbm;
  if (header.signal_dbm) return *header.signal_dbm + medium::IdealPropagation::kPathLossDb;
  return kUnknown;
}

}  // namespace

Result<void> AirReplay::add(const ReplayFrame& frame) {
  if (frame.at < Duration(0) || frame.at > kLongest)
    return fail(Errc::kInvalid, "it is not of these ten years");
  ieee80211::RadiotapHeader header;
  Reader reader(frame.octets);
  if (frame.has_radiotap) {
    auto parsed = ieee80211::RadiotapHeader::parse(reader);
    if (!parsed) return fail(Errc::kInvalid, "malformed radiotap: " + parsed.error().text);
    header = *parsed;
  }
  auto octets = reader.rest();
  if (header.fcs_at_end())
    octets = octets.first(octets.size() - std::min(octets.size(), kFcsOctets));
  if (!ieee80211::FrameView::of(octets))
    return fail(Errc::kInvalid, "it is shorter than an 802.11 header, or none");
  const uint32_t mhz = header.channel ? header.channel->mhz : frame.mhz;
  if (mhz == 0) return fail(Errc::kInvalid, "its channel is not known: give --freq MHZ");

  cfg80211::RateInfo rate;
  if (const auto captured = ieee80211::rate_of(header)) rate = cfg80211::to_rate_info(*captured);
  const bool short_preamble =
      (header.flags.value_or(0) & ieee80211::radiotap_flag::kShortPreamble) != 0;
  waiting_.push_back({began_ + frame.at,
                      frame.interface,
                      {.frame = world_.pool().from(octets),
                       .channel = medium::Channel::of(mhz * 1000),
                       .rate = hwsim::to_medium(rate, short_preamble, mhz),
                       .power_dbm = power_of(header)}});
  if (waiting_.size() == 1) arm();
  return {};
}

void AirReplay::arm() {
  timer_.arm_at(std::max(waiting_.front().due, world_.ports().scheduler->now()));
}

void AirReplay::finish(std::function<void()> done) {
  done_ = std::move(done);
  if (waiting_.empty()) timer_.arm({});
}

void AirReplay::on_due() {
  const TimePoint now = world_.ports().scheduler->now();
  while (!waiting_.empty() && waiting_.front().due <= now) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    ++frames_;
    sender(next.interface).send(std::move(next.request));
  }
  if (!waiting_.empty()) return arm();
  if (done_) std::exchange(done_, nullptr)();
}

}  // namespace airloom::lab
