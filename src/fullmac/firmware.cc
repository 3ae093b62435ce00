#include "fullmac/firmware.h"

#include <array>

#include "fullmac/firmware_netdev.h"

namespace airloom::fullmac {

Firmware::Firmware(const DevicePorts& ports, mac80211::Driver& radio,
                   cfg80211::SharedCapabilities capabilities, std::vector<MacAddress> addresses,
                   Mailbox& mailbox, const Log& log)
    : ports_(ports),
      log_(log.child("firmware")),
      outbox_(*ports.pool, mailbox),
      stack_({.scheduler = ports.scheduler, .rng = ports.rng, .pool = ports.pool}, radio, log_),
      host_("firmware",
            {.scheduler = ports.scheduler, .netdevs = this, .regulatory = ports.regulatory}, log_),
      sched_scans_(*ports.scheduler, *this) {
  host_.set_event_sink(*this);
  host_.add_wiphy({.capabilities = std::move(capabilities), .addresses = std::move(addresses)},
                  stack_);
}

Firmware::~Firmware() {
  host_.clear_event_sink();
}

FirmwareInterface* Firmware::find(uint16_t number) {
  const auto found = interfaces_.find(number);
  return found == interfaces_.end() ? nullptr : &found->second;
}

FirmwareInterface* Firmware::find(const Wdev& wdev) {
  const auto number = numbers_.find(wdev.id());
  return number == numbers_.end() ? nullptr : find(number->second);
}

Result<std::unique_ptr<cfg80211::Netdev>> Firmware::create(const cfg80211::NetdevSpec& spec,
                                                           cfg80211::NetdevClient&) {
  return std::make_unique<FirmwareNetdev>(outbox_, making_, spec.address);
}

template <typename M>
Result<Octets> Firmware::serve(const Header& header, Reader payload) {
  const M message = TRY(decode<M>(payload));
  Octets reply;
  auto answered = [&]() -> Result<typename M::Reply> {
    const auto answer = [&](auto&& subject) -> Result<typename M::Reply> {
      if constexpr (std::same_as<typename M::Reply, Nothing>) {
        TRY(on(subject, message));
        return Nothing{};
      } else {
        return on(subject, message);
      }
    };
    if constexpr (requires { on(uint16_t{}, message); }) {
      return answer(header.interface);
    } else {
      FirmwareInterface* interface = find(header.interface);
      if (interface == nullptr) return fail(Errc::kNoDevice);
      return answer(*interface);
    }
  };
  encode(reply, TRY(answered()));
  return reply;
}

Firmware::Serve Firmware::serve_of(Request request) {
  static constexpr auto kTable = [] {
    std::array<Serve, static_cast<size_t>(Request::kCount)> table{};
    const auto add = [&]<typename... M>(std::type_identity<M>...) {
      ((table[static_cast<size_t>(M::kCode)] = &Firmware::serve<M>), ...);
    };
    using std::type_identity;
    add(type_identity<Hello>{}, type_identity<SetCountry>{}, type_identity<AddInterface>{},
        type_identity<DeleteInterface>{}, type_identity<ChangeInterface>{}, type_identity<Open>{},
        type_identity<Stop>{}, type_identity<SetAddress>{}, type_identity<AddKey>{},
        type_identity<DeleteKey>{}, type_identity<GetKey>{}, type_identity<SetDefaultKey>{},
        type_identity<SetDefaultManagementKey>{}, type_identity<SetDefaultBeaconKey>{},
        type_identity<StartAp>{}, type_identity<ChangeBeacon>{}, type_identity<StopAp>{},
        type_identity<ChangeBss>{}, type_identity<ChannelSwitch>{}, type_identity<SetTxQueue>{},
        type_identity<ChangeStation>{}, type_identity<DeleteStation>{}, type_identity<GetStation>{},
        type_identity<DumpStation>{}, type_identity<ProbeClient>{}, type_identity<Scan>{},
        type_identity<AbortScan>{}, type_identity<Connect>{}, type_identity<Disconnect>{},
        type_identity<SetWiphyParams>{}, type_identity<SetTxPower>{}, type_identity<GetTxPower>{},
        type_identity<GetChannel>{}, type_identity<SetPowerManagement>{}, type_identity<SetCqm>{},
        type_identity<DumpSurvey>{}, type_identity<SetFrameInterest>{},
        type_identity<ManagementTx>{}, type_identity<CancelTxWait>{},
        type_identity<RemainOnChannel>{}, type_identity<CancelRemain>{},
        type_identity<ControlPortTx>{}, type_identity<StartSchedScan>{},
        type_identity<StopSchedScan>{});
    return table;
  }();
  const auto number = static_cast<size_t>(request);
  return number < kTable.size() ? kTable[number] : nullptr;
}

Octets Firmware::request(std::span<const uint8_t> message) {
  Reader reader(message);
  const auto asked = Header::parse(reader);
  if (!asked || asked->kind != Kind::kRequest) return {};
  Header header = *asked;
  header.kind = Kind::kConfirmation;
  const Serve serve = serve_of(static_cast<Request>(asked->code));
  Result<Octets> reply = fail(Errc::kUnsupported);
  if (serve != nullptr) reply = (this->*serve)(*asked, reader);
  Octets confirmation;
  Writer writer(confirmation);
  header.emit(writer);
  writer.u8(reply ? 0 : static_cast<uint8_t>(1 + static_cast<uint8_t>(reply.error().code)));
  if (reply) writer.bytes(*reply);
  return confirmation;
}

void Firmware::send(std::span<FrameBuffer> messages) {
  for (size_t first = 0; first < messages.size();) {
    // Frames for one interface go on as one burst.
    std::optional<uint16_t> number;
    size_t end = first;
    for (; end < messages.size(); ++end) {
      Reader reader(messages[end].octets());
      const auto header = Header::parse(reader);
      const bool is_data = header && header->kind == Kind::kData;
      if (!is_data || (number && *number != header->interface)) break;
      number = header->interface;
      messages[end].trim_front(kHeaderLength);
    }
    FirmwareInterface* interface = number ? find(*number) : nullptr;
    if (interface != nullptr) interface->wdev->on_transmit(messages.subspan(first, end - first));
    first = std::max(end, first + 1);  // what is no data is dropped
  }
}

void Firmware::remember(uint64_t cookie, const Cookie& what) {
  if (what.host != 0) cookies_[cookie] = what;
}

std::optional<Firmware::Cookie> Firmware::recall(uint64_t cookie, bool forget) {
  const auto found = cookies_.find(cookie);
  if (found == cookies_.end()) return std::nullopt;
  const Cookie what = found->second;
  if (forget) cookies_.erase(found);
  return what;
}

std::optional<uint64_t> Firmware::cookie_of(uint16_t interface, uint64_t host_cookie) const {
  for (const auto& [cookie, what] : cookies_)
    if (what.interface == interface && what.host == host_cookie) return cookie;
  return std::nullopt;
}

}  // namespace airloom::fullmac
