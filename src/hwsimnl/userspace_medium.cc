#include "hwsimnl/userspace_medium.h"

#include "hwsimnl/uapi.h"

namespace airloom::hwsimnl {

namespace {

using hwsim::OutsideChain;

// [mac80211_hwsim.h struct hwsim_tx_rate]: index and tries, four of them.
Octets emit_rates(const OutsideChain& rates) {
  Octets octets;
  for (const auto& rate : rates) {
    octets.push_back(static_cast<uint8_t>(rate.index));
    octets.push_back(rate.tries);
  }
  return octets;
}

// [mac80211_hwsim.h struct hwsim_tx_rate_flag]: index and flags, packed.
Octets emit_rate_flags(const OutsideChain& rates) {
  Octets octets;
  for (const auto& rate : rates) {
    octets.push_back(static_cast<uint8_t>(rate.index));
    netlink::append(octets, rate.flags);
  }
  return octets;
}

OutsideChain parse_rates(std::span<const uint8_t> octets) {
  OutsideChain rates;
  for (size_t i = 0; i < rates.size() && 2 * i + 1 < octets.size(); ++i)
    rates[i] = {.index = static_cast<int8_t>(octets[2 * i]), .tries = octets[2 * i + 1]};
  return rates;
}

}  // namespace

Result<void> UserspaceMedium::enlist(const Client& client) {
  if (client_) return fail(Errc::kBusy);
  client_ = client;
  return {};
}

void UserspaceMedium::dismiss(const Client& client) {
  if (client_ != client) return;
  client_.reset();
  for (const auto& [radio, device] : devices_) device->on_outside_gone();
}

Result<hwsim::Device*> UserspaceMedium::find(const Client& from,
                                             const std::optional<MacAddress>& radio) const {
  if (client_ != from || !radio) return fail(Errc::kInvalid);
  const auto found = devices_.find(*radio);
  if (found == devices_.end()) return fail(Errc::kInvalid);
  return found->second;
}

Result<void> UserspaceMedium::on_frame(const Client& from,
                                       const netlink::AttributeTable& attributes) {
  const auto frame = attributes.bytes(HWSIM_ATTR_FRAME);
  const auto rate = attributes.u32(HWSIM_ATTR_RX_RATE);
  const auto signal = attributes.u32(HWSIM_ATTR_SIGNAL);
  if (!frame || !rate || !signal) return fail(Errc::kInvalid);
  hwsim::Device& device = *TRY(find(from, attributes.mac(HWSIM_ATTR_ADDR_RECEIVER)));
  return device.receive_outside({.mpdu = *frame,
                                 .mhz = attributes.u32(HWSIM_ATTR_FREQ).value_or(0),
                                 .rate_index = *rate,
                                 .signal_dbm = static_cast<int32_t>(*signal)});
}

Result<void> UserspaceMedium::on_tx_info(const Client& from,
                                         const netlink::AttributeTable& attributes) {
  const auto flags = attributes.u32(HWSIM_ATTR_FLAGS);
  const auto cookie = attributes.u64(HWSIM_ATTR_COOKIE);
  const auto signal = attributes.u32(HWSIM_ATTR_SIGNAL);
  const auto rates = attributes.bytes(HWSIM_ATTR_TX_INFO);
  if (!flags || !cookie || !signal || !rates) return fail(Errc::kInvalid);
  hwsim::Device& device = *TRY(find(from, attributes.mac(HWSIM_ATTR_ADDR_TRANSMITTER)));
  return device.on_outside_status({.cookie = *cookie,
                                   .acked = (*flags & HWSIM_TX_STAT_ACK) != 0,
                                   .no_ack = (*flags & HWSIM_TX_CTL_NO_ACK) != 0,
                                   .tried = parse_rates(*rates),
                                   .signal_dbm = static_cast<int32_t>(*signal)});
}

netlink::MessageWriter UserspaceMedium::message(uint8_t command) const {
  return client_->bus->event(client_->family).message(command);
}

bool UserspaceMedium::send(netlink::MessageWriter&& message) {
  return client_->bus->unicast(client_->ns, client_->port, std::move(message)).has_value();
}

bool UserspaceMedium::carry(const hwsim::OutsideFrame& frame) {
  if (!client_) return false;
  netlink::MessageWriter out = message(HWSIM_CMD_FRAME);
  out.mac(HWSIM_ATTR_ADDR_TRANSMITTER, frame.radio);
  out.bytes(HWSIM_ATTR_FRAME, frame.mpdu);
  uint32_t flags = 0;
  if (frame.wants_status) flags |= HWSIM_TX_CTL_REQ_TX_STATUS;
  if (frame.no_ack) flags |= HWSIM_TX_CTL_NO_ACK;
  out.u32(HWSIM_ATTR_FLAGS, flags);
  out.u32(HWSIM_ATTR_FREQ, frame.mhz);
  out.bytes(HWSIM_ATTR_TX_INFO, emit_rates(frame.rates));
  out.bytes(HWSIM_ATTR_TX_INFO_FLAGS, emit_rate_flags(frame.rates));
  out.u64(HWSIM_ATTR_COOKIE, frame.cookie, HWSIM_ATTR_PAD);
  return send(std::move(out));
}

void UserspaceMedium::tell_address(const MacAddress& radio, const MacAddress& address, bool added) {
  if (!client_) return;
  netlink::MessageWriter out = message(added ? HWSIM_CMD_ADD_MAC_ADDR : HWSIM_CMD_DEL_MAC_ADDR);
  out.mac(HWSIM_ATTR_ADDR_TRANSMITTER, radio);
  out.mac(HWSIM_ATTR_ADDR_RECEIVER, address);
  (void)send(std::move(out));
}

}  // namespace airloom::hwsimnl
