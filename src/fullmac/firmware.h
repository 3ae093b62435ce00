// The firmware of a simulated FullMAC radio: a whole SoftMAC stack of its own (cfg80211 with its
// SME, mac80211) on the radio's driver, and behind it what a host's programs do for a SoftMAC
// radio: it joins networks by itself, and as an access point lets stations authenticate and
// associate (access_point.h). All it hears of the host is messages, which may be anything.
#pragma once

#include <map>
#include <memory>

#include "base/log.h"
#include "base/rng.h"
#include "base/scheduler.h"
#include "cfg80211/commands.h"
#include "cfg80211/host.h"
#include "fullmac/access_point.h"
#include "fullmac/device.h"
#include "fullmac/link.h"
#include "fullmac/messages.h"
#include "fullmac/outbox.h"
#include "fullmac/sched_scan.h"
#include "mac80211/radio_stack.h"

namespace airloom::fullmac {

/// An interface as the host numbers it.
struct FirmwareInterface {
  uint16_t number = 0;
  cfg80211::Wdev* wdev = nullptr;
  cfg80211::ManagementFrameInterest interest;
  uint16_t registered = 0;  ///< subtypes that the stack hands over
  bool scans_for_host = false;
  std::unique_ptr<AccessPoint> access_point;
  /// Station: the network that the host has joined and leaves to us to stay in.
  std::optional<cfg80211::ConnectRequest> network;
  MacAddress bssid;
  /// Station: its access point is lost, and another of the network is looked for.
  struct Roam {
    Disconnected farewell;  ///< what the host hears if there is none
    Timer timer;
    bool scanning = false, scanned = false;
    Roam(Disconnected lost, Scheduler& scheduler, std::function<void()> on_fire)
        : farewell(std::move(lost)), timer(scheduler, std::move(on_fire)) {}
  };
  std::unique_ptr<Roam> roam;
};

class Firmware final : public FirmwareEnd,
                       private cfg80211::EventSink,
                       private cfg80211::NetdevFactory,
                       private AccessPointOwner,
                       private SchedScanOwner {
 public:
  /// @param radio  the driver of the radio itself; its Hw is hw().
  /// @param capabilities  what the radio can do under a SoftMAC stack.
  Firmware(const DevicePorts& ports, mac80211::Driver& radio,
           cfg80211::SharedCapabilities capabilities, std::vector<MacAddress> addresses,
           Mailbox& mailbox, const Log& log);
  ~Firmware() override;

  mac80211::Hw& hw() { return stack_; }

  Octets request(std::span<const uint8_t> message) override;
  void send(std::span<FrameBuffer> messages) override;

 private:
  using Wdev = cfg80211::Wdev;
  using Wiphy = cfg80211::Wiphy;
  using Span = cfg80211::Span;
  /// What a cookie of the firmware's stack stands for at the host.
  struct Cookie {
    uint16_t interface = 0;
    uint64_t host = 0;
    bool waits = false;  ///< the wait's end comes after the status
  };
  using Serve = Result<Octets> (Firmware::*)(const Header&, Reader);
  static Serve serve_of(Request request);
  template <typename M>
  Result<Octets> serve(const Header& header, Reader payload);

  // Requests (firmware_requests.cc, firmware_settings.cc).
  Result<HelloReply> on(uint16_t number, const Hello&);
  Result<void> on(uint16_t number, const SetCountry&);
  Result<void> on(uint16_t number, const AddInterface&);
  Result<void> on(uint16_t number, const SetWiphyParams&);
  Result<void> on(uint16_t number, const SetTxPower&);
  Result<void> on(FirmwareInterface&, const DeleteInterface&);
  Result<void> on(FirmwareInterface&, const ChangeInterface&);
  Result<void> on(FirmwareInterface&, const Open&);
  Result<void> on(FirmwareInterface&, const Stop&);
  Result<void> on(FirmwareInterface&, const SetAddress&);
  Result<void> on(FirmwareInterface&, const AddKey&);
  Result<void> on(FirmwareInterface&, const DeleteKey&);
  Result<cfg80211::KeyReport> on(FirmwareInterface&, const GetKey&);
  Result<void> on(FirmwareInterface&, const SetDefaultKey&);
  Result<void> on(FirmwareInterface&, const SetDefaultManagementKey&);
  Result<void> on(FirmwareInterface&, const SetDefaultBeaconKey&);
  Result<void> on(FirmwareInterface&, const StartAp&);
  Result<void> on(FirmwareInterface&, const ChangeBeacon&);
  Result<void> on(FirmwareInterface&, const StopAp&);
  Result<void> on(FirmwareInterface&, const ChangeBss&);
  Result<void> on(FirmwareInterface&, const ChannelSwitch&);
  Result<void> on(FirmwareInterface&, const SetTxQueue&);
  Result<void> on(FirmwareInterface&, const ChangeStation&);
  Result<void> on(FirmwareInterface&, const DeleteStation&);
  Result<cfg80211::StationInfo> on(FirmwareInterface&, const GetStation&);
  Result<StationReply> on(FirmwareInterface&, const DumpStation&);
  Result<void> on(FirmwareInterface&, const ProbeClient&);
  Result<void> on(FirmwareInterface&, const Scan&);
  Result<void> on(FirmwareInterface&, const AbortScan&);
  Result<void> on(FirmwareInterface&, const Connect&);
  Result<void> on(FirmwareInterface&, const Disconnect&);
  Result<int32_t> on(FirmwareInterface&, const GetTxPower&);
  Result<ChannelDefinition> on(FirmwareInterface&, const GetChannel&);
  Result<void> on(FirmwareInterface&, const SetPowerManagement&);
  Result<void> on(FirmwareInterface&, const SetCqm&);
  Result<cfg80211::SurveyInfo> on(FirmwareInterface&, const DumpSurvey&);
  Result<void> on(FirmwareInterface&, const SetFrameInterest&);
  Result<void> on(FirmwareInterface&, const ManagementTx&);
  Result<void> on(FirmwareInterface&, const CancelTxWait&);
  Result<void> on(FirmwareInterface&, const RemainOnChannel&);
  Result<void> on(FirmwareInterface&, const CancelRemain&);
  Result<bool> on(FirmwareInterface&, const ControlPortTx&);
  Result<void> on(FirmwareInterface&, const StartSchedScan&);
  Result<void> on(FirmwareInterface&, const StopSchedScan&);

  // cfg80211::EventSink: what the stack says (firmware_events.cc).
  void scan_done(const Wdev&, const cfg80211::ScanRequest&, bool aborted) override;
  void connect_result(const Wdev&, const cfg80211::ConnectResult&) override;
  void disconnected(const Wdev&, uint16_t reason, Span elements, bool by_ap) override;
  void station_removed(const Wdev&, const MacAddress&, const cfg80211::StationInfo&) override;
  void frame_tx_status(const Wdev&, uint64_t cookie, Span frame, bool ack) override;
  void control_port_tx_status(const Wdev&, uint64_t cookie, Span ethernet, bool ack) override;
  void frame_wait_cancelled(const Wdev&, uint64_t cookie, const ChannelDefinition&) override;
  void remain_on_channel(const Wdev&, uint64_t cookie, const ChannelDefinition&,
                         uint32_t duration_ms) override;
  void remain_on_channel_expired(const Wdev&, uint64_t cookie, const ChannelDefinition&) override;
  void cqm_rssi(const Wdev&, bool low, int32_t rssi_dbm) override;
  void cqm_packet_loss(const Wdev&, const MacAddress&, uint32_t packets) override;
  void cqm_beacon_loss(const Wdev&) override;
  void client_probed(const Wdev&, const MacAddress&, uint64_t cookie, bool ack,
                     std::optional<int8_t> ack_signal_dbm) override;
  void ap_stopped(const Wdev&, cfg80211::LinkId) override;
  void channel_switch_started(const Wdev&, const ChannelDefinition&, uint8_t count,
                              bool quiet) override;
  void channel_switched(const Wdev&, const ChannelDefinition&) override;
  bool frame_received(const Wdev&, cfg80211::PortId, Span frame, uint32_t mhz, uint16_t offset_khz,
                      std::optional<int8_t> signal_dbm, uint32_t flags) override;
  bool unexpected_frame(const Wdev&, cfg80211::PortId, const MacAddress&,
                        bool four_address) override;
  bool control_port_received(const Wdev&, cfg80211::PortId, const MacAddress& source,
                             uint16_t ethertype, Span payload, bool unencrypted) override;

  // cfg80211::NetdevFactory
  Result<std::unique_ptr<cfg80211::Netdev>> create(const cfg80211::NetdevSpec& spec,
                                                   cfg80211::NetdevClient& client) override;

  // AccessPointOwner
  void station_joined(Wdev& wdev, const MacAddress& mac, const Octets& elements) override;

  // SchedScanOwner
  void sched_scan_found(uint16_t number, uint64_t id,
                        const std::vector<const cfg80211::Bss*>& found) override;

  // Staying in a network (firmware_roam.cc).
  void start_roam(FirmwareInterface&, Disconnected farewell);
  void look_for_another(FirmwareInterface&);
  void give_up_roam(FirmwareInterface&);

  FirmwareInterface* find(uint16_t number);
  FirmwareInterface* find(const Wdev& wdev);
  Wiphy& wiphy() { return *host_.wiphys().begin()->second; }
  void forget_network(FirmwareInterface&);
  void tell_bss(uint16_t number, const cfg80211::Bss& bss);
  void remember(uint64_t cookie, const Cookie& what);
  std::optional<Cookie> recall(uint64_t cookie, bool forget);
  std::optional<uint64_t> cookie_of(uint16_t interface, uint64_t host_cookie) const;

  const DevicePorts ports_;
  Log log_;
  Outbox outbox_;
  mac80211::RadioStack stack_;
  cfg80211::Host host_;
  SchedScans sched_scans_;
  TimePoint scan_started_;
  uint16_t making_ = 0;  ///< the number of the interface whose netdev is made now
  std::map<uint16_t, FirmwareInterface> interfaces_;
  std::map<cfg80211::WdevId, uint16_t> numbers_;
  std::map<uint64_t, Cookie> cookies_;
};

}  // namespace airloom::fullmac
