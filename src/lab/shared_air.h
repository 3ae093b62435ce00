// Two worlds on one air, over a tunnel's wire: what radios send here is sent there too, and the
// other way round. It learns who is on the other side as a bridge does, by who sent from there, and
// acknowledges in their place, since an ACK cannot cross a network in time. The two ends differ
// only in who asks: the one that serves is a tunnel's radio (Wtp), the one that joins its stack
// (Ac).
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "lab/world.h"
#include "radio/radio.h"
#include "tunnel/ac.h"
#include "tunnel/wtp.h"

namespace airloom::lab {

/// This world's side of the other: hears every channel, and sends for those on the other side.
class AirPort final : private radio::Owner {
 public:
  /// A frame that is to be sent on the other side.
  struct Heard {
    const FrameBuffer& frame;
    uint16_t mhz;
    cfg80211::RateInfo rate;
    int signal_dbm;
    uint64_t tsf_us;
  };
  /// @param heard  called from the scheduler's loop. The world outlives the port.
  AirPort(World& world, std::function<void(const Heard&)> heard);

  /// Called once for each address that has sent from both sides, and so belongs to two radios.
  std::function<void(const MacAddress&)> on_twins = [](const MacAddress&) {};

  /// Sends what came from the other side, and learns who is there.
  void send(std::span<const uint8_t> frame, uint16_t mhz, const cfg80211::RateInfo& rate);

  static constexpr size_t kLearntMax = 4096;  ///< addresses of each side

 private:
  void on_receive(const FrameBuffer& frame, const radio::RxInfo& info) override;
  void on_tx_status(radio::TxStatus) override {}

  World& world_;
  std::function<void(const Heard&)> heard_;
  using Addresses = std::set<MacAddress>;
  /// True if the address is new to one side, and the other has it, too.
  static bool learn(Addresses& side, const Addresses& other, const MacAddress& address);
  Addresses natives_;    // who has sent on this side
  Addresses strangers_;  // and on the other
  radio::Radio radio_;
};

/// The end that waits.
class ServedAir final : private tunnel::RadioPort {
 public:
  ServedAir(World& world, tunnel::WtpWire& wire, const Log& log);
  tunnel::Wtp& wtp() { return wtp_; }
  AirPort& port() { return port_; }

 private:
  tunnel::RadioDescription describe() const override { return {}; }
  bool inject(std::span<const uint8_t> frame) override;
  Result<void> set_channel(const mac80211::ChannelDefinition& channel) override;
  void set_addresses(std::span<const MacAddress>) override {}
  void on_heard(const AirPort::Heard& heard);

  AirPort port_;
  tunnel::Wtp wtp_;
  uint16_t mhz_ = 0;
  Octets octets_;
};

/// The end that asks.
class JoinedAir final : private tunnel::Ac::Owner {
 public:
  JoinedAir(World& world, tunnel::AcWire& wire, const Log& log);
  tunnel::Ac& ac() { return ac_; }
  AirPort& port() { return port_; }
  /// Called when the session begins, and when it is lost.
  std::function<void(bool joined)> on_session = [](bool) {};

 private:
  void on_joined(const tunnel::RadioDescription&) override { on_session(true); }
  void on_lost() override { on_session(false); }
  void on_frame(const tunnel::RxInfo& info, FrameBuffer frame) override;
  void on_reports(std::span<const tunnel::TxReport>) override {}
  void on_tsf(uint64_t) override {}
  void on_heard(const AirPort::Heard& heard);

  AirPort port_;
  tunnel::Ac ac_;
};

}  // namespace airloom::lab
