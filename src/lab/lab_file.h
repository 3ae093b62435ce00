// A lab file as a value: hosts, their radios and addresses, airloom's own AP or station on them,
// and the programs to run. TOML; unknown keys are errors, so that a slip does not pass silently.
//
//   seed = 7                              # optional, for worlds in virtual time
//   first_radio = 256                     # optional: radios and their addresses count from here
//   [host.ap]
//   radios = 1                            # wlan0 on phy0, ...; 1 if left out
//   driver = "hwsim"                      # or "fullmac": radios with firmware; hwsim if left out
//   beacon_protection = "client"          # or "none": radios that do so as stations alone, or not
//   tx_queues = true                      # radios have transmit queues to set (iw phy X set txq)
//   address = "10.0.0.1/24"               # put on wlan0
//   [[host.ap.program]]
//   run = ["hostapd", "ap.conf"]          # started in the lab file's folder
//   ready = "AP-ENABLED"                  # optional: output that says that it is up
//   [host.sta.station]                    # airloom's own station; [host.X.access_point] likewise
//   ssid = "oracle"
//   passphrase = "correcthorsebattery"    # left out: open
//   scan = [2412]                         # optional: MHz; an access point has frequency = 2412
//   key_mgmt = ["SAE"]                    # optional, as are pairwise = ["GCMP-256", "CCMP"], an
//                                         # access point's last for groups too, and sae_pwe = 1,
//                                         # sae_groups = [19],
//                                         # ieee80211w = 2, beacon_prot = true and, on an access
//                                         # point, group_mgmt_cipher = "BIP-GMAC-128"
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hwsim/radio_spec.h"
#include "lab/radio_driver.h"
#include "sme/security.h"

namespace airloom::lab {

struct ProgramEntry {
  std::vector<std::string> run;
  std::string ready;
};

struct AccessPointEntry {
  std::string ssid;
  std::string passphrase{};  ///< empty: open
  uint32_t mhz = 2412;
  bool hidden = false;
  sme::Security security{};  ///< of a network with a passphrase; all but the psk
};

struct StationEntry {
  std::string ssid;
  std::string passphrase{};          ///< empty: open
  std::vector<uint32_t> scan_mhz{};  ///< empty: all channels
  sme::Security security{};          ///< of a network with a passphrase; all but the psk
};

struct HostEntry {
  std::string name;
  uint32_t radios = 1;
  RadioDriver driver = RadioDriver::kHwsim;  ///< of all its radios
  hwsim::RadioTraits traits;                 ///< likewise
  std::string address;                       ///< empty: none
  std::vector<ProgramEntry> programs;
  std::optional<AccessPointEntry> access_point;
  std::optional<StationEntry> station;
};

struct LabFile {
  uint64_t seed = 1;
  uint16_t first_radio = 0;
  std::vector<HostEntry> hosts;  ///< in the order of the file

  /// @param name  the file's name, for errors: "lab.toml:3: unknown key 'radio' ..."
  static Result<LabFile> parse(std::string_view text, std::string_view name);
};

/// Whether a text can name a host: 1 to 32 letters, digits, '-', '_' and '.', not starting with
/// a dot or a dash.
bool is_host_name(std::string_view text);

}  // namespace airloom::lab
