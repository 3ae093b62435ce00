"""Two stations of one AP ping each other: the AP forwards between them, group frames included."""

import unittest

from airloom_testing import WPA2_STATION, Scenario, connected, start_pair


class TwoStationsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping')

    def test_stations_reach_each_other_through_the_ap(self):
        lab = self.start_lab()
        ap, first, _, _ = start_pair(lab)
        second = lab.host('sta2')
        connected(second.wpa_supplicant(**WPA2_STATION))
        second.set_ip('10.9.0.3/24')
        self.assertEqual(set(ap.hostapd_cli('list_sta').split()),
                         {first.address(), second.address()})
        second.ping('10.9.0.1')
        first.ping('10.9.0.3')
        second.ping('10.9.0.2')


if __name__ == '__main__':
    unittest.main()
