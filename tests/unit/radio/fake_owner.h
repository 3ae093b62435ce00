// A device that records what its radio tells it.
#pragma once

#include <functional>
#include <vector>

#include "radio/radio.h"

namespace airloom::radio {

class FakeOwner final : public Owner {
 public:
  struct Received {
    FrameBuffer frame;
    RxInfo info;
  };

  void on_receive(const FrameBuffer& frame, const RxInfo& info) override {
    received.push_back({frame, info});
    if (then) then();
  }
  void on_tx_status(TxStatus status) override { statuses.push_back(std::move(status)); }
  void on_tx_room() override { ++rooms; }

  std::vector<Received> received;
  std::vector<TxStatus> statuses;
  int rooms = 0;
  std::function<void()> then;
};

}  // namespace airloom::radio
