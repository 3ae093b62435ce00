#include "hwsimnl/server.h"

#include <algorithm>

#include "hwsimnl/new_radio.h"
#include "hwsimnl/policy.h"
#include "hwsimnl/uapi.h"

namespace airloom::hwsimnl {

namespace {

constexpr std::string_view kGroups[] = {"config"};
constexpr size_t kConfig = 0;

/// Every radio of a namespace. A radio that came meanwhile is told, one that went is not.
class RadioDump final : public genl::Dump {
 public:
  RadioDump(const Radios& radios, genl::NamespaceId ns) : radios_(radios), ns_(ns) {}

  Result<std::optional<netlink::MessageWriter>> next(const genl::ReplyTo& make) override {
    for (const RadioInfo& radio : radios_.radios()) {
      if (radio.id < next_ || radio.ns != ns_) continue;
      next_ = radio.id + 1;
      netlink::MessageWriter message = make.message(HWSIM_CMD_GET_RADIO);
      put_radio(message, radio);
      return message;
    }
    return std::nullopt;
  }
  uint32_t generation() const override { return radios_.radio_generation(); }

 private:
  const Radios& radios_;
  genl::NamespaceId ns_;
  uint32_t next_ = 0;
};

template <typename Is>
std::optional<RadioInfo> find_radio(const Radios& radios, genl::NamespaceId ns, Is is) {
  for (RadioInfo& radio : radios.radios())
    if (radio.ns == ns && is(radio)) return std::move(radio);
  return std::nullopt;
}

}  // namespace

Server::Server(genl::Bus& bus, Radios& radios, UserspaceMedium& medium)
    : bus_(bus), radios_(radios), medium_(medium) {
  id_ = bus_.add(*this);
}

Server::~Server() {
  bus_.remove(id_);
}

const genl::FamilyInfo& Server::info() const {
  static const genl::FamilyInfo kInfo{.name = kFamilyName,
                                      .version = 1,
                                      .max_attribute = HWSIM_ATTR_MAX,
                                      .operations = operations(),
                                      .groups = kGroups,
                                      .strict_header_from = HWSIM_CMD_DEL_MAC_ADDR + 1};
  return kInfo;
}

Result<void> Server::on_request(const genl::Operation& operation, genl::Request& request) {
  const auto from = client(request.ns, request.port);
  switch (operation.command) {
    case HWSIM_CMD_REGISTER:
      return medium_.enlist(from);
    case HWSIM_CMD_FRAME:
      return medium_.on_frame(from, request.attributes);
    case HWSIM_CMD_TX_INFO_FRAME:
      return medium_.on_tx_info(from, request.attributes);
    case HWSIM_CMD_NEW_RADIO:
      return new_radio(request);
    case HWSIM_CMD_DEL_RADIO:
      return delete_radio(request);
    case HWSIM_CMD_GET_RADIO:
      return get_radio(request);
    default:
      return fail(Errc::kUnsupported);
  }
}

Result<std::unique_ptr<genl::Dump>> Server::start_dump(const genl::Operation&,
                                                       genl::Request& request) {
  return std::make_unique<RadioDump>(radios_, request.ns);
}

Result<void> Server::new_radio(genl::Request& request) {
  const hwsim::RadioSpec spec = TRY(parse_radio_spec(request.attributes));
  const auto radio = radios_.make_radio(spec, request.ns);
  if (!radio && radio.error().code == Errc::kExists)
    return fail(Errc::kExists, "perm addr already present", HWSIM_ATTR_PERM_ADDR);
  if (!radio) return std::unexpected(radio.error());
  if (request.attributes.has(HWSIM_ATTR_DESTROY_RADIO_ON_CLOSE))
    owned_.emplace(std::pair{request.ns, request.port}, radio->id);
  netlink::MessageWriter event = bus_.event(id_).message(HWSIM_CMD_NEW_RADIO);
  put_radio(event, *radio);
  tell(request.ns, std::move(event));
  request.ack.value = radio->id;
  return {};
}

Result<void> Server::delete_radio(genl::Request& request) {
  const auto id = request.attributes.u32(HWSIM_ATTR_RADIO_ID);
  const auto name = request.attributes.string(HWSIM_ATTR_RADIO_NAME);
  if (!id && !name) return fail(Errc::kInvalid);
  const auto radio = find_radio(radios_, request.ns, [&](const RadioInfo& candidate) {
    return id ? candidate.id == *id : candidate.name == *name;
  });
  if (!radio) return fail(Errc::kNoDevice);
  remove(*radio);
  return {};
}

Result<void> Server::get_radio(genl::Request& request) {
  const auto id = request.attributes.u32(HWSIM_ATTR_RADIO_ID);
  if (!id) return fail(Errc::kInvalid);
  const auto radio = find_radio(radios_, request.ns,
                                [&](const RadioInfo& candidate) { return candidate.id == *id; });
  if (!radio) return fail(Errc::kNoDevice);
  netlink::MessageWriter reply = request.reply(HWSIM_CMD_GET_RADIO);
  put_radio(reply, *radio);
  request.send(std::move(reply));
  return {};
}

UserspaceMedium::Client Server::client(genl::NamespaceId ns, genl::PortId port) const {
  return {.bus = &bus_, .family = id_, .ns = ns, .port = port};
}

void Server::remove(const RadioInfo& radio) {
  std::erase_if(owned_, [&](const auto& entry) { return entry.second == radio.id; });
  // Told first, as the kernel does: DEL_INTERFACE and DEL_WIPHY follow.
  netlink::MessageWriter event = bus_.event(id_).message(HWSIM_CMD_DEL_RADIO);
  event.u32(HWSIM_ATTR_RADIO_ID, radio.id);
  put_name(event, radio.name);
  tell(radio.ns, std::move(event));
  radios_.remove_radio(radio.id);
}

void Server::tell(genl::NamespaceId ns, netlink::MessageWriter&& message) {
  bus_.multicast(id_, kConfig, ns, std::move(message));
}

void Server::on_client_closed(genl::NamespaceId ns, genl::PortId port) {
  medium_.dismiss(client(ns, port));
  const auto [first, last] = owned_.equal_range({ns, port});
  std::vector<uint32_t> ending;
  for (auto at = first; at != last; ++at) ending.push_back(at->second);
  const auto all = radios_.radios();
  for (const RadioInfo& radio : all)
    if (std::find(ending.begin(), ending.end(), radio.id) != ending.end()) remove(radio);
  owned_.erase({ns, port});
}

}  // namespace airloom::hwsimnl
