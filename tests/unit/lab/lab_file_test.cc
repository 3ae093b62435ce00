#include "lab/lab_file.h"

#include <gtest/gtest.h>

namespace airloom::lab {
namespace {

TEST(LabFile, ReadsHostsInTheOrderOfTheFile) {
  const auto lab = LabFile::parse(R"(
seed = 7
first_radio = 256
[host.sta]
address = "fd00::2/64"
[[host.sta.program]]
run = ["wpa_supplicant", "-i", "wlan0"]
ready = "CONNECTED"
[[host.sta.program]]
run = ["iw", "event"]
[host.ap]
radios = 2
driver = "fullmac"
beacon_protection = "client"
address = "10.0.0.1/24"
)",
                                  "lab.toml");
  ASSERT_TRUE(lab) << lab.error().text;
  EXPECT_EQ(lab->seed, 7u);
  EXPECT_EQ(lab->first_radio, 256u);
  ASSERT_EQ(lab->hosts.size(), 2u);
  const HostEntry& station = lab->hosts[0];
  EXPECT_EQ(station.name, "sta");
  EXPECT_EQ(station.radios, 1u);
  EXPECT_EQ(station.address, "fd00::2/64");
  ASSERT_EQ(station.programs.size(), 2u);
  EXPECT_EQ(station.programs[0].run, (std::vector<std::string>{"wpa_supplicant", "-i", "wlan0"}));
  EXPECT_EQ(station.programs[0].ready, "CONNECTED");
  EXPECT_EQ(station.programs[1].ready, "");
  EXPECT_EQ(lab->hosts[1].name, "ap");
  EXPECT_EQ(lab->hosts[1].radios, 2u);
  EXPECT_EQ(station.driver, RadioDriver::kHwsim);
  EXPECT_EQ(lab->hosts[1].driver, RadioDriver::kFullmac);
  EXPECT_EQ(station.traits.beacon_protection, hwsim::BeaconProtection::kBothSides);
  EXPECT_EQ(lab->hosts[1].traits.beacon_protection, hwsim::BeaconProtection::kStation);
}

TEST(LabFile, ReadsAirloomsOwnAccessPointAndStation) {
  const auto lab = LabFile::parse(R"(
[host.ap.access_point]
ssid = "oracle"
passphrase = "correcthorsebattery"
frequency = 5180
hidden = true
[host.sta]
tx_queues = true
[host.sta.station]
ssid = "oracle"
scan = [2412, 5180]
)",
                                  "lab.toml");
  ASSERT_TRUE(lab) << lab.error().text;
  ASSERT_TRUE(lab->hosts[0].access_point);
  EXPECT_EQ(lab->hosts[0].access_point->ssid, "oracle");
  EXPECT_EQ(lab->hosts[0].access_point->passphrase, "correcthorsebattery");
  EXPECT_EQ(lab->hosts[0].access_point->mhz, 5180u);
  EXPECT_TRUE(lab->hosts[0].access_point->hidden);
  ASSERT_TRUE(lab->hosts[1].station);
  EXPECT_FALSE(lab->hosts[0].traits.tx_queues);
  EXPECT_TRUE(lab->hosts[1].traits.tx_queues);
  EXPECT_EQ(lab->hosts[1].station->passphrase, "");
  EXPECT_EQ(lab->hosts[1].station->scan_mhz, (std::vector<uint32_t>{2412, 5180}));
}

TEST(LabFile, ReadsHowANetworkIsProtected) {
  const auto lab = LabFile::parse(R"(
[host.ap.access_point]
ssid = "oracle"
passphrase = "correcthorsebattery"
key_mgmt = ["SAE", "WPA-PSK"]
pairwise = ["GCMP-256", "CCMP"]
sae_pwe = 1
sae_groups = [20, 19]
ieee80211w = 1
group_mgmt_cipher = "BIP-GMAC-256"
beacon_prot = true
[host.sta.station]
ssid = "oracle"
passphrase = "correcthorsebattery"
)",
                                  "lab.toml");
  ASSERT_TRUE(lab) << lab.error().text;
  const sme::Security& ap = lab->hosts[0].access_point->security;
  EXPECT_EQ(ap.akms, (std::vector<uint32_t>{ieee80211::akm::kSae, ieee80211::akm::kPsk}));
  EXPECT_EQ(ap.pairwise,
            (std::vector<uint32_t>{ieee80211::cipher::kGcmp256, ieee80211::cipher::kCcmp128}));
  EXPECT_EQ(ap.sae_pwe, sme::SaePwe::kHashToElement);
  EXPECT_EQ(ap.sae_groups, (std::vector<uint16_t>{20, 19}));
  EXPECT_EQ(ap.pmf, sme::Pmf::kCapable);
  EXPECT_EQ(ap.group_management, ieee80211::cipher::kBipGmac256);
  EXPECT_TRUE(ap.beacon_protection);
  const sme::Security& station = lab->hosts[1].station->security;
  EXPECT_EQ(station.akms, (std::vector<uint32_t>{ieee80211::akm::kPsk}));
  EXPECT_EQ(station.pairwise, (std::vector<uint32_t>{ieee80211::cipher::kCcmp128}));
  EXPECT_EQ(station.pmf, sme::Pmf::kOff);
  EXPECT_FALSE(station.beacon_protection);
}

struct BadFile {
  const char* text;
  const char* where;
  const char* what;
};

void PrintTo(const BadFile& file, std::ostream* out) {
  *out << file.what;
}

class BadLabFile : public testing::TestWithParam<BadFile> {};

TEST_P(BadLabFile, IsRefusedWithTheLineAndWhatIsWrong) {
  const auto lab = LabFile::parse(GetParam().text, "lab.toml");
  ASSERT_FALSE(lab);
  EXPECT_EQ(lab.error().text.rfind(GetParam().where, 0), 0u) << lab.error().text;
  EXPECT_NE(lab.error().text.find(GetParam().what), std::string::npos) << lab.error().text;
  EXPECT_EQ(lab.error().text.find('\n'), std::string::npos) << lab.error().text;
}

INSTANTIATE_TEST_SUITE_P(
    Errors, BadLabFile,
    testing::Values(
        BadFile{"[host.ap\n", "lab.toml:1: ", ""},
        BadFile{"[.ap]\n", "lab.toml:1: ", "expected bare key"},
        BadFile{"[host.\xEF\xBB\xB6]\n", "lab.toml:1: ", "expected bare key"},
        BadFile{"[h\u00f6st]\n", "lab.toml:1: ", "expected ']'"},
        BadFile{"a.[b\n", "lab.toml:1: ", ""}, BadFile{"= 1\n", "lab.toml:1: ", ""},
        BadFile{"a = [.]\n", "lab.toml:1: ", ""}, BadFile{"a = {.b = 1}\n", "lab.toml:1: ", ""},
        BadFile{"", "lab.toml: ", "no [host.NAME]"},
        BadFile{"host = 1\n", "lab.toml: ", "no [host.NAME]"},
        BadFile{"hosts = 1\n[host.ap]\n", "lab.toml:1: ", "unknown key 'hosts'; known here: seed"},
        BadFile{"first_radio = 70000\n[host.ap]\n",
                "lab.toml:1: ", "'first_radio' is a whole number"},
        BadFile{"seed = -1\n[host.ap]\n", "lab.toml:1: ", "'seed' is a whole number"},
        BadFile{"[host.ap]\nbeacon_protection = true\n",
                "lab.toml:2: ", "'beacon_protection' is \"client\" or \"none\""},
        BadFile{"[host.ap]\ndriver = \"softmac\"\n",
                "lab.toml:2: ", "'driver' is \"hwsim\" or \"fullmac\""},
        BadFile{"[host.ap]\ndriver = \"fullmac\"\n[host.ap.station]\nssid = \"x\"\n",
                "lab.toml:1: ", "need radios without firmware"},
        BadFile{"[host.ap]\ntx_queues = 1\n", "lab.toml:2: ", "'tx_queues'"},
        BadFile{"[host.ap]\ndriver = \"fullmac\"\ntx_queues = true\n",
                "lab.toml:1: ", "tx_queues are of radios without firmware"},
        BadFile{"[host.ap]\nradio = 1\n", "lab.toml:2: ", "unknown key 'host.ap.radio'"},
        BadFile{"[host.ap]\nradios = \"one\"\n", "lab.toml:2: ", "'radios' is a whole number"},
        BadFile{"[host.ap]\nradios = 65\n", "lab.toml:2: ", "from 0 to 64"},
        BadFile{"[host.\"a/b\"]\n", "lab.toml:1: ", "'a/b' cannot name a host"},
        BadFile{"[host.\"\"]\n", "lab.toml:1: ", "cannot name a host"},
        BadFile{"[host]\nap = 1\n", "lab.toml:2: ", "'ap' is a table"},
        BadFile{"[host.ap]\naddress = \"10.0.0.300/24\"\n", "lab.toml:2: ", "'10.0.0.300/24'"},
        BadFile{"[host.ap]\naddress = \"10.0.0.1\"\n", "lab.toml:2: ", "prefix length"},
        BadFile{"[host.ap]\naddress = \"10.0.0.1/33\"\n", "lab.toml:2: ", "prefix length"},
        BadFile{"[host.ap]\naddress = \"fd00::1/129\"\n", "lab.toml:2: ", "prefix length"},
        BadFile{"[host.ap]\naddress = \"fd00:::1/64\"\n", "lab.toml:2: ", "prefix length"},
        BadFile{"[host.ap]\naddress = \"1:2:3:4:5:6:7/64\"\n", "lab.toml:2: ", "prefix length"},
        BadFile{"[host.ap]\naddress = \"10.0.0.1/24 \"\n", "lab.toml:2: ", "prefix length"},
        BadFile{"[host.ap]\nprogram = \"hostapd\"\n", "lab.toml:2: ", "[[host.NAME.program]]"},
        BadFile{"[[host.ap.program]]\nready = \"x\"\n", "lab.toml:1: ", "needs run"},
        BadFile{"[[host.ap.program]]\nrun = []\n", "lab.toml:1: ", "needs run"},
        BadFile{"[[host.ap.program]]\nrun = \"iw\"\n", "lab.toml:1: ", "needs run"},
        BadFile{"[[host.ap.program]]\nrun = [\"iw\", 1]\n", "lab.toml:2: ", "'run' is a text"},
        BadFile{"[[host.ap.program]]\nrun = [\"iw\"]\nreedy = 1\n",
                "lab.toml:3: ", "unknown key 'program.reedy'"},
        BadFile{"[host.ap.access_point]\n", "lab.toml:1: ", "an ssid is missing"},
        BadFile{"[host.ap.access_point]\nssid = \"x\"\npassphrase = \"short\"\n",
                "lab.toml:3: ", "8 to 63"},
        BadFile{"[host.ap.access_point]\nssid = \"x\"\nfrequency = 1\n",
                "lab.toml:3: ", "'frequency' is a whole number"},
        BadFile{"[host.ap.access_point]\nssid = \"x\"\nhidden = 1\n",
                "lab.toml:3: ", "true or false"},
        BadFile{"[host.a.station]\nssid = \"x\"\nieee80211w = 3\n", "lab.toml:3: ", "from 0 to 2"},
        BadFile{"[host.a.station]\nssid = \"x\"\nkey_mgmt = \"SAE\"\n",
                "lab.toml:3: ", "'key_mgmt' is a list"},
        BadFile{"[host.a.station]\nssid = \"x\"\nkey_mgmt = [\"WPA-EAP\"]\n",
                "lab.toml:3: ", "'key_mgmt' is one of WPA-PSK, WPA-PSK-SHA256, SAE"},
        BadFile{"[host.a.station]\nssid = \"x\"\nsae_groups = [22]\n",
                "lab.toml:3: ", "from 19 to 21"},
        BadFile{"[host.a.station]\nssid = \"x\"\nsae_groups = []\n", "lab.toml:3: ", "a list"},
        BadFile{"[host.a.station]\nssid = \"x\"\ngroup_mgmt_cipher = \"BIP-GMAC-128\"\n",
                "lab.toml:3: ", "unknown key"},
        BadFile{"[host.a.access_point]\nssid = \"x\"\nbeacon_prot = true\n",
                "lab.toml:1: ", "'beacon_prot' needs 'ieee80211w'"},
        BadFile{"[host.a.access_point]\nssid = \"x\"\nieee80211w = 1\ngroup_mgmt_cipher = \"x\"\n",
                "lab.toml:4: ", "is one of AES-128-CMAC"},
        BadFile{"[host.a.station]\nssid = \"123456789012345678901234567890123\"\n",
                "lab.toml:2: ", "1 to 32"},
        BadFile{"[host.a.station]\nssid = \"x\"\nscan = 2412\n", "lab.toml:3: ", "a list"},
        BadFile{"[host.a.station]\nssid = \"x\"\n[host.a.access_point]\nssid = \"x\"\n",
                "lab.toml:", "not both"},
        BadFile{"[host.a]\nradios = 0\naddress = \"10.0.0.1/24\"\n",
                "lab.toml:1: ", "without radios"}));

TEST(LabFile, KnowsWhatCanNameAHost) {
  for (const char* good : {"ap", "sta-1", "a.b", "A_9"}) EXPECT_TRUE(is_host_name(good)) << good;
  for (const char* bad : {"", ".", "..", "-a", "a/b", "a b", "\xc3\xa4", "a\n"})
    EXPECT_FALSE(is_host_name(bad)) << bad;
  EXPECT_TRUE(is_host_name(std::string(32, 'a')));
  EXPECT_FALSE(is_host_name(std::string(33, 'a')));
}

}  // namespace
}  // namespace airloom::lab
