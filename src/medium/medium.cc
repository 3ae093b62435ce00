#include "medium/medium.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/assert.h"

namespace airloom::medium {

namespace {

void insert_sorted(std::vector<ReceiverId>& ids, ReceiverId id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
}

void erase_sorted(std::vector<ReceiverId>& ids, ReceiverId id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at != ids.end() && *at == id) ids.erase(at);
}

}  // namespace

Medium::Medium(Scheduler& scheduler, PropagationModel& model)
    : scheduler_(scheduler),
      model_(model),
      end_timer_(scheduler, [this] { finish_due(); }),
      late_timer_(scheduler, [this] { deliver_late(); }) {}

ReceiverId Medium::attach(Receiver& receiver) {
  ports_.push_back(Port{&receiver, {}, {}});
  return static_cast<ReceiverId>(ports_.size());
}

void Medium::detach(ReceiverId id) {
  tune(id, {});
  port(id) = Port{};
}

Medium::Port& Medium::port(ReceiverId id) {
  WLAN_ASSERT(id >= 1 && id <= ports_.size());
  return ports_[id - 1];
}

void Medium::tune(ReceiverId id, std::span<const Channel> channels) {
  std::vector<Tuned>& tuned = port(id).tuned;
  std::vector<Tuned> next;
  for (const Channel& channel : channels) {
    auto same = [&](const Tuned& old) { return old.channel.primary_khz == channel.primary_khz; };
    if (std::any_of(next.begin(), next.end(), same)) continue;
    const auto kept = std::find_if(tuned.begin(), tuned.end(), same);
    next.push_back({channel, kept == tuned.end() ? scheduler_.now() : kept->since});
  }
  for (const Tuned& old : tuned) delist(id, old.channel.primary_khz);
  tuned = std::move(next);
  for (const Tuned& entry : tuned) enlist(id, entry.channel.primary_khz);
}

void Medium::set_filter(ReceiverId id, AddressFilter filter) {
  Port& changed = port(id);
  if (changed.filter == filter) return;
  for (const Tuned& entry : changed.tuned) delist(id, entry.channel.primary_khz);
  changed.filter = std::move(filter);
  for (const Tuned& entry : changed.tuned) enlist(id, entry.channel.primary_khz);
}

void Medium::enlist(ReceiverId id, uint32_t primary_khz) {
  Listeners& listeners = listeners_[primary_khz];
  const AddressFilter& filter = port(id).filter;
  insert_sorted(listeners.all, id);
  if (filter.promiscuous) insert_sorted(listeners.promiscuous, id);
  for (const MacAddress& address : filter.addresses)
    insert_sorted(listeners.by_address[address], id);
}

void Medium::delist(ReceiverId id, uint32_t primary_khz) {
  Listeners& listeners = listeners_[primary_khz];
  erase_sorted(listeners.all, id);
  erase_sorted(listeners.promiscuous, id);
  for (const MacAddress& address : port(id).filter.addresses) {
    const auto found = listeners.by_address.find(address);
    if (found == listeners.by_address.end()) continue;
    erase_sorted(found->second, id);
    if (found->second.empty()) listeners.by_address.erase(found);
  }
}

Transmission Medium::begin(ReceiverId sender, TransmitRequest request) {
  const TimePoint now = scheduler_.now();
  Transmission transmission{.id = ++last_id_,
                            .sender = sender,
                            .frame = std::move(request.frame),
                            .channel = request.channel,
                            .rate = request.rate,
                            .power_dbm = request.power_dbm,
                            .begin = now,
                            .end = now,
                            .answers = request.answers,
                            .ampdu = request.ampdu};
  transmission.end = now + model_.airtime(transmission.frame.size(), transmission.rate);
  return transmission;
}

TransmissionId Medium::transmit(ReceiverId sender, TransmitRequest request) {
  Transmission transmission = begin(sender, std::move(request));
  model_.on_begin(transmission);
  for (Observer* observer : observers_) observer->on_begin(transmission);
  const auto at =
      std::upper_bound(on_air_.begin(), on_air_.end(), transmission.end,
                       [](TimePoint end, const Transmission& other) { return end < other.end; });
  on_air_.insert(at, std::move(transmission));
  const TimePoint first_end = on_air_.front().end;
  if (!end_timer_.is_armed() || first_end < end_timer_.deadline()) end_timer_.arm_at(first_end);
  return last_id_;
}

void Medium::witness(ReceiverId sender, TransmitRequest request) {
  const Transmission transmission = begin(sender, std::move(request));
  for (Observer* observer : observers_) observer->on_begin(transmission);
  for (Observer* observer : observers_) observer->on_end(transmission, {});
  const std::array<Observer::Ended, 1> ended = {{{transmission, {}}}};
  for (Observer* observer : observers_) observer->on_all_ended(ended);
}

void Medium::finish_due() {
  const TimePoint now = scheduler_.now();
  const auto due =
      std::find_if(on_air_.begin(), on_air_.end(),
                   [now](const Transmission& transmission) { return transmission.end > now; });
  ending_.assign(std::make_move_iterator(on_air_.begin()), std::make_move_iterator(due));
  on_air_.erase(on_air_.begin(), due);
  if (!on_air_.empty()) end_timer_.arm_at(on_air_.front().end);
  decoders_.clear();
  decoder_counts_.clear();
  for (const Transmission& transmission : ending_) finish(transmission);
  tell_received_all();
  tell_all_ended();
  ending_.clear();
}

void Medium::tell_all_ended() {
  if (observers_.empty()) return;
  ended_.clear();
  std::span<const Observer::Decoder> decoders = decoders_;
  for (size_t i = 0; i < ending_.size(); ++i) {
    ended_.push_back({ending_[i], decoders.first(decoder_counts_[i])});
    decoders = decoders.subspan(decoder_counts_[i]);
  }
  for (Observer* observer : observers_) observer->on_all_ended(ended_);
}

/// Hands over a frame, unless the receiver has gone meanwhile.
void Medium::hand_to(ReceiverId id, const Reception& reception) {
  Port& to = port(id);
  if (to.receiver == nullptr) return;
  if (!std::exchange(to.has_received, true)) received_.push_back(id);
  to.receiver->on_receive(reception);
}

void Medium::tell_received_all() {
  for (size_t i = 0; i < received_.size(); ++i) {
    Port& to = port(received_[i]);
    to.has_received = false;
    if (to.receiver != nullptr) to.receiver->on_received_all();
  }
  received_.clear();
}

void Medium::finish(const Transmission& transmission) {
  const size_t decoded_before = decoders_.size();
  find_candidates(transmission);
  const uint64_t groups = port(transmission.sender).groups;
  for (ReceiverId id : candidates_) {
    Port& candidate = port(id);
    if (id == transmission.sender || !(candidate.groups & groups)) continue;
    if (!heard_all_of(candidate, transmission)) continue;
    const auto signal_dbm = model_.decode(transmission, id);
    if (!signal_dbm) {
      if (candidate.hears_damaged) hear_damaged(id, transmission);
      continue;
    }
    decoders_.push_back({id, *signal_dbm});
    hear(id, transmission, *signal_dbm);
  }
  model_.on_end(transmission);
  decoder_counts_.push_back(decoders_.size() - decoded_before);
  for (Observer* observer : observers_)
    observer->on_end(transmission, std::span(decoders_).subspan(decoded_before));
  if (Receiver* sender = port(transmission.sender).receiver) sender->on_sent(transmission);
}

void Medium::hear_damaged(ReceiverId id, const Transmission& transmission) {
  auto damaged = model_.damage(transmission, id);
  if (!damaged) return;
  Transmission heard = transmission;
  heard.frame = std::move(damaged->frame);
  hand_to(id, {.transmission = heard,
               .signal_dbm = damaged->signal_dbm,
               .answer = false,
               .fcs_failed = true});
}

void Medium::hear(ReceiverId id, const Transmission& transmission, int signal_dbm) {
  const Fate fate = model_.fate(transmission, id);
  if (fate.again_after) hear_later(*fate.again_after, id, transmission, signal_dbm, true);
  if (fate.delay > Duration{0}) hear_later(fate.delay, id, transmission, signal_dbm, false);
  const Reception reception{transmission, signal_dbm, true, fate.delay == Duration{0}};
  hand_to(id, reception);
  if (fate.doubled) hand_to(id, reception);
}

void Medium::hear_later(Duration delay, ReceiverId id, const Transmission& transmission,
                        int signal_dbm, bool answer) {
  late_.emplace(scheduler_.now() + delay, Late{transmission, id, signal_dbm, answer});
  late_timer_.arm_at(late_.begin()->first);
}

void Medium::deliver_late() {
  while (!late_.empty() && late_.begin()->first <= scheduler_.now()) {
    const Late late = std::move(late_.extract(late_.begin()).mapped());
    const Port& to = port(late.receiver);
    const bool listens = std::any_of(to.tuned.begin(), to.tuned.end(), [&](const Tuned& tuned) {
      return tuned.channel.primary_khz == late.transmission.channel.primary_khz;
    });
    if (listens) hand_to(late.receiver, {late.transmission, late.signal_dbm, late.answer, true});
  }
  tell_received_all();
  if (!late_.empty()) late_timer_.arm_at(late_.begin()->first);
}

void Medium::find_candidates(const Transmission& transmission) {
  candidates_.clear();
  const auto found = listeners_.find(transmission.channel.primary_khz);
  if (found == listeners_.end()) return;
  const Listeners& listeners = found->second;
  const MacAddress address = transmission.receiver_address();
  if (address.is_group()) {
    candidates_ = listeners.all;
    return;
  }
  candidates_ = listeners.promiscuous;
  const auto addressed = listeners.by_address.find(address);
  if (addressed == listeners.by_address.end()) return;
  for (ReceiverId id : addressed->second) insert_sorted(candidates_, id);
}

bool Medium::heard_all_of(const Port& port, const Transmission& transmission) const {
  return std::any_of(port.tuned.begin(), port.tuned.end(), [&](const Tuned& tuned) {
    return tuned.channel.primary_khz == transmission.channel.primary_khz &&
           tuned.since <= transmission.begin;
  });
}

void Medium::add_observer(Observer& observer) {
  observers_.push_back(&observer);
}

void Medium::remove_observer(Observer& observer) {
  std::erase(observers_, &observer);
}

}  // namespace airloom::medium
