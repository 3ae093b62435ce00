"""A FullMAC radio as a station: iw scan, and wpa_supplicant over CONNECT to a SoftMAC hostapd."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected

LAB = '''
[host.ap]
address = "10.9.0.1/24"
[host.sta]
driver = "fullmac"
address = "10.9.0.2/24"
'''


class FullmacStationTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'wpa_cli', 'iw', 'ping')

    def setUp(self):
        super().setUp()
        self.lab = self.new_lab().start_daemon()
        self.lab.up(LAB)
        self.ap, self.sta = self.lab.host('ap'), self.lab.host('sta')

    def test_capabilities(self):
        listing = self.sta.run(['iw', 'list'])
        commands = listing.split('Supported commands:')[1].split('software interface modes')[0]
        for command in ('connect', 'disconnect', 'new_key', 'start_ap'):
            self.assertIn(f'* {command}\n', commands)
        for command in ('authenticate', 'associate', 'deauthenticate', 'new_station'):
            self.assertNotIn(f'* {command}\n', commands)

    def test_wpa2(self):
        self.ap.hostapd(**WPA2_AP)
        self.sta.run(['ip', 'link', 'set', 'wlan0', 'up'])
        scan = self.sta.run(['iw', 'dev', 'wlan0', 'scan', 'freq', '2412'])
        self.assertIn(f'BSS {self.ap.address()}', scan)
        connected(self.sta.wpa_supplicant(**WPA2_STATION))
        self.sta.ping('10.9.0.1')
        self.assertIn(f'Connected to {self.ap.address()}', self.sta.run(['iw', 'wlan0', 'link']))
        self.assertIn(self.sta.address(), self.ap.hostapd_cli('all_sta'))


if __name__ == '__main__':
    unittest.main()
