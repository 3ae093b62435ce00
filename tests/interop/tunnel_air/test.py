"""One air over two daemons: hostapd on a host of one serves wpa_supplicant on a host of the other,
and a station of its own, over a routed hop, in DTLS."""

import signal
import unittest

from airloom_testing import (AIRLOOM, WPA2_AP, WPA2_STATION, Scenario, connected, wait_until)
from tunnel_testing import (ADDRESS_A, ADDRESS_B, BAD_NETWORK, KEY, PINGS_LEAST, ping_share,
                            start_network)


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

    def share(self, *network):
        """An access point on a host of one daemon, which serves its air, and a host of another
        daemon."""
        self.here, self.there = self.new_lab().start_daemon(), self.new_lab()
        self.ap, self.network = self.here.host('ap'), network
        self.ap.hostapd(**WPA2_AP)
        self.ap.set_ip('10.9.0.1/24')
        self.key = ('--key', str(self.here.write('key', KEY)))
        self.ap.start([AIRLOOM, 'air', 'serve', *self.key], 'air').wait_for_line(
            'the air is served')
        return self.start_there('far')

    def start_there(self, name):
        """The other daemon and a host of it, with a road to the first one."""
        self.there.start_daemon('--first-radio', '119')
        far = self.there.host(name)
        self.road = start_network(self.ap, far, *self.network)
        return far

    def join(self, far):
        joining = far.start([AIRLOOM, 'air', 'join', ADDRESS_A, *self.key], 'air')
        joining.wait_for_line('one air with')
        connected(far.wpa_supplicant(**WPA2_STATION), seconds=120)
        far.set_ip('10.9.0.3/24')
        return joining

    def test_a_network_that_loses_reorders_and_doubles(self):
        far = self.share(*BAD_NETWORK)
        joining = self.join(far)
        wait_until(lambda: ping_share(far, '10.9.0.1') > PINGS_LEAST, 'the pings come back')
        self.assertEqual(joining.output().count('one air with'), 1)
        self.assertNotIn('silent', joining.output())

    def test_a_daemon_that_restarts(self):
        far = self.share()
        self.join(far)
        far.ping('10.9.0.1')
        address = far.address()
        self.there.daemon.kill()
        self.road.kill()
        again = self.start_there('again')
        self.assertEqual(again.address(), address)
        self.join(again)
        again.ping('10.9.0.1')

    def test_another_key_joins_nothing(self):
        far = self.share()
        other = str(self.there.write('key', 'another key that is as long\n'))
        stranger = far.start([AIRLOOM, 'air', 'join', ADDRESS_A, '--key', other], 'air')
        stranger.wait_for_line('does not answer, or its key is another')
        self.assertNotIn(self.ap.address(), self.scan(far))
        stranger.stop(signal.SIGINT)
        self.join(far)
        far.ping('10.9.0.1')

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

    def test_a_daemon_shares_its_air_with_one_other(self):
        far = self.share()
        joining = self.join(far)
        for host, words, does in (
                (far, ('join', ADDRESS_A), f'joins the air of {ADDRESS_A}:5246'),
                (far, ('serve',), f'joins the air of {ADDRESS_A}:5246'),
                (self.ap, ('join', ADDRESS_B), 'serves its air at'),
                (self.ap, ('serve', '--listen', f'{ADDRESS_A}:6000'), 'serves its air at')):
            with self.subTest(host=host.name, words=words):
                second = host.start([AIRLOOM, 'air', *words, *self.key], 'second')
                self.assertNotEqual(second.wait(), 0)
                self.assertRegex(second.output(), f'this daemon {does}.* already: it shares its '
                                                  'air with one other at a time')
        far.ping('10.9.0.1')
        # Once it has ended, the ends may be the other way round.
        joining.stop()
        far.start([AIRLOOM, 'air', 'serve', *self.key], 'air').wait_for_line('the air is served')

    def scan(self, host):
        host.run(['ip', 'link', 'set', 'wlan0', 'up'])
        return host.scan('freq', '2412')


if __name__ == '__main__':
    unittest.main()
