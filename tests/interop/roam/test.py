"""Two access points of one network: a station roams, and a station is taken over."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, wait_until


class RoamTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'iw', 'ping')

    def test_a_station_roams_within_its_network(self):
        lab = self.start_lab()
        aps = [lab.host('one'), lab.host('two')]
        first = aps[0].hostapd(**WPA2_AP)
        aps[1].hostapd(**WPA2_AP, channel=6)
        for number, ap in enumerate(aps):
            ap.set_ip(f'10.9.{number}.1/24')
        station = lab.host('sta')
        bssids = [ap.address() for ap in aps]
        supplicant = connected(station.wpa_supplicant(
            **WPA2_STATION, scan_freq='2412 2437', freq_list='2412'))
        station.set_ip('10.9.0.2/24')
        station.ping('10.9.0.1')
        self.assertEqual(station.status()['bssid'], bssids[0])
        station.wpa_cli('set_network', '0', 'freq_list', '2412 2437')
        station.wpa_cli('scan')
        wait_until(lambda: bssids[1] in station.wpa_cli('scan_results'), 'the other AP is heard')
        events = station.iw_events()
        self.assertIn('OK', station.wpa_cli('roam', bssids[1]))
        supplicant.wait_for_line(f'CTRL-EVENT-CONNECTED - Connection to {bssids[1]}')
        self.assertEqual(station.status()['freq'], '2437')
        station.set_ip('10.9.1.2/24')
        station.ping('10.9.1.1')
        self.assertNotIn('AP-STA-DISCONNECTED', first.output())  # nobody says goodbye to it
        # The second AP has it, as a reassociation; back again, too.
        self.assertIn(station.address(), aps[1].run(['iw', 'dev', 'wlan0', 'station', 'dump']))
        self.assertIn('OK', station.wpa_cli('roam', bssids[0]))
        supplicant.wait_for_line(f'CTRL-EVENT-CONNECTED - Connection to {bssids[0]}')
        station.ping('10.9.0.1')
        for bssid in bssids:
            events.wait_for_line('auth ')
            events.wait_for_line('assoc ')


if __name__ == '__main__':
    unittest.main()
