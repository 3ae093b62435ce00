// What a station or an access point is built on. All outlive it.
#pragma once

#include "base/log.h"
#include "base/rng.h"
#include "base/scheduler.h"
#include "sme/netlink_transport.h"

namespace airloom::sme {

struct SmePorts {
  Scheduler* scheduler = nullptr;
  Rng* rng = nullptr;
  LinkPort* link = nullptr;
  Log log;
};

}  // namespace airloom::sme
