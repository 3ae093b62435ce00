#include "lab/bus_transport.h"

namespace airloom::lab {

BusTransport::BusTransport(Scheduler& scheduler, genl::Bus& bus)
    : bus_(bus), hand_over_(scheduler, [this] { hand_over(); }), client_(bus.open(*this, 0)) {
  bus_.set_option(client_, genl::ClientOption::kExtAck, true);
}

BusTransport::~BusTransport() {
  bus_.close(client_);
}

Result<void> BusTransport::send(std::span<const uint8_t> datagram) {
  bus_.request(client_, datagram);
  return {};
}

bool BusTransport::deliver(std::span<const uint8_t> datagram, uint32_t) {
  inbox_.emplace_back(datagram.begin(), datagram.end());
  if (!hand_over_.is_armed()) hand_over_.arm(Duration{0});
  return true;
}

void BusTransport::overrun() {
  lost_ = true;
  if (!hand_over_.is_armed()) hand_over_.arm(Duration{0});
}

void BusTransport::hand_over() {
  while (!inbox_.empty() && receiver_ != nullptr) {
    const Octets datagram = std::move(inbox_.front());
    inbox_.pop_front();
    receiver_->on_datagram(datagram);
  }
  if (lost_ && receiver_ != nullptr) {
    lost_ = false;
    receiver_->on_overrun();
  }
  bus_.drain(client_);  // a dump goes on when its client has read
}

}  // namespace airloom::lab
