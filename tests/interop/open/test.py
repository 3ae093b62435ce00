"""An open network: no keys, and traffic in the clear."""

import unittest

from airloom_testing import OPEN_STATION, Scenario, start_pair


class OpenTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping')

    def test_connects_and_pings(self):
        lab = self.start_lab()
        ap, station, _, _ = start_pair(lab, ap={}, station=OPEN_STATION)
        status = station.status()
        self.assertEqual(status['wpa_state'], 'COMPLETED')
        self.assertEqual(status['key_mgmt'], 'NONE')
        station.ping('10.9.0.1')
        ap.ping('10.9.0.2')


if __name__ == '__main__':
    unittest.main()
