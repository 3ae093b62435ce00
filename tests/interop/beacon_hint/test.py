"""A beacon on a channel where the world domain lets nobody start: who hears it may answer there."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected


class BeaconHintTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw')

    def test_a_heard_beacon_opens_the_channel(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        ap.hostapd(**WPA2_AP, hw_mode='a', channel=149, country_code='US')
        before = station.run(['iw', 'phy', 'phy0', 'channels'])
        self.assertIn('No IR', before.partition('5745 MHz [149]')[2].partition('5765 MHz')[0])
        events = station.iw_events()
        connected(station.wpa_supplicant(**{**WPA2_STATION, 'scan_freq': 5745}))
        events.wait_for_line('beacon hint')
        events.wait_for_line('5745')
        after = station.run(['iw', 'phy', 'phy0', 'channels'])
        self.assertNotIn('No IR', after.partition('5745 MHz [149]')[2].partition('5765 MHz')[0])


if __name__ == '__main__':
    unittest.main()
