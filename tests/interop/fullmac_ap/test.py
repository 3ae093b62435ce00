"""A FullMAC radio as an access point: hostapd with the device's own AP SME, and SoftMAC clients."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, wait_until

LAB = '''
[host.ap]
driver = "fullmac"
address = "10.9.0.1/24"
[host.sta]
address = "10.9.0.2/24"
[host.other]
address = "10.9.0.3/24"
'''


class FullmacApTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'wpa_cli', 'iw', 'ping')

    def setUp(self):
        super().setUp()
        self.lab = self.new_lab().start_daemon()
        self.lab.up(LAB)
        self.ap, self.sta, self.other = map(self.lab.host, ('ap', 'sta', 'other'))

    def test_wpa2_two_stations(self):
        hostapd = self.ap.hostapd(**WPA2_AP)
        for station in self.sta, self.other:
            connected(station.wpa_supplicant(**WPA2_STATION))
            hostapd.wait_for_line(f'AP-STA-CONNECTED {station.address()}')
            station.ping('10.9.0.1')
        self.sta.ping('10.9.0.3')
        dump = self.ap.run(['iw', 'dev', 'wlan0', 'station', 'dump'])
        self.assertEqual(dump.count('authorized:\tyes'), 2)
        self.assertIn(f'Station {self.sta.address()}', dump)

        # A station that leaves, and one that is sent away and comes back.
        self.sta.wpa_cli('disconnect')
        hostapd.wait_for_line(f'AP-STA-DISCONNECTED {self.sta.address()}')
        self.ap.hostapd_cli('deauthenticate', self.other.address())
        hostapd.wait_for_line(f'AP-STA-DISCONNECTED {self.other.address()}')
        hostapd.wait_for_line(f'AP-STA-CONNECTED {self.other.address()}')
        self.other.ping('10.9.0.1')


if __name__ == '__main__':
    unittest.main()
