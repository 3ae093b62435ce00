// What the firmware's parts send to the host: events, put into messages here, and data.
#pragma once

#include "fullmac/link.h"
#include "fullmac/messages.h"

namespace airloom::fullmac {

class Outbox {
 public:
  /// Both outlive the outbox.
  Outbox(FramePool& pool, Mailbox& mailbox) : pool_(pool), mailbox_(mailbox) {}

  template <typename E>
  void tell(uint16_t interface, const E& event) {
    scratch_.clear();
    Writer writer(scratch_);
    const Header header{
        .kind = Kind::kEvent, .code = static_cast<uint16_t>(E::kCode), .interface = interface};
    header.emit(writer);
    encode(scratch_, event);
    post(pool_.from(scratch_));
  }
  void post(FrameBuffer message) { mailbox_.post(std::move(message)); }

 private:
  FramePool& pool_;
  Mailbox& mailbox_;
  Octets scratch_;
};

}  // namespace airloom::fullmac
