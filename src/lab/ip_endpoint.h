// The least of an IPv4 host that can ping and be pinged: ARP and ICMP echo over a MemoryNetdev.
// It gives simulated hosts traffic that a person understands; it is no IP stack.
// [RFC 826] [RFC 791] [RFC 792]
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/scheduler.h"
#include "bytes/frame_buffer.h"
#include "bytes/reader.h"
#include "bytes/writer.h"
#include "lab/memory_netdev.h"

namespace airloom::lab {

using Ipv4 = std::array<uint8_t, 4>;

class IpEndpoint {
 public:
  IpEndpoint(Scheduler& scheduler, FramePool& pool, MemoryNetdev& netdev, Ipv4 address);
  ~IpEndpoint();
  IpEndpoint(const IpEndpoint&) = delete;
  IpEndpoint& operator=(const IpEndpoint&) = delete;

  /// Sends one echo request of `payload` octets; `done` gets the round trip time, or nothing
  /// after `timeout`.
  void ping(Ipv4 to, std::function<void(std::optional<Duration>)> done, size_t payload = 56,
            Duration timeout = std::chrono::seconds(1));
  uint64_t echoes_answered() const { return echoes_answered_; }

 private:
  struct Outstanding {
    TimePoint sent;
    std::function<void(std::optional<Duration>)> done;
    std::unique_ptr<Timer> timeout;
  };

  void on_frame(std::span<const uint8_t> frame);
  Result<void> on_arp(Reader reader);
  Result<void> on_ipv4(std::span<const uint8_t> packet, const MacAddress& from);
  void on_echo_reply(uint16_t sequence);
  void send_arp(uint16_t operation, const MacAddress& target, Ipv4 target_ip);
  void send_icmp(Ipv4 to, Octets message);
  void send_ethernet(const MacAddress& to, uint16_t ethertype, std::span<const uint8_t> body);

  Scheduler& scheduler_;
  FramePool& pool_;
  MemoryNetdev& netdev_;
  const Ipv4 address_;
  uint16_t last_sequence_ = 0;
  uint64_t echoes_answered_ = 0;
  std::map<Ipv4, MacAddress> neighbours_;
  std::map<Ipv4, std::vector<Octets>> waiting_;  // IPv4 packets that wait for an ARP reply
  std::map<uint16_t, Outstanding> outstanding_;
};

}  // namespace airloom::lab
