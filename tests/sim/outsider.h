// A radio that belongs to nobody: it puts any octets on the air of a world, and collects what
// others send.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "ieee80211/frame_control.h"
#include "ieee80211/mac_header.h"
#include "lab/simulation.h"

namespace airloom::lab {

class Outsider final : private medium::Receiver, private medium::Observer {
 public:
  Outsider(World& world, uint32_t mhz)
      : world_(world), channel_{.primary_khz = mhz * 1000}, id_(world.medium().attach(*this)) {
    world_.medium().add_observer(*this);
  }
  ~Outsider() override {
    world_.medium().remove_observer(*this);
    world_.medium().detach(id_);
  }

  void send(const Octets& frame) {
    world_.medium().transmit(id_, {.frame = world_.pool().from(frame), .channel = channel_});
  }
  /// A management frame in clear, with a body of its own.
  void send(ieee80211::Subtype subtype, const MacAddress& to, const MacAddress& from,
            const MacAddress& bssid, const Octets& body) {
    ieee80211::MacHeader header;
    header.fc = ieee80211::FrameControl(subtype);
    header.address1 = to;
    header.address2 = from;
    header.address3 = bssid;
    header.sequence = ieee80211::SequenceControl(next_sequence_++, 0);
    Octets frame;
    Writer writer(frame);
    header.emit(writer);
    writer.bytes(body);
    send(frame);
  }
  /// The frames of that kind between two addresses, so far.
  std::vector<Octets> heard(ieee80211::Subtype subtype, const MacAddress& from,
                            const MacAddress& to) const {
    std::vector<Octets> found;
    for (const Octets& frame : heard_) {
      const auto view = ieee80211::FrameView::of(frame);
      if (view->fc().is(subtype) && view->address2() == from && view->address1() == to)
        found.push_back(frame);
    }
    return found;
  }
  /// The newest frame of whatever kind that a test is true of; empty if there was none.
  template <typename Test>
  Octets last_heard(Test&& test) const {
    const auto found = std::find_if(heard_.rbegin(), heard_.rend(), [&](const Octets& frame) {
      return test(*ieee80211::FrameView::of(frame));
    });
    return found == heard_.rend() ? Octets{} : *found;
  }

 private:
  void on_receive(const medium::Reception&) override {}
  void on_sent(const medium::Transmission&) override {}
  void on_end(const medium::Transmission& transmission, std::span<const Decoder>) override {
    const auto octets = transmission.frame.octets();
    const auto view = ieee80211::FrameView::of(octets);
    if (view && view->has_address2() && transmission.sender != id_)
      heard_.emplace_back(octets.begin(), octets.end());
  }

  World& world_;
  const medium::Channel channel_;
  const medium::ReceiverId id_;
  uint16_t next_sequence_ = 2000;
  std::vector<Octets> heard_;
};

/// Takes a host's radio out of everybody's hearing, or back.
inline void set_out_of_reach(Simulation& simulation, SimulatedHost& host, bool out = true) {
  for (const auto& [number, radio] : host.host().all_radios())
    simulation.world().medium().set_groups(radio->device->receiver_id(), out ? 2 : 1);
}

}  // namespace airloom::lab
