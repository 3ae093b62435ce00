#include "fullmac/driver.h"

#include "cfg80211/host.h"

namespace airloom::fullmac {

Driver::Driver(FirmwareEnd& firmware, const Log& log)
    : firmware_(firmware), log_(log.child("fullmac")) {}

Result<void> Driver::start() {
  const auto hello = TRY(ask(0, Hello{}));
  if (hello.version != kVersion)
    return fail(Errc::kUnsupported, "the firmware speaks another version");
  stations_max_ = hello.stations_max;
  return {};
}

Result<Octets> Driver::exchange(std::span<const uint8_t> request, const Header& asked) {
  const Octets confirmation = firmware_.request(request);
  Reader reader(confirmation);
  const auto header = Header::parse(reader);
  if (!header || header->kind != Kind::kConfirmation || header->code != asked.code ||
      header->interface != asked.interface || header->sequence != asked.sequence) {
    log_.warn("the firmware does not answer request {}", asked.code);
    return fail(Errc::kIo, "the radio's firmware does not answer");
  }
  const auto status = reader.u8();
  if (!status || *status > 1 + static_cast<uint8_t>(kLast<Errc>)) {
    log_.warn("the firmware answers request {} with nonsense", asked.code);
    return fail(Errc::kIo, "the radio's firmware answers nonsense");
  }
  if (*status != 0) return fail(static_cast<Errc>(*status - 1));
  return Octets(reader.rest().begin(), reader.rest().end());
}

template <typename M>
Result<typename M::Reply> Driver::ask(uint16_t interface, const M& message) {
  const Header header{.kind = Kind::kRequest,
                      .code = static_cast<uint16_t>(M::kCode),
                      .interface = interface,
                      .sequence = ++sequence_};
  request_.clear();
  Writer writer(request_);
  header.emit(writer);
  encode(request_, message);
  const Octets reply = TRY(exchange(request_, header));
  auto decoded = decode<typename M::Reply>(Reader(reply));
  if (decoded) return decoded;
  log_.warn("the firmware's answer to request {} does not parse", header.code);
  return fail(Errc::kIo, "the radio's firmware answers nonsense");
}

template <typename M>
Result<void> Driver::order(uint16_t interface, const M& message) {
  TRY(ask(interface, message));
  return {};
}

uint16_t Driver::number_of(const Wdev& wdev) const {
  const auto found = numbers_.find(wdev.id());
  return found == numbers_.end() ? 0 : found->second;
}

cfg80211::Wdev* Driver::find(uint16_t number) const {
  const auto found = wdevs_.find(number);
  return found == wdevs_.end() ? nullptr : found->second;
}

Result<void> Driver::add_interface(Wdev& wdev) {
  do {
    ++last_number_;
  } while (last_number_ == 0 || wdevs_.contains(last_number_));
  const uint16_t number = last_number_;
  TRY(order(number, AddInterface{.type = wdev.type(), .address = wdev.address()}));
  wdevs_[number] = &wdev;
  numbers_[wdev.id()] = number;
  regulatory_changed(wdev.wiphy());  // the firmware may not know yet where it is
  return {};
}

void Driver::delete_interface(Wdev& wdev) {
  const uint16_t number = number_of(wdev);
  (void)order(number, DeleteInterface{});
  wdevs_.erase(number);
  numbers_.erase(wdev.id());
}

Result<void> Driver::change_interface(Wdev& wdev, InterfaceType type,
                                      const cfg80211::ChangeInterfaceRequest& request) {
  if (request.use_4addr.value_or(false)) return fail(Errc::kUnsupported);
  // As with other FullMAC radios, an interface changes while it is down.
  if (wdev.is_running()) return fail(Errc::kBusy);
  if (type == wdev.type()) return {};
  return order(number_of(wdev), ChangeInterface{.type = type});
}

Result<void> Driver::open(Wdev& wdev) {
  wdev.netdev()->pause_transmit(false);
  wdev.netdev()->set_carrier(false);
  return order(number_of(wdev), Open{});
}

void Driver::stop(Wdev& wdev) {
  (void)order(number_of(wdev), Stop{});
}

Result<void> Driver::change_address(Wdev& wdev, const MacAddress& address) {
  return order(number_of(wdev), SetAddress{.address = address});
}

void Driver::transmit(Wdev& wdev, std::span<FrameBuffer> burst) {
  const uint16_t number = number_of(wdev);
  burst_.clear();
  for (FrameBuffer& frame : burst) burst_.push_back(wrap_data(std::move(frame), number));
  firmware_.send(burst_);
  burst_.clear();
}

Result<void> Driver::add_key(Wdev& wdev, const cfg80211::KeySlot& slot,
                             const cfg80211::KeyParams& params) {
  return order(number_of(wdev), AddKey{.slot = slot, .params = params});
}

Result<void> Driver::delete_key(Wdev& wdev, const cfg80211::KeySlot& slot) {
  return order(number_of(wdev), DeleteKey{.slot = slot});
}

Result<cfg80211::KeyReport> Driver::get_key(Wdev& wdev, const cfg80211::KeySlot& slot) {
  return ask(number_of(wdev), GetKey{.slot = slot});
}

Result<void> Driver::set_default_key(Wdev& wdev, uint8_t index, bool unicast, bool multicast) {
  return order(number_of(wdev),
               SetDefaultKey{.index = index, .unicast = unicast, .multicast = multicast});
}

Result<void> Driver::set_default_management_key(Wdev& wdev, uint8_t index) {
  return order(number_of(wdev), SetDefaultManagementKey{.index = index});
}

Result<void> Driver::set_default_beacon_key(Wdev& wdev, uint8_t index) {
  return order(number_of(wdev), SetDefaultBeaconKey{.index = index});
}

Result<void> Driver::start_ap(Wdev& wdev, const cfg80211::StartApRequest& request) {
  return order(number_of(wdev), StartAp{.request = request});
}

Result<void> Driver::change_beacon(Wdev& wdev, const cfg80211::BeaconData& beacon) {
  return order(number_of(wdev), ChangeBeacon{.beacon = beacon});
}

Result<void> Driver::stop_ap(Wdev& wdev, cfg80211::LinkId) {
  return order(number_of(wdev), StopAp{});
}

Result<void> Driver::change_bss(Wdev& wdev, const cfg80211::BssParams& params) {
  return order(number_of(wdev), ChangeBss{.params = params});
}

Result<void> Driver::channel_switch(Wdev& wdev, const cfg80211::ChannelSwitchRequest& request) {
  return order(number_of(wdev), ChannelSwitch{.request = request});
}

Result<void> Driver::set_tx_queue_params(Wdev& wdev, const cfg80211::TxQueueParams& params) {
  return order(number_of(wdev), SetTxQueue{.params = params});
}

Result<void> Driver::change_station(Wdev& wdev, const MacAddress& mac,
                                    const cfg80211::StationParams& params) {
  return order(number_of(wdev), ChangeStation{.mac = mac, .params = params});
}

Result<void> Driver::delete_station(Wdev& wdev, const cfg80211::DeleteStationRequest& request) {
  return order(number_of(wdev), DeleteStation{.request = request});
}

Result<cfg80211::StationInfo> Driver::get_station(Wdev& wdev, const MacAddress& mac) {
  return ask(number_of(wdev), GetStation{.mac = mac});
}

Result<std::pair<MacAddress, cfg80211::StationInfo>> Driver::dump_station(Wdev& wdev,
                                                                          size_t index) {
  // The firmware says when it is over; one that never does shall not keep the host for ever.
  if (index > stations_max_) return fail(Errc::kNotFound);
  auto reply = TRY(ask(number_of(wdev), DumpStation{.index = static_cast<uint32_t>(index)}));
  return std::pair(reply.mac, std::move(reply.info));
}

Result<void> Driver::probe_client(Wdev& wdev, const MacAddress& mac, uint64_t cookie) {
  return order(number_of(wdev), ProbeClient{.mac = mac, .cookie = cookie});
}

Result<void> Driver::scan(Wdev& wdev, const cfg80211::ScanRequest& request) {
  return order(number_of(wdev), Scan{.request = request});
}

void Driver::abort_scan(Wdev& wdev) {
  (void)order(number_of(wdev), AbortScan{});
}

Result<void> Driver::start_sched_scan(Wdev& wdev, const cfg80211::SchedScanRequest& request) {
  return order(number_of(wdev), StartSchedScan{.request = request});
}

Result<void> Driver::stop_sched_scan(Wdev& wdev, uint64_t id) {
  return order(number_of(wdev), StopSchedScan{.id = id});
}

Result<void> Driver::connect(Wdev& wdev, const cfg80211::ConnectRequest& request) {
  return order(number_of(wdev), Connect{.request = request});
}

Result<void> Driver::disconnect(Wdev& wdev, uint16_t reason) {
  return order(number_of(wdev), Disconnect{.reason = reason});
}

Result<void> Driver::set_wiphy_params(Wiphy&, const cfg80211::WiphyParams& params) {
  return order(0, SetWiphyParams{.params = params});
}

Result<void> Driver::set_tx_power(Wiphy&, Wdev* wdev, cfg80211::TxPowerSetting setting, int mbm) {
  return order(wdev ? number_of(*wdev) : uint16_t{0}, SetTxPower{.setting = setting, .mbm = mbm});
}

Result<int> Driver::get_tx_power_dbm(Wiphy&, Wdev& wdev) {
  return ask(number_of(wdev), GetTxPower{});
}

Result<ChannelDefinition> Driver::get_channel(Wdev& wdev, cfg80211::LinkId) {
  const ChannelDefinition channel = TRY(ask(number_of(wdev), GetChannel{}));
  if (!channel.is_valid()) return fail(Errc::kIo, "the radio's firmware answers nonsense");
  return channel;
}

Result<void> Driver::set_power_management(Wdev& wdev, bool on, int timeout_ms) {
  return order(number_of(wdev), SetPowerManagement{.on = on, .timeout_ms = timeout_ms});
}

Result<void> Driver::set_cqm(Wdev& wdev, const cfg80211::CqmRequest& request) {
  return order(number_of(wdev), SetCqm{.request = request});
}

Result<cfg80211::SurveyInfo> Driver::dump_survey(Wdev& wdev, size_t index) {
  constexpr size_t kChannelsMax = 256;
  if (index > kChannelsMax) return fail(Errc::kNotFound);
  return ask(number_of(wdev), DumpSurvey{.index = static_cast<uint32_t>(index)});
}

void Driver::regulatory_changed(Wiphy& wiphy) {
  const auto alpha2 = wiphy.host().regulatory().domain().alpha2;
  (void)order(
      0, SetCountry{.alpha2 = {static_cast<uint8_t>(alpha2[0]), static_cast<uint8_t>(alpha2[1])}});
}

void Driver::update_frame_registrations(Wdev& wdev,
                                        const cfg80211::ManagementFrameInterest& interest) {
  (void)order(number_of(wdev), SetFrameInterest{.interest = interest});
}

Result<void> Driver::management_tx(Wdev& wdev, const cfg80211::FrameTxRequest& request,
                                   uint64_t cookie) {
  return order(number_of(wdev), ManagementTx{.request = request, .cookie = cookie});
}

Result<void> Driver::management_tx_cancel_wait(Wdev& wdev, uint64_t cookie) {
  return order(number_of(wdev), CancelTxWait{.cookie = cookie});
}

Result<void> Driver::remain_on_channel(Wdev& wdev, const ChannelDefinition& channel, uint32_t ms,
                                       uint64_t cookie) {
  return order(number_of(wdev),
               RemainOnChannel{.channel = channel, .duration_ms = ms, .cookie = cookie});
}

Result<void> Driver::cancel_remain_on_channel(Wdev& wdev, uint64_t cookie) {
  return order(number_of(wdev), CancelRemain{.cookie = cookie});
}

Result<bool> Driver::control_port_tx(Wdev& wdev, const cfg80211::ControlPortTxRequest& request,
                                     uint64_t cookie) {
  return ask(number_of(wdev), ControlPortTx{.request = request, .cookie = cookie});
}

}  // namespace airloom::fullmac
