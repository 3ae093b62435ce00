// Sends management frames and control-like frames (null functions): gives them a sequence number,
// protects them if the peer or BSS asks for that, holds them for a sleeping station, and hands
// their status to whoever sent them, or to userspace by cookie. Whether a frame needs another
// channel is decided here; going there is offchannel.h's part.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "base/result.h"
#include "bytes/frame_buffer.h"
#include "cfg80211/requests.h"
#include "mac80211/driver.h"

namespace airloom::mac80211 {

class Interface;
class RadioStack;
class Station;

/// How to send a management frame.
struct ManagementTxOptions {
  /// Called once, later, with the status; never if empty or the interface stops first.
  std::function<void(const TxStatus&)> on_status{};
  /// Reports FRAME_TX_STATUS with this cookie (0: not).
  uint64_t cookie = 0;
  std::optional<ChannelDefinition> channel{};  ///< absent: where the radio is
  bool no_ack = false;                         ///< expects none even if individually addressed
  bool no_cck = false;
  bool no_encrypt = false;
  bool keep_sequence = false;  ///< the frame has its sequence number
  uint8_t access_category = 0;
  bool in_service_period = false;  ///< goes to a sleeping station, which has asked
};

/// What a Null frame says.
struct NullFrame {
  bool qos = false;
  bool power_management = false;
  uint8_t tid = 7;                     ///< of QoS Null
  bool end_of_service_period = false;  ///< of QoS Null
  bool four_address = false;           ///< of a station
  bool in_service_period = false;      ///< goes to a sleeping station, which has asked
};

class ManagementTx {
 public:
  explicit ManagementTx(RadioStack& stack) : stack_(stack) {}

  /// Sends a frame that begins with Frame Control and ends before FCS; sequence number,
  /// Duration and protection are added.
  void send(Interface& interface, std::span<const uint8_t> frame, ManagementTxOptions options = {});
  /// FRAME: checks, and sends here or through OffChannel.
  Result<void> send_request(Interface& interface, const cfg80211::FrameTxRequest& request,
                            uint64_t cookie);
  /// A (QoS) Null frame to a station or our AP.
  void send_null(Interface& interface, const MacAddress& peer, NullFrame kind,
                 std::function<void(const TxStatus&)> on_status = {});

  /// Data-path frames whose status somebody waits for (control port, probe_client) share the
  /// tokens. The returned token goes into TxFrame::token.
  TxToken expect_status(uint32_t vif, std::function<void(const TxStatus&)> on_status);
  /// Hands a status to whoever waits; false if nobody does.
  bool on_tx_status(const TxStatus& status);
  /// Forgets the waiters of an interface that went down.
  void forget(const Interface& interface);

 private:
  struct Waiting {
    uint32_t vif = 0;
    std::function<void(const TxStatus&)> on_status;
  };
  void send_in_parts(Interface& interface, Station* station, TxFrame frame, bool no_encrypt);
  void dispatch(Interface& interface, Station* station, TxFrame frame);

  RadioStack& stack_;
  TxToken last_token_ = kStatisticsToken;
  std::map<TxToken, Waiting> waiting_;
};

}  // namespace airloom::mac80211
