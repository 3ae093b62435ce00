#include "mac80211/amsdu.h"

#include "ieee80211/ethernet.h"
#include "ieee80211/ht_vht_elements.h"
#include "mac80211/radio_stack.h"

namespace airloom::mac80211 {

using ieee80211::EthernetHeader;
using ieee80211::kEthernetHeaderLength;

size_t amsdu_limit(const Station& station, uint8_t tid) {
  constexpr size_t kShort = 3839, kLong = 7935;  // [802.11-2020 9.4.2.55.2]
  constexpr size_t kInAmpdu = 4065;              // an MPDU of an HT A-MPDU has 4,095 octets
  if (!station.ht || !station.wme) return 0;
  const size_t limit =
      (station.ht->info & ieee80211::ht_capability::kMaxAmsdu7935) != 0 ? kLong : kShort;
  if (!station.block_ack.is_operational(tid)) return limit;
  const bool agreed = station.block_ack.originator(tid)->amsdu &&
                      station.interface().stack().driver().capabilities().amsdu_in_ampdu;
  return agreed ? std::min(limit, kInAmpdu) : 0;
}

namespace {

/// An MSDU can share its MPDU if nobody asks for its own status or for it to go in clear.
bool can_share(const QueuedFrame& frame) {
  return frame.token == 0 && !frame.control_port && !frame.no_encrypt && frame.msdus == 1;
}

void append(Writer& writer, const QueuedFrame& frame) {
  Reader reader(frame.ethernet.octets());
  const EthernetHeader header = EthernetHeader::parse(reader).value_or(EthernetHeader{});
  const auto snap = ieee80211::snap_header_for(header.type);
  Octets msdu;
  Writer body(msdu);
  if (snap.empty())
    body.bytes(reader.rest().first(std::min<size_t>(header.type, reader.remaining())));
  else
    body.bytes(snap).be16(header.type).bytes(reader.rest());
  ieee80211::emit_amsdu_subframe(writer, kEthernetHeaderLength,
                                 {header.destination, header.source, msdu});
}

}  // namespace

QueuedFrame gather_amsdu(FramePool& pool, FlowQueues& flows, TxQueue& queue, QueuedFrame first) {
  const Station& station = *queue.station();
  const size_t limit = amsdu_limit(station, first.tid);
  if (limit == 0 || !can_share(first)) return first;
  // What a subframe may take beyond its Ethernet frame: LLC, less the type, and padding.
  constexpr size_t kOverhead = ieee80211::kSnapLength + 2 + 3;
  size_t size = first.ethernet.size() + kOverhead;
  auto next_fits = [&] {
    const QueuedFrame* next = flows.peek_same_flow(queue);
    return next != nullptr && first.msdus < UINT8_MAX && can_share(*next) &&
           next->vlan == first.vlan && size + next->ethernet.size() + kOverhead <= limit;
  };
  if (!next_fits()) return first;

  Octets octets;
  Writer writer(octets);
  // To the peer itself, whoever the subframes are for.
  EthernetHeader{station.address(), station.interface().address(), 0}.emit(writer);
  append(writer, first);
  while (next_fits()) {
    const QueuedFrame next = flows.pop_same_flow(queue);
    size += next.ethernet.size() + kOverhead;
    append(writer, next);
    ++first.msdus;
  }
  first.ethernet = pool.from(octets);
  return first;
}

}  // namespace airloom::mac80211
