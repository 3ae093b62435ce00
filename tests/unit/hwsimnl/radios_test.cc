// NEW_RADIO, DEL_RADIO and GET_RADIO. Numbers and words are Linux 6.1's.
#include <gmock/gmock.h>
#include <linux/netlink.h>

#include <cerrno>

#include "fixture.h"

namespace airloom::hwsimnl {
namespace {

using ::testing::ElementsAre;

constexpr MacAddress kAddress{{0x02, 0xaa, 0, 0, 0, 1}};
constexpr size_t kHeaders = netlink::kMessageHeaderSize + netlink::kGenlHeaderSize;

TEST_F(HwsimnlTest, IsTheFamilyThatLinuxHas) {
  const auto& info = server.info();
  EXPECT_EQ(info.name, "MAC80211_HWSIM");
  EXPECT_EQ(info.version, 1);
  EXPECT_EQ(info.max_attribute, 25u);
  EXPECT_THAT(info.groups, ElementsAre("config"));
  // [tests/vectors: GETFAMILY of the kernel lists these commands and no others]
  std::vector<int> commands;
  for (const auto& operation : info.operations) commands.push_back(operation.command);
  EXPECT_THAT(commands, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(HwsimnlTest, AcknowledgesWithTheRadiosNumber) {
  EXPECT_EQ(ask(request(HWSIM_CMD_NEW_RADIO)), 0);
  EXPECT_EQ(ask(request(HWSIM_CMD_NEW_RADIO)), 1);
  EXPECT_EQ(ask(request(HWSIM_CMD_NEW_RADIO)), 2);
  EXPECT_EQ(radios.made.size(), 3u);
}

TEST_F(HwsimnlTest, DefaultsAreTheKernels) {
  ask(request(HWSIM_CMD_NEW_RADIO));
  const hwsim::RadioSpec& spec = radios.made.at(0).spec;
  EXPECT_EQ(spec.traits.channels, 1u);
  EXPECT_FALSE(spec.traits.channel_contexts);
  EXPECT_FALSE(spec.traits.has_p2p_device());  // unlike the radios of the module itself
  EXPECT_FALSE(spec.traits.cipher_suites);
  EXPECT_TRUE(spec.has_interface);
  EXPECT_FALSE(spec.address || spec.country || spec.custom_domain || spec.strict_regulatory);
}

TEST_F(HwsimnlTest, TakesEveryAttribute) {
  const uint32_t ciphers[] = {0x000fac04, 0x000fac06};
  auto message = request(HWSIM_CMD_NEW_RADIO);
  message.u32(HWSIM_ATTR_CHANNELS, 1).flag(HWSIM_ATTR_USE_CHANCTX);
  message.flag(HWSIM_ATTR_SUPPORT_P2P_DEVICE).flag(HWSIM_ATTR_NO_VIF);
  message.bytes(HWSIM_ATTR_RADIO_NAME, Octets{'r', 'a', 'd'});
  message.bytes(HWSIM_ATTR_REG_HINT_ALPHA2, Octets{'D', 'E'});
  message.u32(HWSIM_ATTR_REG_CUSTOM_REG, 1).flag(HWSIM_ATTR_REG_STRICT_REG);
  message.mac(HWSIM_ATTR_PERM_ADDR, kAddress);
  message.u32(HWSIM_ATTR_IFTYPE_SUPPORT, cfg80211::bit(cfg80211::InterfaceType::kStation));
  Octets suites;
  for (uint32_t cipher : ciphers) netlink::append(suites, cipher);
  message.bytes(HWSIM_ATTR_CIPHER_SUPPORT, suites);
  EXPECT_EQ(ask(std::move(message)), 0) << text;
  const hwsim::RadioSpec& spec = radios.made.at(0).spec;
  EXPECT_TRUE(spec.traits.channel_contexts);
  EXPECT_EQ(spec.traits.interface_types, cfg80211::bit(cfg80211::InterfaceType::kStation) |
                                             cfg80211::bit(cfg80211::InterfaceType::kP2pDevice));
  EXPECT_THAT(*spec.traits.cipher_suites, ElementsAre(0x000fac04, 0x000fac06));
  EXPECT_FALSE(spec.has_interface);
  EXPECT_EQ(spec.name, "rad");
  EXPECT_EQ(spec.country, (std::array<char, 2>{'D', 'E'}));
  EXPECT_EQ(spec.custom_domain, 1u);
  EXPECT_TRUE(spec.strict_regulatory);
  EXPECT_EQ(spec.address, kAddress);
}

TEST_F(HwsimnlTest, RefusesInTheKernelsWords) {
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_NEW_RADIO).u32(HWSIM_ATTR_CHANNELS, 0))), -EINVAL);
  EXPECT_EQ(text, "must have at least one channel");
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_NEW_RADIO).u32(HWSIM_ATTR_REG_CUSTOM_REG, 3))),
            -EINVAL);
  EXPECT_EQ(
      ask(std::move(request(HWSIM_CMD_NEW_RADIO).mac(HWSIM_ATTR_PERM_ADDR, {{1, 0, 0, 0, 0, 1}}))),
      -EINVAL);
  EXPECT_EQ(text, "MAC is no valid source addr");
  EXPECT_EQ(bad_offset, kHeaders);
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_NEW_RADIO).u32(HWSIM_ATTR_IFTYPE_SUPPORT, 1u << 12))),
            -EINVAL);
  EXPECT_EQ(text, "cannot support more iftypes than kernel");
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_NEW_RADIO).u32(HWSIM_ATTR_IFTYPE_SUPPORT, 0))),
            -EINVAL);
  auto with_ciphers = [&](const Octets& octets) {
    return ask(std::move(request(HWSIM_CMD_NEW_RADIO).bytes(HWSIM_ATTR_CIPHER_SUPPORT, octets)));
  };
  EXPECT_EQ(with_ciphers(Octets(5)), -EINVAL);
  EXPECT_EQ(text, "bad cipher list length");
  EXPECT_EQ(with_ciphers(Octets(12 * 4)), -EINVAL);
  EXPECT_EQ(text, "too many ciphers specified");
  EXPECT_EQ(with_ciphers(Octets(4)), -EINVAL);
  EXPECT_EQ(text, "unsupported ciphers specified");
  EXPECT_TRUE(radios.made.empty());
}

TEST_F(HwsimnlTest, RefusesWhatItCannotBe) {
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_NEW_RADIO).flag(HWSIM_ATTR_MLO_SUPPORT))), -EOPNOTSUPP);
  EXPECT_NE(text, "");
}

TEST_F(HwsimnlTest, RefusesAnAddressThatIsTaken) {
  auto with_address = [&] {
    return ask(std::move(request(HWSIM_CMD_NEW_RADIO).mac(HWSIM_ATTR_PERM_ADDR, kAddress)));
  };
  EXPECT_EQ(with_address(), 0);
  EXPECT_EQ(with_address(), -EEXIST);
  EXPECT_EQ(text, "perm addr already present");
  EXPECT_EQ(bad_offset, kHeaders);
}

TEST_F(HwsimnlTest, OnlyAdministratorsMakeAndUnmake) {
  EXPECT_EQ(ask(other, other_id, request(HWSIM_CMD_NEW_RADIO)), -EPERM);
  ask(request(HWSIM_CMD_NEW_RADIO));
  EXPECT_EQ(
      ask(other, other_id, std::move(request(HWSIM_CMD_DEL_RADIO).u32(HWSIM_ATTR_RADIO_ID, 0))),
      -EPERM);
  EXPECT_EQ(
      ask(other, other_id, std::move(request(HWSIM_CMD_GET_RADIO).u32(HWSIM_ATTR_RADIO_ID, 0))), 0);
}

TEST_F(HwsimnlTest, DeletesByNumberOrName) {
  ask(request(HWSIM_CMD_NEW_RADIO));
  ask(std::move(request(HWSIM_CMD_NEW_RADIO).bytes(HWSIM_ATTR_RADIO_NAME, Octets{'x'})));
  EXPECT_EQ(ask(request(HWSIM_CMD_DEL_RADIO)), -EINVAL);
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_DEL_RADIO).u32(HWSIM_ATTR_RADIO_ID, 7))), -ENODEV);
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_DEL_RADIO).string(HWSIM_ATTR_RADIO_NAME, "y"))),
            -ENODEV);
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_DEL_RADIO).u32(HWSIM_ATTR_RADIO_ID, 0))), 0);
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_DEL_RADIO).string(HWSIM_ATTR_RADIO_NAME, "x"))), 0);
  EXPECT_TRUE(radios.made.empty());
}

TEST_F(HwsimnlTest, GetsOneAndDumpsAll) {
  ask(std::move(request(HWSIM_CMD_NEW_RADIO).bytes(HWSIM_ATTR_REG_HINT_ALPHA2, Octets{'F', 'I'})));
  ask(request(HWSIM_CMD_NEW_RADIO));
  EXPECT_EQ(ask(request(HWSIM_CMD_GET_RADIO)), -EINVAL);
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_GET_RADIO).u32(HWSIM_ATTR_RADIO_ID, 2))), -ENODEV);
  EXPECT_EQ(ask(std::move(request(HWSIM_CMD_GET_RADIO).u32(HWSIM_ATTR_RADIO_ID, 0))), 0);
  std::vector<uint16_t> types;
  for (const auto& attribute : client.messages().front().genl_attributes())
    types.push_back(attribute.type);
  EXPECT_THAT(types, ElementsAre(HWSIM_ATTR_RADIO_ID, HWSIM_ATTR_CHANNELS,
                                 HWSIM_ATTR_REG_HINT_ALPHA2, HWSIM_ATTR_RADIO_NAME));

  client.datagrams.clear();
  bus.request(client_id,
              netlink::make_dump_request(family(), HWSIM_CMD_GET_RADIO, ++sequence).finish());
  std::vector<uint32_t> ids;
  for (const auto& message : client.messages())
    if (message.header.type == family())
      ids.push_back(*netlink::AttributeTable(message.genl_attributes()).u32(HWSIM_ATTR_RADIO_ID));
  EXPECT_THAT(ids, ElementsAre(0, 1));
}

TEST_F(HwsimnlTest, TellsTheGroupOfWhatComesAndGoes) {
  ASSERT_TRUE(bus.join(other_id, config_group()));
  ask(request(HWSIM_CMD_NEW_RADIO));
  ask(std::move(request(HWSIM_CMD_DEL_RADIO).u32(HWSIM_ATTR_RADIO_ID, 0)));
  const auto told = other.messages();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].genl()->command, HWSIM_CMD_NEW_RADIO);
  EXPECT_EQ(told[1].genl()->command, HWSIM_CMD_DEL_RADIO);
  for (const auto& message : told) {
    const netlink::AttributeTable attributes(message.genl_attributes());
    EXPECT_EQ(attributes.u32(HWSIM_ATTR_RADIO_ID), 0u);
    EXPECT_EQ(attributes.string(HWSIM_ATTR_RADIO_NAME), "phy0");
  }
}

TEST_F(HwsimnlTest, ARadioGoesWithItsMaker) {
  ask(std::move(request(HWSIM_CMD_NEW_RADIO).flag(HWSIM_ATTR_DESTROY_RADIO_ON_CLOSE)));
  ask(request(HWSIM_CMD_NEW_RADIO));
  ask(std::move(request(HWSIM_CMD_NEW_RADIO).flag(HWSIM_ATTR_DESTROY_RADIO_ON_CLOSE)));
  ask(std::move(request(HWSIM_CMD_DEL_RADIO).u32(HWSIM_ATTR_RADIO_ID, 2)));
  bus.close(other_id);
  EXPECT_EQ(radios.made.size(), 2u);
  bus.close(client_id);
  ASSERT_EQ(radios.made.size(), 1u);
  EXPECT_EQ(radios.made.begin()->first, 1u);
}

TEST_F(HwsimnlTest, NamespacesDoNotSeeEachOther) {
  FakeClient far;
  const auto far_id = bus.open(far, 5, {.net_admin = true, .pid = 300});
  ask(request(HWSIM_CMD_NEW_RADIO));
  EXPECT_EQ(ask(far, far_id, std::move(request(HWSIM_CMD_GET_RADIO).u32(HWSIM_ATTR_RADIO_ID, 0))),
            -ENODEV);
  EXPECT_EQ(ask(far, far_id, std::move(request(HWSIM_CMD_DEL_RADIO).u32(HWSIM_ATTR_RADIO_ID, 0))),
            -ENODEV);
  EXPECT_EQ(ask(far, far_id, request(HWSIM_CMD_NEW_RADIO)), 1);
  EXPECT_EQ(radios.made.at(1).ns, 5u);
}

}  // namespace
}  // namespace airloom::hwsimnl
