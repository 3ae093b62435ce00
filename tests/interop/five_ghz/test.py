"""Channel 36 in the 5 GHz band."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, start_pair


class FiveGhzTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ping')

    def test_connects_and_pings_on_channel_36(self):
        lab = self.start_lab()
        ap, station, _, _ = start_pair(
            lab, ap={**WPA2_AP, 'hw_mode': 'a', 'channel': 36, 'country_code': 'US'},
            station={**WPA2_STATION, 'scan_freq': 5180})
        self.assertEqual(station.status()['freq'], '5180')
        self.assertIn('channel 36 (5180 MHz)', ap.run(['iw', 'dev', 'wlan0', 'info']))
        station.ping('10.9.0.1')
        for host in (ap, station):  # which nobody has asked for: there are no others here
            self.assertRegex(host.run(['iw', 'dev', 'wlan0', 'station', 'dump']),
                             r'short slot time:\s*yes')


if __name__ == '__main__':
    unittest.main()
