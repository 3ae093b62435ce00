"""One air over two daemons: hostapd on a host of one serves wpa_supplicant on a host of the other,
and a station of its own, over a routed hop, in DTLS."""

import unittest

from airloom_testing import AIRLOOM, WPA2_AP, WPA2_STATION, Scenario, connected
from tunnel_testing import ADDRESS_A, KEY, start_network


class TunnelAirTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping')

    def test_hosts_of_two_daemons_share_channels(self):
        here = self.new_lab().start_daemon()
        there = self.new_lab().start_daemon('--first-radio', '119')
        ap, near, far = here.host('ap'), here.host('near'), there.host('far')
        self.assertEqual(far.address(), '02:00:00:00:77:00')
        ap.hostapd(**WPA2_AP)
        ap.set_ip('10.9.0.1/24')
        connected(near.wpa_supplicant(**WPA2_STATION))
        near.set_ip('10.9.0.2/24')
        self.assertNotIn(ap.address(), self.scan(far))

        start_network(ap, far)
        key = ('--key', str(here.write('key', KEY)))
        ap.start([AIRLOOM, 'air', 'serve', *key], 'air').wait_for_line('the air is served')
        joining = far.start([AIRLOOM, 'air', 'join', ADDRESS_A, *key], 'air')
        joining.wait_for_line('one air with')
        connected(far.wpa_supplicant(**WPA2_STATION))
        far.set_ip('10.9.0.3/24')
        far.ping('10.9.0.1')
        far.ping('10.9.0.2')
        near.ping('10.9.0.1')
        stations = ap.run(['iw', 'dev', 'wlan0', 'station', 'dump'])
        for station in (near, far):
            self.assertIn(f'Station {station.address()}', stations)

        # Apart again, the far station loses its access point.
        joining.stop()
        self.assertEqual(far.run(['ping', '-c', '1', '-W', '1', '10.9.0.1'], status=None)
                         .count('1 received'), 0)

    def test_radios_of_one_address_are_told_of(self):
        here, there = self.new_lab().start_daemon(), self.new_lab().start_daemon()
        ap, far = here.host('ap'), there.host('far')
        there.up('first_radio = 0\n[host.far]\n')
        ap.hostapd(**WPA2_AP)
        self.assertEqual(ap.address(), far.address())
        start_network(ap, far)
        key = ('--key', str(here.write('key', KEY)))
        serving = ap.start([AIRLOOM, 'air', 'serve', *key], 'air')
        serving.wait_for_line('the air is served')
        joining = far.start([AIRLOOM, 'air', 'join', ADDRESS_A, *key], 'air')
        joining.wait_for_line('one air with')
        self.scan(far)
        for end in (serving, joining):
            end.wait_for_line(f'both sides have a radio {ap.address()}: .*first_radio')

    def scan(self, host):
        host.run(['ip', 'link', 'set', 'wlan0', 'up'])
        return host.scan('freq', '2412')


if __name__ == '__main__':
    unittest.main()
