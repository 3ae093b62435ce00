#include "daemon/server.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include "daemon/lab_runner.h"
#include "daemon/preload_file.h"
#include "daemon/runtime_dir.h"
#include "daemon/sessions.h"

namespace airloom::daemon {
namespace {

/// One host's programs must leave descriptors for the others.
constexpr std::ptrdiff_t kHostConnectionsMax = 2048;

/// The wireless-regdb package's database, where Debian puts it.
constexpr const char* kRegulatoryFiles[] = {
    "/lib/firmware/regulatory.db", "/usr/lib/firmware/regulatory.db",
    "/lib/firmware/regulatory.db-upstream", "/lib/firmware/regulatory.db-debian"};

cfg80211::RegulatoryDatabase load_regulatory(const Log& log) {
  for (const char* path : kRegulatoryFiles) {
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    const Octets octets{std::istreambuf_iterator<char>(file), {}};
    auto database = cfg80211::RegulatoryDatabase::parse(octets);
    if (database) return *std::move(database);
    log.warn("{}: {}", path, database.error().text);
  }
  log.warn("no regulatory.db: only the world domain is known (apt-get install wireless-regdb)");
  return {};
}

}  // namespace

Server::Server(ServerOptions options, LogSink& log)
    : options_(std::move(options)), log_(log, queue_) {}

Result<std::unique_ptr<Server>> Server::create(const ServerOptions& options, LogSink& log) {
  std::unique_ptr<Server> server(new Server(options, log));
  TRY(server->open());
  return server;
}

Result<void> Server::open() {
  // The world's time is the time since boot: programs compare LAST_SEEN_BOOTTIME with that clock.
  queue_.run_until(TimePoint{platform::time_since_boot()});
  loop_ = TRY(platform::EventLoop::create(queue_));
  regulatory_ = load_regulatory(log_);
  const auto wall_clock = std::chrono::system_clock::now().time_since_epoch();
  if (options_.loss_percent > 0) lossy_air_.emplace(rng_, options_.loss_percent);
  world_ = std::make_unique<lab::World>(
      lab::WorldPorts{.scheduler = &queue_,
                      .rng = &rng_,
                      .log = log_,
                      .regulatory = &regulatory_,
                      .wall_clock_offset = wall_clock - queue_.now().since_epoch,
                      .propagation = lossy_air_ ? &*lossy_air_ : nullptr});
  world_->number_radios_from(options_.first_radio);
  air_ = std::make_unique<lab::AirStatistics>(world_->medium());
  ender_ = std::make_unique<ProcessEnder>(queue_);
  lab_ = std::make_unique<LabRunner>(*this);
  const auto end_quietly = [this] { end([] {}); };
  interrupted_ = TRY(loop_->on_signal(SIGINT, end_quietly));
  terminated_ = TRY(loop_->on_signal(SIGTERM, end_quietly));
  before_sleep_ = loop_->before_sleep([this] {
    for (const auto& [name, host] : hosts_) host->flush();
  });
  TRY(write_preload_library(preload_path(options_.runtime_dir)));
  return listen();
}

Result<void> Server::listen() {
  listener_ = std::make_unique<platform::PacketListener>(
      TRY(platform::PacketListener::listen(socket_path(options_.runtime_dir))));
  acceptable_ = TRY(loop_->on_readable(listener_->fd(), [this] { on_acceptable(); }));
  return {};
}

Server::~Server() {
  is_ending_ = true;
  connections_.clear();
  lab_.reset();
  hosts_.clear();
  air_.reset();
}

void Server::run() {
  loop_->run();
}

void Server::end(std::function<void()> done) {
  if (std::exchange(is_ending_, true)) return done();
  acceptable_.reset();
  listener_.reset();
  lab_->down([this, done = std::move(done)] {
    std::vector<std::string> hosts;
    for (const auto& [name, host] : hosts_) hosts.push_back(name);
    end_processes(hosts, [this, done] {
      done();
      loop_->stop();
    });
  });
}

void Server::end_processes(const std::vector<std::string>& hosts, std::function<void()> done) {
  ProcessMarks marks;
  for (const auto& name : hosts) {
    HostRuntime* host = find_host(name);
    if (host == nullptr) continue;
    if (host->emulated() != nullptr) {
      marks.variables.push_back(std::string(interpose::kSysfsVariable) + "=" + host->sysfs_root());
      continue;
    }
    for (const uint64_t inode : host->spaces().inodes()) marks.networks.push_back(inode);
  }
  ender_->end(std::move(marks), std::move(done));
}

void Server::on_acceptable() {
  while (true) {
    auto socket = listener_->accept();
    if (!socket && socket.error().code == Errc::kTooMany) {
      log_.warn("a program was refused: {}", socket.error().text);
      continue;
    }
    if (!socket) return;
    // The same user only: no other may join, read or steer this daemon.
    const auto peer = socket->peer();
    if (!peer || (peer->uid != ::geteuid() && peer->uid != 0)) continue;
    const uint64_t id = ++last_connection_;
    auto connection = std::make_unique<Connection>(
        *loop_, std::move(*socket), receive_buffer_,
        [this, id] { queue_.post([this, id] { connections_.erase(id); }); });
    Connection& added = *connection;
    connections_.emplace(id, std::move(connection));
    if (!added.start(std::make_unique<FirstSession>(*this, added))) connections_.erase(id);
  }
}

bool Server::has_room_for_client(const std::string& host) const {
  const auto of_host = [&](const auto& entry) { return entry.second->host == host; };
  return std::count_if(connections_.begin(), connections_.end(), of_host) < kHostConnectionsMax;
}

HostRuntime* Server::find_host(const std::string& name) const {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? nullptr : found->second.get();
}

Result<HostRuntime*> Server::add_host(const std::string& name, uint32_t radios,
                                      lab::RadioDriver driver, const hwsim::RadioTraits& traits) {
  if (find_host(name) != nullptr)
    return fail(Errc::kExists, "there is a host '" + name + "' already");
  auto host = TRY(HostRuntime::create(*loop_, *world_, name, host_dir(options_.runtime_dir, name),
                                      log_.child(name), options_.why_emulated));
  for (uint32_t i = 0; i < radios; ++i) TRY(host->add_radio(driver, traits));
  TRY(host->add_air_monitor());
  if (host->emulated() == nullptr)
    host->spaces().is_foreign = [this, name](uint64_t inode) { return is_of_another(name, inode); };
  HostRuntime* added = host.get();
  hosts_.emplace(name, std::move(host));
  return added;
}

bool Server::is_of_another(const std::string& host, uint64_t network) const {
  for (const auto& [name, other] : hosts_) {
    const auto inodes = other->spaces().inodes();
    if (name != host && std::find(inodes.begin(), inodes.end(), network) != inodes.end())
      return true;
  }
  return false;
}

void Server::remove_host(const std::string& name) {
  std::erase_if(connections_, [&](const auto& entry) { return entry.second->host == name; });
  hosts_.erase(name);
}

uint32_t Server::add_participant(const std::string& host) {
  participants_.emplace(++last_participant_, host);
  hold();
  return last_participant_;
}

void Server::remove_participant(uint32_t participant) {
  participants_.erase(participant);
  release();
}

HostRuntime* Server::host_of(uint32_t participant) const {
  const auto found = participants_.find(participant);
  return found == participants_.end() ? nullptr : find_host(found->second);
}

void Server::release() {
  if (--holds_ > 0 || !options_.exit_when_idle || is_ending_) return;
  // From the loop: this is called by sessions that end.
  queue_.post([this] {
    if (holds_ == 0) end([] {});
  });
}

}  // namespace airloom::daemon
