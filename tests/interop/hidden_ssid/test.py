"""A hidden SSID: beacons carry no name, so only a probe for the very name finds the network."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, start_pair


class HiddenSsidTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ping')

    def test_a_plain_scan_sees_no_name_and_a_directed_one_connects(self):
        lab = self.start_lab()
        hidden = {**WPA2_AP, 'ignore_broadcast_ssid': 1}
        ap = lab.host('ap')
        hostapd = ap.hostapd(**hidden)
        station = lab.host('sta')
        station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        # Passive, so that the radio stays for longer than a beacon interval.
        scan = station.scan('freq', '2412', 'passive')
        self.assertIn(f'BSS {ap.address()}', scan)
        self.assertNotIn('SSID: oracle', scan)
        hostapd.stop()

        _, station, _, _ = start_pair(lab, ap=hidden, station={**WPA2_STATION, 'scan_ssid': 1})
        self.assertEqual(station.status()['ssid'], 'oracle')
        station.ping('10.9.0.1')


if __name__ == '__main__':
    unittest.main()
