"""A station that lost its state comes back while its access point still has it, under PMF."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, start_pair, wait_until

GROUP = '/sys/kernel/debug/ieee80211/phy0/hwsim/group'
PMF = {'ieee80211w': 2}


class SaQueryTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ping')

    def set_group(self, station, group):
        """Radios of different groups do not hear each other."""
        station.run(['sh', '-c', f'echo {group} > {GROUP}'])

    def test_the_access_point_asks_before_it_lets_go(self):
        lab = self.start_lab()
        ap, station, hostapd, supplicant = start_pair(
            lab, {**WPA2_AP, **PMF, 'wpa_key_mgmt': 'WPA-PSK-SHA256'},
            {**WPA2_STATION, **PMF, 'key_mgmt': 'WPA-PSK-SHA256'})
        hostapd.wait_for_line('AP-STA-CONNECTED')
        station.ping('10.9.0.1', count=3)

        # Its farewell is lost, and its keys with it.
        self.set_group(station, 2)
        station.wpa_cli('disconnect')
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        self.set_group(station, 1)
        self.assertIn(station.address(), ap.run(['iw', 'dev', 'wlan0', 'station', 'dump']))

        events = station.iw_events()
        station.wpa_cli('reconnect')
        # [802.11-2020 11.3.5.3] "rejected temporarily; try again later"
        events.wait_for_line(f'assoc comeback bssid {ap.address()} timeout [1-9]')
        connected(supplicant)
        station.ping('10.9.0.1', count=3)

    def test_a_station_that_answers_keeps_its_association(self):
        lab = self.start_lab()
        ap, station, hostapd, supplicant = start_pair(
            lab, {**WPA2_AP, **PMF, 'wpa_key_mgmt': 'WPA-PSK-SHA256'},
            {**WPA2_STATION, **PMF, 'key_mgmt': 'WPA-PSK-SHA256'})
        hostapd.wait_for_line('AP-STA-CONNECTED')
        # Somebody with its address asks to associate: the true one answers the query.
        impostor = lab.host('impostor')
        impostor.run(['ip', 'link', 'set', 'wlan0', 'address', station.address()])
        claim = impostor.wpa_supplicant(**{**WPA2_STATION, **PMF, 'key_mgmt': 'WPA-PSK-SHA256'})
        claim.wait_for_line('CTRL-EVENT-SSID-TEMP-DISABLED .*reason=CONN_FAILED')
        self.assertNotIn('CTRL-EVENT-CONNECTED', claim.output())
        claim.stop()
        station.ping('10.9.0.1', count=3)
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())
        wait_until(lambda: station.status()['wpa_state'] == 'COMPLETED', 'it stays')


if __name__ == '__main__':
    unittest.main()
