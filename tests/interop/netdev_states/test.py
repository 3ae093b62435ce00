"""Link states as ip shows them, and what the kernel tells when a link goes down under a station."""

import json
import unittest

from airloom_testing import WPA2_STATION, Scenario, connected, start_pair, wait_until


class NetdevStatesTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping')

    def link(self, host, name='wlan0'):
        """(operstate, carrier, link mode)."""
        entry = json.loads(host.run(['ip', '-j', 'link', 'show', name]))[0]
        return entry['operstate'], 'LOWER_UP' in entry['flags'], entry['linkmode']

    def wait_for_link(self, host, state):
        wait_until(lambda: self.link(host) == state, f'{host.name}: {state}, not {self.link(host)}')

    def test_operstate_and_carrier_through_every_state(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        self.assertEqual(self.link(station), ('DOWN', False, 'DEFAULT'))
        station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        self.assertEqual(self.link(station), ('DOWN', False, 'DEFAULT'))
        supplicant = station.wpa_supplicant(**WPA2_STATION)
        self.wait_for_link(station, ('DOWN', False, 'DORMANT'))
        hostapd = ap.hostapd(wpa=2, wpa_key_mgmt='WPA-PSK', rsn_pairwise='CCMP',
                             wpa_passphrase='correcthorsebattery')
        self.assertEqual(self.link(ap)[:2], ('UP', True))
        connected(supplicant)
        self.wait_for_link(station, ('UP', True, 'DORMANT'))
        station.wpa_cli('disconnect')
        self.wait_for_link(station, ('DOWN', False, 'DORMANT'))
        station.wpa_cli('reconnect')
        connected(supplicant)
        self.wait_for_link(station, ('UP', True, 'DORMANT'))
        supplicant.stop()
        self.wait_for_link(station, ('DOWN', False, 'DEFAULT'))
        hostapd.stop()
        wait_until(lambda: not self.link(ap)[1], 'the access point has no carrier')

    def test_a_monitors_state_is_unknown(self):
        host = self.start_lab().host('one')
        host.run(['iw', 'dev', 'wlan0', 'interface', 'add', 'mon0', 'type', 'monitor'])
        for _ in range(2):  # as often as it comes up
            host.run(['ip', 'link', 'set', 'mon0', 'up'])
            self.assertEqual(self.link(host, 'mon0'), ('UNKNOWN', True, 'DEFAULT'))
            host.run(['ip', 'link', 'set', 'mon0', 'down'])
            self.assertEqual(self.link(host, 'mon0')[0], 'DOWN')

    def test_a_link_that_goes_down_under_a_station(self):
        lab = self.start_lab()
        ap, station, hostapd, supplicant = start_pair(lab)
        events = station.iw_events()
        address = station.address()
        station.run(['ip', 'link', 'set', 'wlan0', 'down'])
        events.wait_for_line(r'deauth .* reason 3')
        events.wait_for_line(r'disconnected \(local request\) reason: 3')
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED .*reason=3 locally_generated=1')
        hostapd.wait_for_line(f'AP-STA-DISCONNECTED {address}')
        self.assertIn('Not connected', station.run(['iw', 'dev', 'wlan0', 'link']))
        self.assertNotIn(address, ap.run(['iw', 'dev', 'wlan0', 'station', 'dump']))
        station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        connected(supplicant)
        station.ping('10.9.0.1')

    def test_a_link_that_goes_down_under_an_access_point(self):
        lab = self.start_lab()
        ap, _, hostapd, supplicant = start_pair(lab)
        events = ap.iw_events()
        ap.run(['ip', 'link', 'set', 'wlan0', 'down'])
        events.wait_for_line('stop ap')
        hostapd.wait_for_line('INTERFACE-DISABLED')
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        self.assertNotIn('channel', ap.run(['iw', 'dev', 'wlan0', 'info']))


if __name__ == '__main__':
    unittest.main()
