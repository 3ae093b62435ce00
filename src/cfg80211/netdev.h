// The port behind every interface that has a netdev: TAP, in-memory or emulated. The host's
// network stack lies on the far side; cfg80211 owns the near side.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/mac_address.h"
#include "base/result.h"
#include "bytes/frame_buffer.h"

namespace airloom::cfg80211 {

/// IF_OPER_* of RFC 2863, as rtnetlink reports it.
enum class OperState : uint8_t { kDown, kDormant, kUp };
enum class LinkLayer : uint8_t { kEthernet, kRadiotap, kIeee80211 };

/// A netdev of a host. Its owner destroys it to make it go away.
class Netdev {
 public:
  virtual ~Netdev() = default;
  virtual uint32_t ifindex() const = 0;
  virtual const std::string& name() const = 0;
  virtual MacAddress address() const = 0;
  virtual bool is_up() const = 0;
  /// Network namespace within the host (0: the host's first).
  virtual uint32_t name_space() const = 0;

  virtual void set_carrier(bool on) = 0;
  /// Programs set link mode dormant and operstate themselves; this is the driver's carrier only.
  virtual Result<void> set_address(const MacAddress& address) = 0;
  /// Ethernet for all but monitors. Only while down.
  virtual Result<void> set_link_layer(LinkLayer layer) = 0;
  virtual Result<void> move_to(uint32_t name_space) = 0;
  /// Takes the interface down, as `ip link set down` does; the client hears of it within the call.
  virtual void close() = 0;
  /// Hands a frame to the host's stack (802.3, or radiotap on a monitor).
  virtual void receive(FrameBuffer frame) = 0;
  /// While paused, the netdev takes no more frames from the host: its queue holds them.
  virtual void pause_transmit(bool paused) = 0;
};

/// What a netdev tells its owner. Calls come from the world's thread, never from within a call
/// into Netdev, except where noted.
class NetdevClient {
 public:
  virtual ~NetdevClient() = default;
  /// The host brings the interface up. An error leaves it down and reaches whoever asked.
  virtual Result<void> on_up() = 0;
  virtual void on_down() = 0;
  /// The host gives the interface another address. An error leaves it the old one.
  virtual Result<void> on_address_change(const MacAddress& address) = 0;
  virtual void on_renamed() = 0;
  /// Frames that the host sends, oldest first; taken over.
  virtual void on_transmit(std::span<FrameBuffer> burst) = 0;
};

struct NetdevSpec {
  std::string name;  ///< may hold "%d"
  MacAddress address;
  uint32_t name_space = 0;
  LinkLayer link_layer = LinkLayer::kEthernet;
  uint32_t wiphy_index = 0;  ///< for sysfs
  std::string wiphy_name;
};

class NetdevFactory {
 public:
  virtual ~NetdevFactory() = default;
  /// @error kExists  the name is taken.
  virtual Result<std::unique_ptr<Netdev>> create(const NetdevSpec& spec, NetdevClient& client) = 0;
  /// The number of the network namespace that a process of the host is in.
  /// @error kInvalid  there is none.
  virtual Result<uint32_t> name_space_of_process(uint32_t /*pid*/) { return fail(Errc::kInvalid); }
  /// That which a descriptor of a process stands for. @error kInvalid  it stands for none.
  virtual Result<uint32_t> name_space_of_descriptor(uint32_t /*pid*/, int /*descriptor*/) {
    return fail(Errc::kInvalid);
  }
  /// The wiphy of some of its netdevs has another name now.
  virtual void wiphy_renamed(const std::string& /*from*/, const std::string& /*to*/) {}
  /// Whether a netdev that this factory did not make has that index: a loopback, a bridge.
  virtual bool has_other(uint32_t /*name_space*/, uint32_t /*ifindex*/) { return false; }
};

}  // namespace airloom::cfg80211
