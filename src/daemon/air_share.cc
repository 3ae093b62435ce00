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

AirShare::AirShare(Server& server, std::string what) : server_(server), what_(std::move(what)) {
  server_.set_air_share(this);
}

Result<std::unique_ptr<AirShare>> AirShare::create(Server& server, std::string what) {
  if (const AirShare* other = server.air_share())
    return fail(Errc::kAlready, "this daemon " + other->what_ +
                                    " already: it shares its air with one other at a time");
  return std::unique_ptr<AirShare>(new AirShare(server, std::move(what)));
}

Result<std::unique_ptr<AirShare>> AirShare::serve(Server& server, const RoadOptions& road,
                                                  Report report) {
  auto share = TRY(create(server, "serves its air at " + road.address.to_string()));
  platform::EventLoop& loop = server.loop();
  lab::World& world = server.world();
  share->wtp_road_ = TRY(WtpRoad::create(loop, road));
  share->served_ =
      std::make_unique<lab::ServedAir>(world, *share->wtp_road_, world.ports().log.child("air"));
  share->wtp_road_->set_wtp(share->served_->wtp());
  tell_of_twins(share->served_->port(), loop, std::move(report));
  return share;
}

Result<std::unique_ptr<AirShare>> AirShare::join(Server& server, const RoadOptions& road,
                                                 Report report) {
  const std::string to = road.address.to_string();
  auto share = TRY(create(server, "joins the air of " + to));
  platform::EventLoop& loop = server.loop();
  lab::World& world = server.world();
  share->ac_road_ = TRY(AcRoad::create(loop, road));
  share->joined_ =
      std::make_unique<lab::JoinedAir>(world, *share->ac_road_, world.ports().log.child("air"));
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
  server_.set_air_share(nullptr);
}

}  // namespace airloom::daemon
