#include "interpose/supervisor.h"

#include <poll.h>

#include <algorithm>

namespace airloom::interpose {

Result<std::unique_ptr<Supervisor>> Supervisor::create(platform::EventLoop& loop,
                                                       platform::UniqueFd listener,
                                                       std::vector<Module*> modules,
                                                       std::function<void()> on_finished) {
  std::unique_ptr<Supervisor> made(
      new Supervisor(std::move(listener), std::move(modules), std::move(on_finished)));
  Supervisor* self = made.get();
  made->watch_ = TRY(loop.on_readable(made->listener_.fd(), [self] { self->on_readable(); }));
  return made;
}

void Supervisor::on_readable() {
  pollfd state{listener_.fd(), POLLIN, 0};
  if (poll(&state, 1, 0) <= 0) return;
  if (!(state.revents & POLLIN)) {
    watch_.reset();
    on_finished_();
    return;
  }
  const auto call = Call::receive(listener_);
  if (!call) return;
  const bool taken = std::any_of(modules_.begin(), modules_.end(),
                                 [&](Module* module) { return module->handle(*call); });
  if (!taken) call->resume();
}

std::vector<FilterRule> rules_of(const std::vector<Module*>& modules) {
  std::vector<FilterRule> rules;
  for (const Module* module : modules)
    for (FilterRule& rule : module->rules())
      if (std::find(rules.begin(), rules.end(), rule) == rules.end())
        rules.push_back(std::move(rule));
  return rules;
}

}  // namespace airloom::interpose
