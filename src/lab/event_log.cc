#include "lab/event_log.h"

#include <fmt/format.h>

#include <iterator>

#include "lab/air_statistics.h"

namespace airloom::lab {
namespace {

/// FNV-1a: enough to tell frames apart.
uint64_t digest(std::span<const uint8_t> octets) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const uint8_t octet : octets) hash = (hash ^ octet) * 0x100000001b3;
  return hash;
}

}  // namespace

EventLog::EventLog(World& world) : world_(world) {
  world_.medium().add_observer(*this);
}

EventLog::~EventLog() {
  world_.medium().remove_observer(*this);
}

void EventLog::note(std::string_view who, std::string_view what) {
  fmt::format_to(std::back_inserter(text_), "{} {}: {}\n", world_.ports().scheduler->now().us(),
                 who, what);
}

void EventLog::on_end(const medium::Transmission& transmission, std::span<const Decoder> decoders) {
  const auto octets = transmission.frame.octets();
  fmt::format_to(std::back_inserter(text_), "{} {} sends {}, {} octets, {:016x}, heard by {}\n",
                 transmission.begin.us(), world_.radio_name(transmission.sender),
                 frame_kind(octets), octets.size(), digest(octets), decoders.size());
}

}  // namespace airloom::lab
