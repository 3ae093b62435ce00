// The far side of an interface within the firmware: what the stack there hands up travels to the
// host as data messages, and what it says of the link as events.
#pragma once

#include "cfg80211/netdev.h"
#include "fullmac/outbox.h"

namespace airloom::fullmac {

class FirmwareNetdev final : public cfg80211::Netdev {
 public:
  FirmwareNetdev(Outbox& outbox, uint16_t number, const MacAddress& address)
      : outbox_(outbox), number_(number), name_("if" + std::to_string(number)), address_(address) {}

  uint32_t ifindex() const override { return number_; }
  const std::string& name() const override { return name_; }
  MacAddress address() const override { return address_; }
  bool is_up() const override { return true; }  // the host decides, with kOpen and kStop
  uint32_t name_space() const override { return 0; }
  void set_carrier(bool on) override { outbox_.tell(number_, Carrier{.on = on}); }
  Result<void> set_address(const MacAddress& address) override {
    address_ = address;
    return {};
  }
  Result<void> set_link_layer(cfg80211::LinkLayer) override { return fail(Errc::kUnsupported); }
  Result<void> move_to(uint32_t) override { return fail(Errc::kUnsupported); }
  void close() override { set_carrier(false); }  // likewise
  void receive(FrameBuffer frame) override { outbox_.post(wrap_data(std::move(frame), number_)); }
  void pause_transmit(bool paused) override { outbox_.tell(number_, Flow{.paused = paused}); }

 private:
  Outbox& outbox_;
  const uint16_t number_;
  const std::string name_;
  MacAddress address_;
};

}  // namespace airloom::fullmac
