#include "mac80211/offchannel.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "cfg80211/driver_events.h"
#include "mac80211/radio_stack.h"
#include "mac80211/scan.h"
#include "mac80211/sleep_announcement.h"

namespace airloom::mac80211 {
namespace {

/// How long to look again while a scan has the radio.
constexpr auto kRetryDuringScan = std::chrono::milliseconds(20);
/// A stay for a frame that waits for nothing: time for its ACK.
constexpr uint32_t kFrameStayMs = 20;
/// What events call a frame whose sender was told no cookie.
constexpr uint64_t kNoCookie = 0xffffffff;

}  // namespace

OffChannel::OffChannel(RadioStack& stack)
    : stack_(stack), timer_(stack.scheduler(), [this] { on_timer(); }) {}

OffChannel::~OffChannel() = default;

Result<void> OffChannel::remain_on_channel(Interface& interface, const ChannelDefinition& channel,
                                           uint32_t duration_ms, uint64_t cookie) {
  enqueue({.vif = interface.id(),
           .cookie = cookie,
           .channel = channel,
           .duration_ms = duration_ms,
           .frame = std::nullopt});
  return {};
}

Result<void> OffChannel::send(Interface& interface, const cfg80211::FrameTxRequest& request,
                              uint64_t cookie) {
  if (!request.channel) return fail(Errc::kInvalid);
  enqueue({.vif = interface.id(),
           .cookie = request.dont_wait_for_ack ? kNoCookie : cookie,
           .channel = *request.channel,
           .duration_ms = request.wait_ms != 0 ? request.wait_ms : kFrameStayMs,
           .frame = request});
  return {};
}

bool OffChannel::fits_in(const Stay& stay) const {
  if (queue_.empty() || !queue_.front().begun || queue_.front().vif != stay.vif ||
      queue_.front().channel.primary_mhz != stay.channel.primary_mhz)
    return false;
  TimePoint last = stack_.now();
  for (const Stay& other : queue_)
    if (other.begun) last = std::max(last, other.until);
  // A frame that waits for nothing needs no time of its own.
  const bool waits = !stay.frame || stay.frame->wait_ms != 0;
  return !waits || stack_.now() + std::chrono::milliseconds(stay.duration_ms) <= last;
}

void OffChannel::enqueue(Stay stay) {
  if (fits_in(stay)) {
    const auto rest =
        std::find_if(queue_.begin(), queue_.end(), [](const Stay& s) { return !s.begun; });
    begin(*queue_.insert(rest, std::move(stay)));
    return arm();
  }
  queue_.push_back(std::move(stay));
  if (queue_.size() == 1) timer_.arm(Duration{0});
}

void OffChannel::on_timer() {
  if (std::exchange(leaving_, false)) {
    stack_.channels().tune_away(queue_.front().channel);
    return begin_first();
  }
  if (!queue_.empty() && queue_.front().begun) end_due();
  advance();
}

void OffChannel::advance() {
  if (queue_.empty() || queue_.front().begun || leaving_) return;
  if (stack_.scan_work().is_running()) return timer_.arm(kRetryDuringScan);
  const ChannelDefinition& channel = queue_.front().channel;
  if (stack_.channels().is_home(channel.primary_mhz)) return begin_first();
  if (announce_sleep(stack_, true)) {
    leaving_ = true;
    return timer_.arm(kSleepFlushTime);
  }
  stack_.channels().tune_away(channel);
  begin_first();
}

/// The first stay, and those behind it that its interface wants on the same channel.
void OffChannel::begin_first() {
  const uint32_t vif = queue_.front().vif, mhz = queue_.front().channel.primary_mhz;
  for (size_t i = 0; i < queue_.size(); ++i) {
    if (queue_[i].vif != vif || queue_[i].channel.primary_mhz != mhz) break;
    begin(queue_[i]);
  }
  arm();
}

void OffChannel::begin(Stay& stay) {
  Interface* interface = stack_.find(stay.vif);
  stay.begun = true;
  stay.until = stack_.now() + std::chrono::milliseconds(stay.duration_ms);
  if (!stay.frame) {
    cfg80211::ready_on_channel(interface->wdev(), stay.cookie, stay.channel, stay.duration_ms);
    return;
  }
  ManagementTxOptions options;
  options.cookie = stay.frame->dont_wait_for_ack ? 0 : stay.cookie;
  options.channel = stay.channel;
  options.no_ack = stay.frame->dont_wait_for_ack;
  options.no_cck = stay.frame->no_cck;
  const Octets frame = stay.frame->frame;
  stack_.management_tx_path().send(*interface, frame, std::move(options));
}

void OffChannel::arm() {
  std::optional<TimePoint> next;
  for (const Stay& stay : queue_)
    if (stay.begun) next = next ? std::min(*next, stay.until) : stay.until;
  timer_.arm_at(next.value_or(stack_.now()));
}

void OffChannel::go_home() {
  if (!stack_.channels().is_visiting()) return;
  stack_.channels().tune_home();
  announce_sleep(stack_, false);
}

void OffChannel::end_due() {
  std::deque<Stay> ended;
  for (auto it = queue_.begin(); it != queue_.end();) {
    const bool due = it->begun && it->until <= stack_.now();
    if (due) ended.push_back(std::move(*it));
    it = due ? queue_.erase(it) : it + 1;
  }
  if (queue_.empty() || !queue_.front().begun) go_home();
  timer_.cancel();
  if (!queue_.empty()) arm();
  for (const Stay& stay : ended) tell_end(stay);
}

void OffChannel::tell_end(const Stay& stay) {
  auto& wdev = stack_.find(stay.vif)->wdev();
  if (!stay.frame) return cfg80211::remain_on_channel_expired(wdev, stay.cookie, stay.channel);
  if (!stay.begun) cfg80211::management_tx_status(wdev, stay.cookie, stay.frame->frame, false);
  cfg80211::management_tx_wait_expired(wdev, stay.cookie, stay.channel);
}

Result<void> OffChannel::cancel_remain_on_channel(Interface& interface, uint64_t cookie) {
  return cancel(interface, cookie, false);
}

Result<void> OffChannel::cancel_wait(Interface& interface, uint64_t cookie) {
  return cancel(interface, cookie, true);
}

Result<void> OffChannel::cancel(Interface& interface, uint64_t cookie, bool is_frame) {
  const auto found = std::find_if(queue_.begin(), queue_.end(), [&](const Stay& stay) {
    return stay.cookie == cookie && stay.vif == interface.id() &&
           stay.frame.has_value() == is_frame;
  });
  if (found == queue_.end()) return fail(Errc::kNotFound);
  if (found->begun) {
    found->until = stack_.now();
    end_due();
    return {};
  }
  // Nobody but the first has announced anything yet.
  if (found == queue_.begin() && std::exchange(leaving_, false)) {
    announce_sleep(stack_, false);
    timer_.arm(Duration{0});
  }
  const Stay stay = std::move(*found);
  queue_.erase(found);
  tell_end(stay);
  return {};
}

bool OffChannel::is_on_stay_of(const Interface& interface) const {
  return std::ranges::any_of(
      queue_, [&](const Stay& stay) { return stay.begun && stay.vif == interface.id(); });
}

void OffChannel::on_interface_stopped(Interface& interface) {
  const bool was_leaving = leaving_ && queue_.front().vif == interface.id();
  for (Stay& stay : queue_)
    if (stay.begun && stay.vif == interface.id()) stay.until = stack_.now();
  if (!queue_.empty() && queue_.front().begun) end_due();
  const auto rest = std::stable_partition(
      queue_.begin(), queue_.end(), [&](const Stay& stay) { return stay.vif != interface.id(); });
  const std::vector<Stay> never_begun(std::make_move_iterator(rest),
                                      std::make_move_iterator(queue_.end()));
  queue_.erase(rest, queue_.end());
  if (was_leaving) {
    leaving_ = false;
    announce_sleep(stack_, false);
    timer_.arm(Duration{0});
  }
  for (const Stay& stay : never_begun) tell_end(stay);
}

}  // namespace airloom::mac80211
