"""A FullMAC radio as an access point: hostapd with the device's own AP SME, and SoftMAC clients."""

import unittest

from airloom_testing import (OPEN_STATION, PASSPHRASE, WPA2_AP, WPA2_STATION, Scenario, connected,
                             wait_until)

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

    def stations(self):
        return self.ap.run(['iw', 'dev', 'wlan0', 'station', 'dump'])

    def test_wpa2_two_stations(self):
        hostapd = self.ap.hostapd(**WPA2_AP)
        for station in self.sta, self.other:
            connected(station.wpa_supplicant(**WPA2_STATION))
            hostapd.wait_for_line(f'AP-STA-CONNECTED {station.address()}')
            station.ping('10.9.0.1')
        self.sta.ping('10.9.0.3')
        dump = self.stations()
        self.assertEqual(dump.count('authorized:\tyes'), 2)
        self.assertIn(f'Station {self.sta.address()}', dump)

        # A station that leaves, and one that is sent away and comes back.
        self.sta.wpa_cli('disconnect')
        hostapd.wait_for_line(f'AP-STA-DISCONNECTED {self.sta.address()}')
        self.assertNotIn(self.sta.address(), self.stations())
        self.ap.hostapd_cli('deauthenticate', self.other.address())
        hostapd.wait_for_line(f'AP-STA-DISCONNECTED {self.other.address()}')
        hostapd.wait_for_line(f'AP-STA-CONNECTED {self.other.address()}')
        self.other.ping('10.9.0.1')

    def test_open_and_hidden(self):
        hostapd = self.ap.hostapd(ignore_broadcast_ssid=1)
        connected(self.sta.wpa_supplicant(**OPEN_STATION, scan_ssid=1))
        hostapd.wait_for_line(f'AP-STA-CONNECTED {self.sta.address()}')
        self.sta.ping('10.9.0.1')
        self.assertIn('authorized:\tyes', self.stations())

    def test_pmf(self):
        """The firmware protects its own frames with the keys that hostapd gave it."""
        pmf = {'ieee80211w': 2}
        hostapd = self.ap.hostapd(**WPA2_AP | {'wpa_key_mgmt': 'WPA-PSK-SHA256'} | pmf)
        supplicant = connected(
            self.sta.wpa_supplicant(**WPA2_STATION | {'key_mgmt': 'WPA-PSK-SHA256'} | pmf))
        self.sta.ping('10.9.0.1')
        self.assertIn('MFP:\t\tyes', self.stations())
        for whom in self.sta.address(), 'ff:ff:ff:ff:ff:ff':
            supplicant.skip_to_now()
            self.ap.hostapd_cli('deauthenticate', whom)
            supplicant.wait_for_line(r'CTRL-EVENT-DISCONNECTED .*reason=2\b(?!.*locally_generated)')
            connected(supplicant)
            hostapd.wait_for_line(f'AP-STA-CONNECTED {self.sta.address()}')
        self.sta.ping('10.9.0.1')

    def test_wrong_passphrase(self):
        hostapd = self.ap.hostapd(**WPA2_AP)
        supplicant = self.sta.wpa_supplicant(
            key_mgmt='WPA-PSK', psk=f'"{PASSPHRASE[::-1]}"')
        supplicant.wait_for_line('WRONG_KEY', 60)
        self.assertNotIn('AP-STA-CONNECTED', hostapd.output())

    def test_end_and_return(self):
        """hostapd ends, its stations hear of it, and it may start again."""
        hostapd = self.ap.hostapd(**WPA2_AP)
        supplicant = connected(self.sta.wpa_supplicant(**WPA2_STATION))
        hostapd.stop()
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        wait_until(lambda: self.stations() == '', 'the access point has no stations')
        self.ap.hostapd(**WPA2_AP)
        connected(supplicant)
        self.sta.ping('10.9.0.1')


if __name__ == '__main__':
    unittest.main()
