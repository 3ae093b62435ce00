// A station without a supplicant: a program that asks nl80211 for an authentication and an
// association with an RSN element of the test's choice, and reports the status code.
#pragma once

#include <linux/nl80211.h>

#include <optional>

#include "ieee80211/management.h"
#include "lab/bus_transport.h"
#include "sim/network.h"
#include "sme/client_port.h"
#include "sme/requests.h"
#include "sme/security.h"

namespace airloom::lab {

/// nl80211 as a program on a host asks it.
class RawClient {
 public:
  RawClient(Simulation& simulation, SimulatedHost& host)
      : simulation_(simulation),
        ifindex_(host.wlan0().ifindex()),
        transport_(simulation.queue(), host.host().bus()),
        client_(transport_) {
    bool open = false;
    client_.open(
        {"scan", "mlme"}, [this](const sme::Nl80211Event& event) { on_event(event); }, [] {},
        [&](Result<void> done) { open = done.has_value(); });
    EXPECT_TRUE(simulation_.run_until([&] { return open; }, std::chrono::seconds(1)));
  }

  /// The answer to a request about wlan0.
  Result<sme::Reply> ask(uint8_t command, const sme::ClientPort::Fill& fill = {}) {
    std::optional<Result<sme::Reply>> answer;
    const auto named = [&](netlink::MessageWriter& w) {
      w.u32(NL80211_ATTR_IFINDEX, ifindex_);
      if (fill) fill(w);
    };
    client_.request(
        command, named, [&](Result<sme::Reply> reply) { answer = std::move(reply); },
        sme::ClientPort::Kind::kDo);
    simulation_.run_until([&] { return answer.has_value(); }, std::chrono::seconds(1));
    return answer ? *std::move(answer) : fail(Errc::kNotConnected, "no answer");
  }
  /// The frame of the next event of that kind; empty: none came in time.
  Octets next_frame(uint8_t command) {
    awaited_ = command;
    event_frame_.reset();
    simulation_.run_until([&] { return event_frame_.has_value(); }, std::chrono::seconds(5));
    return event_frame_.value_or(Octets{});
  }
  /// The station flags of a peer, as bits of NL80211_STA_FLAG_*.
  uint32_t station_flags(const MacAddress& peer) {
    const auto reply =
        ask(NL80211_CMD_GET_STATION, [&](auto& w) { w.mac(NL80211_ATTR_MAC, peer); });
    if (!reply || reply->data.empty()) return 0;
    const auto info = reply->data[0].attributes().nest(NL80211_ATTR_STA_INFO);
    const auto flags = info.bytes(NL80211_STA_INFO_STA_FLAGS);
    return flags && flags->size() == 8 ? Reader(flags->subspan(4)).le32().value_or(0) : 0;
  }

 private:
  void on_event(const sme::Nl80211Event& event) {
    if (event.command != awaited_) return;
    const auto frame = event.attributes.bytes(NL80211_ATTR_FRAME);
    event_frame_ = frame ? Octets(frame->begin(), frame->end()) : Octets{};
  }

  Simulation& simulation_;
  const uint32_t ifindex_;
  BusTransport transport_;
  sme::Nl80211Client client_;
  uint8_t awaited_ = 0;
  std::optional<Octets> event_frame_;
};

class RawStation {
 public:
  RawStation(Simulation& simulation, const std::string& name)
      : host_(simulation.add_host(name)), client_(simulation, host_) {
    EXPECT_TRUE(host_.wlan0().set_up(true));
  }

  /// The status code of the association response.
  std::optional<uint16_t> associate(const MacAddress& ap, const std::string& ssid,
                                    const ieee80211::RsnElement& rsn) {
    const Octets name(ssid.begin(), ssid.end());
    if (!client_.ask(NL80211_CMD_TRIGGER_SCAN, [&](netlink::MessageWriter& w) {
          const auto ssids = w.nest(NL80211_ATTR_SCAN_SSIDS);
          w.bytes(1, name);
        }))
      return std::nullopt;
    client_.next_frame(NL80211_CMD_NEW_SCAN_RESULTS);
    const auto name_bss = [&](netlink::MessageWriter& w) {
      w.mac(NL80211_ATTR_MAC, ap).u32(NL80211_ATTR_WIPHY_FREQ, 2412);
      w.bytes(NL80211_ATTR_SSID, name);
    };
    if (!client_.ask(NL80211_CMD_AUTHENTICATE, [&](netlink::MessageWriter& w) {
          name_bss(w);
          w.u32(NL80211_ATTR_AUTH_TYPE, NL80211_AUTHTYPE_OPEN_SYSTEM);
        }))
      return std::nullopt;
    client_.next_frame(NL80211_CMD_AUTHENTICATE);
    if (!client_.ask(NL80211_CMD_ASSOCIATE, [&](netlink::MessageWriter& w) {
          name_bss(w);
          w.bytes(NL80211_ATTR_IE, sme::emit_rsn(rsn));
          sme::put_crypto(w, rsn);
          if (rsn.mfp_capable()) w.u32(NL80211_ATTR_USE_MFP, NL80211_MFP_REQUIRED);
        }))
      return std::nullopt;
    const Octets response = client_.next_frame(NL80211_CMD_ASSOCIATE);
    const auto view = ieee80211::FrameView::of(response);
    if (!view) return std::nullopt;
    const auto body = ieee80211::AssociationResponseBody::parse(view->body());
    return body ? std::optional(body->status) : std::nullopt;
  }

 private:
  SimulatedHost& host_;
  RawClient client_;
};

}  // namespace airloom::lab
