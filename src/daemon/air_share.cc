#include "daemon/air_share.h"

namespace airloom::daemon {
namespace {

void tell_of_twins(lab::AirPort& port, platform::EventLoop& loop, AirShare::Report report) {
  port.on_twins = [&loop, report = std::move(report)](const MacAddress& address) {
    loop.queue().post([report, text = address.to_string()] {
      report("both sides have a radio " + text +
             ": give those of one other numbers, by first_radio in its lab file or airloom daemon "
             "--first-radio");
    });
  };
}

}  // namespace

Result<std::unique_ptr<AirShare>> AirShare::serve(platform::EventLoop& loop, lab::World& world,
                                                  const RoadOptions& road, Report report) {
  std::unique_ptr<AirShare> share(new AirShare);
  share->wtp_road_ = TRY(WtpRoad::create(loop, road));
  share->served_ =
      std::make_unique<lab::ServedAir>(world, *share->wtp_road_, world.ports().log.child("air"));
  share->wtp_road_->set_wtp(share->served_->wtp());
  tell_of_twins(share->served_->port(), loop, std::move(report));
  return share;
}

Result<std::unique_ptr<AirShare>> AirShare::join(platform::EventLoop& loop, lab::World& world,
                                                 const RoadOptions& road, Report report) {
  std::unique_ptr<AirShare> share(new AirShare);
  share->ac_road_ = TRY(AcRoad::create(loop, road));
  share->joined_ =
      std::make_unique<lab::JoinedAir>(world, *share->ac_road_, world.ports().log.child("air"));
  const std::string to = road.address.to_string();
  share->joined_->on_session = [report, to](bool joined) {
    report(joined ? "one air with " + to : to + " has fallen silent");
  };
  share->ac_road_->set_ac(share->joined_->ac());
  share->ac_road_->on_unanswered = [report, to] {
    report(to + " does not answer, or its key is another: still trying");
  };
  tell_of_twins(share->joined_->port(), loop, std::move(report));
  share->joined_->ac().start();
  return share;
}

AirShare::~AirShare() {
  if (joined_) joined_->ac().leave();
  if (ac_road_) ac_road_->close();
  if (wtp_road_) wtp_road_->close();
}

}  // namespace airloom::daemon
