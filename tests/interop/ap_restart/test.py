"""The AP goes away and comes back; the station notices, and reconnects without being told."""

import unittest

from airloom_testing import WPA2_AP, Scenario, connected, start_pair


class ApRestartTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping')

    def restart(self, stop):
        lab = self.start_lab()
        ap, station, hostapd, supplicant = start_pair(lab)
        station.ping('10.9.0.1', count=3)
        stop(hostapd)
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        ap.hostapd(**WPA2_AP)
        ap.set_ip('10.9.0.1/24')
        connected(supplicant)
        station.ping('10.9.0.1')

    def test_a_restart_says_goodbye(self):
        self.restart(lambda hostapd: hostapd.stop())

    def test_a_crash_is_noticed_by_missing_beacons_or_by_the_new_instance(self):
        self.restart(lambda hostapd: hostapd.kill())


if __name__ == '__main__':
    unittest.main()
