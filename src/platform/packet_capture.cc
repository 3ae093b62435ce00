#include "platform/packet_capture.h"

#include <net/if.h>
#include <pcap/pcap.h>

#include <array>
#include <cerrno>
#include <utility>

#include "platform/os_error.h"

namespace airloom::platform {
namespace {

constexpr int kFrameMax = 12 * 1024;  // the longest MPDU with its radiotap header
constexpr int kRoom = 8 * 1024 * 1024;
constexpr int kBurst = 32;

void hand_to(u_char* visit, const pcap_pkthdr* packet, const u_char* octets) {
  const void* callback = visit;
  (*static_cast<const PacketCapture::Visit*>(callback))({octets, packet->caplen});
}

Error why(pcap* handle, int status, const std::string& interface) {
  const Errc code = status == PCAP_ERROR_PERM_DENIED      ? Errc::kPermission
                    : status == PCAP_ERROR_NO_SUCH_DEVICE ? Errc::kNoDevice
                    : status == PCAP_ERROR_IFACE_NOT_UP   ? Errc::kNetDown
                                                          : Errc::kIo;
  const std::string text = pcap_geterr(handle);
  return {code, interface + ": " + (text.empty() ? pcap_statustostr(status) : text)};
}

}  // namespace

void PacketCapture::Close::operator()(pcap* handle) const {
  pcap_close(handle);
}

Result<PacketCapture> PacketCapture::open(const std::string& interface) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  const uint32_t ifindex = ::if_nametoindex(interface.c_str());
  if (ifindex == 0) return std::unexpected(os_error(errno, interface));
  Handle handle(pcap_create(interface.c_str(), error.data()));
  if (!handle) return fail(Errc::kNoMemory, error.data());
  pcap_set_snaplen(handle.get(), kFrameMax);
  pcap_set_buffer_size(handle.get(), kRoom);
  pcap_set_immediate_mode(handle.get(), 1);
  if (const int status = pcap_activate(handle.get()); status < 0)
    return std::unexpected(why(handle.get(), status, interface));
  pcap_setdirection(handle.get(), PCAP_D_IN);
  pcap_setnonblock(handle.get(), 1, error.data());
  return PacketCapture(std::move(handle), ifindex);
}

int PacketCapture::fd() const {
  return pcap_get_selectable_fd(handle_.get());
}

int PacketCapture::link_type() const {
  return pcap_datalink(handle_.get());
}

bool PacketCapture::receive(const Visit& visit) {
  // libpcap wants to be able to write what it only hands on.
  auto* callback = const_cast<Visit*>(&visit);
  const int count = pcap_dispatch(handle_.get(), kBurst, hand_to,
                                  static_cast<u_char*>(static_cast<void*>(callback)));
  return count == kBurst;
}

bool PacketCapture::send(std::span<const uint8_t> frame) {
  return pcap_inject(handle_.get(), frame.data(), frame.size()) >= 0;
}

}  // namespace airloom::platform
