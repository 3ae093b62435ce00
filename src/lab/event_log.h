// What happened in a world, line by line: each transmission with its time, sender, kind, length
// and a digest of its octets, and what hosts reported. Two runs of the same world with the same
// seed have the same log, octet for octet.
#pragma once

#include <string>
#include <string_view>

#include "lab/world.h"
#include "medium/medium.h"

namespace airloom::lab {

class EventLog final : public medium::Observer {
 public:
  explicit EventLog(World& world);
  ~EventLog() override;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void note(std::string_view who, std::string_view what);
  /// Notes only what hosts report from now on: the frames of a long run would fill the memory.
  void ignore_frames() { world_.medium().remove_observer(*this); }
  const std::string& text() const { return text_; }

  void on_end(const medium::Transmission& transmission, std::span<const Decoder> decoders) override;

 private:
  World& world_;
  std::string text_;
};

}  // namespace airloom::lab
