#include "genl/controller.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <algorithm>

namespace airloom::genl {

namespace {

using netlink::Kind;
using netlink::MessageWriter;
using netlink::Policy;
using netlink::PolicyRow;

constexpr PolicyRow kFamilyRows[] = {
    {},
    netlink::of(Kind::kU16),                         // CTRL_ATTR_FAMILY_ID
    netlink::of(Kind::kNulString, GENL_NAMSIZ - 1),  // CTRL_ATTR_FAMILY_NAME
};
constexpr Policy kFamilyPolicy{kFamilyRows};

constexpr PolicyRow kPolicyRows[] = {
    {},
    netlink::of(Kind::kU16),                         // CTRL_ATTR_FAMILY_ID
    netlink::of(Kind::kNulString, GENL_NAMSIZ - 1),  // CTRL_ATTR_FAMILY_NAME
    {},
    {},
    {},
    {},
    {},
    {},
    {},
    netlink::of(Kind::kU32),  // CTRL_ATTR_OP
};
constexpr Policy kPolicyPolicy{kPolicyRows};

constexpr Operation kOperations[] = {
    {.command = CTRL_CMD_GETFAMILY, .can_do = true, .can_dump = true, .policy = &kFamilyPolicy},
    {.command = CTRL_CMD_GETPOLICY,
     .can_dump = true,
     .policy = &kPolicyPolicy,
     .strictness = netlink::Strictness::kStrict,
     .validates_dump = true},
};
constexpr std::string_view kGroups[] = {"notify"};
constexpr uint8_t kVersion = 2;

uint32_t wire_flags(const Operation& operation) {
  uint32_t flags = operation.permission;
  if (operation.can_do) flags |= GENL_CMD_CAP_DO;
  if (operation.can_dump) flags |= GENL_CMD_CAP_DUMP;
  if (operation.policy) flags |= GENL_CMD_CAP_HASPOL;
  return flags;
}

void put_operations(MessageWriter& writer, const FamilyInfo& info) {
  if (info.operations.empty()) return;
  const auto all = writer.nest(CTRL_ATTR_OPS);
  uint16_t index = 0;
  for (const Operation& operation : info.operations) {
    const auto one = writer.nest(++index);
    writer.u32(CTRL_ATTR_OP_ID, operation.command);
    writer.u32(CTRL_ATTR_OP_FLAGS, wire_flags(operation));
  }
}

void put_groups(MessageWriter& writer, const Bus::Registered& family) {
  const auto groups = family.family->info().groups;
  if (groups.empty()) return;
  const auto all = writer.nest(CTRL_ATTR_MCAST_GROUPS);
  for (uint16_t i = 0; i < groups.size(); ++i) {
    const auto one = writer.nest(i + 1);
    writer.u32(CTRL_ATTR_MCAST_GRP_ID, family.first_group + i);
    writer.string(CTRL_ATTR_MCAST_GRP_NAME, groups[i]);
  }
}

MessageWriter family_message(const ReplyTo& make, uint8_t command, const Bus::Registered& family) {
  const FamilyInfo& info = family.family->info();
  MessageWriter writer = make.message(command);
  writer.string(CTRL_ATTR_FAMILY_NAME, info.name);
  writer.u16(CTRL_ATTR_FAMILY_ID, family.id);
  writer.u32(CTRL_ATTR_VERSION, info.version);
  writer.u32(CTRL_ATTR_HDRSIZE, 0);
  writer.u32(CTRL_ATTR_MAXATTR, info.max_attribute);
  put_operations(writer, info);
  put_groups(writer, family);
  return writer;
}

class FamilyDump final : public Dump {
 public:
  explicit FamilyDump(const Bus& bus) : bus_(bus) {}

  Result<std::optional<MessageWriter>> next(const ReplyTo& make) override {
    for (const Bus::Registered& family : bus_.families()) {
      if (family.id <= last_) continue;
      last_ = family.id;
      return family_message(make, CTRL_CMD_NEWFAMILY, family);
    }
    return std::nullopt;
  }

 private:
  const Bus& bus_;
  FamilyId last_ = 0;
};

/// First the policy of every command, then every attribute of every policy, a message each.
class PolicyDump final : public Dump {
 public:
  PolicyDump(FamilyId family, std::vector<Operation> operations)
      : family_(family), operations_(std::move(operations)) {
    for (const Operation& operation : operations_) number(operation.policy);
  }

  bool empty() const { return policies_.empty(); }

  Result<std::optional<MessageWriter>> next(const ReplyTo& make) override {
    while (operation_ < operations_.size()) {
      const Operation& operation = operations_[operation_++];
      if (!operation.policy || (!operation.can_do && !operation.validates_dump)) continue;
      return operation_message(make, operation);
    }
    while (policy_ < policies_.size()) {
      const Policy& policy = *policies_[policy_];
      if (attribute_ >= policy.rows.size()) {
        ++policy_;
        attribute_ = 0;
        continue;
      }
      const uint16_t type = attribute_++;
      const Kind kind = policy.rows[type].kind;
      if (kind == Kind::kUnspec || kind == Kind::kReject) continue;
      return row_message(make, policy.rows[type], type);
    }
    return std::nullopt;
  }

 private:
  /// Gives a policy and those nested in it their numbers.
  void number(const Policy* policy) {
    if (!policy || std::find(policies_.begin(), policies_.end(), policy) != policies_.end()) return;
    const size_t first = policies_.size();
    policies_.push_back(policy);
    for (size_t i = first; i < policies_.size(); ++i)
      for (const PolicyRow& row : policies_[i]->rows)
        if (row.nested &&
            std::find(policies_.begin(), policies_.end(), row.nested) == policies_.end())
          policies_.push_back(row.nested);
  }

  MessageWriter operation_message(const ReplyTo& make, const Operation& operation) const {
    const auto at = std::find(policies_.begin(), policies_.end(), operation.policy);
    const auto index = static_cast<uint32_t>(at - policies_.begin());
    MessageWriter writer = make.message(CTRL_CMD_GETPOLICY);
    writer.u16(CTRL_ATTR_FAMILY_ID, family_);
    {
      const auto all = writer.flagged_nest(CTRL_ATTR_OP_POLICY);
      const auto one = writer.flagged_nest(operation.command);
      if (operation.can_do) writer.u32(CTRL_ATTR_POLICY_DO, index);
      if (operation.validates_dump) writer.u32(CTRL_ATTR_POLICY_DUMP, index);
    }
    return writer;
  }

  MessageWriter row_message(const ReplyTo& make, const PolicyRow& row, uint16_t type) const {
    MessageWriter writer = make.message(CTRL_CMD_GETPOLICY);
    writer.u16(CTRL_ATTR_FAMILY_ID, family_);
    {
      const auto all = writer.flagged_nest(CTRL_ATTR_POLICY);
      const auto one = writer.flagged_nest(static_cast<uint16_t>(policy_));
      put_policy_row(writer, row, type, &policies_);
    }
    return writer;
  }

  FamilyId family_;
  std::vector<Operation> operations_;
  std::vector<const Policy*> policies_;
  size_t operation_ = 0;
  size_t policy_ = 0;
  uint16_t attribute_ = 0;
};

}  // namespace

const FamilyInfo& Controller::info() const {
  static constexpr FamilyInfo kInfo{
      .name = "nlctrl", .version = kVersion, .operations = kOperations, .groups = kGroups};
  return kInfo;
}

Result<Bus::Registered> Controller::find_asked(const netlink::AttributeTable& attributes) const {
  const auto id = attributes.u16(CTRL_ATTR_FAMILY_ID);
  const auto name = attributes.string(CTRL_ATTR_FAMILY_NAME);
  if (!id && !name) return fail(Errc::kInvalid);
  const auto family = name ? bus_.find_family(*name) : bus_.find_family(*id);
  if (!family) return fail(Errc::kNotFound);
  return *family;
}

Result<void> Controller::on_request(const Operation&, Request& request) {
  const Bus::Registered family = TRY(find_asked(request.attributes));
  request.send(family_message(request.reply_to, CTRL_CMD_NEWFAMILY, family));
  return {};
}

Result<std::unique_ptr<Dump>> Controller::start_dump(const Operation& operation, Request& request) {
  if (operation.command == CTRL_CMD_GETFAMILY) return std::make_unique<FamilyDump>(bus_);
  const Bus::Registered family = TRY(find_asked(request.attributes));
  const auto all = family.family->info().operations;
  std::vector<Operation> operations(all.begin(), all.end());
  if (const auto only = request.attributes.u32(CTRL_ATTR_OP)) {
    std::erase_if(operations, [&](const Operation& other) { return other.command != *only; });
    if (operations.empty()) return fail(Errc::kUnsupported, {}, CTRL_ATTR_OP);
  }
  auto dump = std::make_unique<PolicyDump>(family.id, std::move(operations));
  if (dump->empty()) return fail(Errc::kNotFound, "no policy");
  return dump;
}

void Controller::announce(const Bus::Registered& family, uint8_t command) {
  const ReplyTo make{.family = GENL_ID_CTRL, .version = kVersion};
  bus_.announce(GENL_ID_CTRL, std::move(family_message(make, command, family)).finish());
}

}  // namespace airloom::genl
