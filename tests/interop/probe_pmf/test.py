"""Keys, unprotected frames and forged beacons in a WPA3 network with beacon protection."""

import unittest

from airloom_testing import PASSPHRASE, connected
from probe import MONITOR, ProbeScenario


class ProbePmfTest(ProbeScenario):
    TOOLS = ProbeScenario.TOOLS + ('hostapd', 'wpa_supplicant')
    SCRIPT = 'pmf'
    GOLDEN = 'pmf.golden'
    SETUP = MONITOR

    def start(self, host, program, *arguments):
        """Starts a program that the script can end: its number is in a file of that name."""
        number = f'echo $$ >$AIRLOOM_RUNTIME_DIR/../{program}'
        return host.start(['sh', '-c', f'{number}; exec "$@"', 'sh', program, *arguments])

    def prepare(self, host):
        lab = host.lab
        ap = lab.write_hostapd_config('ap', wpa=2, wpa_key_mgmt='SAE', rsn_pairwise='CCMP',
                                      wpa_passphrase=PASSPHRASE, ieee80211w=2, beacon_prot=1,
                                      sae_pwe=2, sae_require_mfp=1)
        self.start(host, 'hostapd', ap).wait_for_line('AP-ENABLED')
        station = lab.write_supplicant_config('sta', key_mgmt='SAE', psk=f'"{PASSPHRASE}"',
                                              ieee80211w=2, beacon_prot=1)
        connected(self.start(host, 'wpa_supplicant', '-i', 'wlan1', '-D', 'nl80211',
                             '-c', station))

    def test_answers_are_the_kernels(self):
        self.compare_with_kernel()


if __name__ == '__main__':
    unittest.main()
