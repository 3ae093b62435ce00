"""The tunnel over a routed hop between two machines (a daemon each) that loses, delays, reorders
and doubles packets: the access point is virtual, then the station is; WPA2 and WPA3, ping and
iperf3."""

import re
import unittest

from airloom_testing import (LONG, PASSPHRASE, WPA2_AP, WPA2_STATION, Scenario, connected,
                             iperf3, wait_until)
from tunnel_testing import ADDRESS_A, KEY, Tunnel, start_network

WPA3_AP = {**WPA2_AP, 'wpa_key_mgmt': 'SAE', 'ieee80211w': 2, 'sae_pwe': 2}
WPA3_STATION = {'key_mgmt': 'SAE', 'sae_password': f'"{PASSPHRASE}"', 'ieee80211w': 2, 'psk': None}
# As tc's netem would: 20 ms each way, and of the packets so many in a hundred.
BAD = ('--delay', 20, '--loss', 5, '--reorder', 25, '--duplicate', 2)
PINGS_LEAST = 0.7  # an echo crosses the network twice
SECONDS = 30 if LONG else 4


class TunnelRoutedTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'iperf3')

    def start(self, *network):
        """A machine with a radio and a peer at its air, another with the stack, a hop between."""
        here, there = self.new_lab().start_daemon(), self.new_lab().start_daemon()
        self.real, self.peer = here.host('real'), here.host('peer')
        self.virtual = there.host('virtual')
        there.up('[host.virtual]\nradios = 0\n')
        start_network(self.real, self.virtual, *network)
        key = ('--key', str(here.write('key', KEY)))
        self.tunnel = Tunnel(self.real, self.virtual, key, to=ADDRESS_A, joiner=self.virtual)
        self.tunnel.join()

    def use(self, ap, station, ap_options, station_options):
        ap.hostapd(**ap_options)
        ap.set_ip('10.9.0.1/24')
        connected(station.wpa_supplicant(**station_options), seconds=120)
        station.set_ip('10.9.0.2/24')

    def ping_share(self, station):
        """The share of pings that come back."""
        output = station.run(['ping', '-c', '25', '-i', '0.2', '-W', '2', '10.9.0.1'], status=None)
        return int(re.search(r'(\d+) received', output)[1]) / 25

    def ping_on_a_bad_network(self, station):
        """As many come back as the network lets through. Not always at once: a station whose last
        message of the handshake was lost joins a second time."""
        wait_until(lambda: self.ping_share(station) > PINGS_LEAST, 'the pings come back')

    def transfer(self, server, client, least_mbit):
        end = iperf3(server, client, '10.9.0.1', SECONDS)
        mbit = end['sum_received']['bits_per_second'] / 1e6
        print(f'TCP from {client.name}: {mbit:.1f} Mbit/s')
        self.assertGreater(mbit, least_mbit)

    def counts(self):
        return self.tunnel.joined_status()['counts'], self.tunnel.served_status()

    def check_counts(self):
        """Neither end was deceived by what the network did."""
        for counts in self.counts():
            self.assertEqual(counts['sessions'], 1)
            self.assertNotIn('sessions-lost', counts)
            self.assertNotIn('malformed', counts)

    def check_bad_network_is_told_of(self, station):
        """Both ends count what the network did, once it has done it to both."""
        def is_told():
            self.ping_share(station)
            return all(counts.get(what, 0) > 0 for counts in self.counts()
                       for what in ('lost', 'reordered', 'duplicate'))

        wait_until(is_told, 'both ends count what was lost, reordered and doubled')
        self.check_counts()

    def test_virtual_access_point_wpa2(self):
        self.start()
        self.use(self.virtual, self.peer, WPA2_AP, WPA2_STATION)
        self.peer.ping('10.9.0.1')
        self.transfer(self.virtual, self.peer, 0.5)
        self.check_counts()

    def test_virtual_access_point_wpa3_on_a_bad_network(self):
        self.start(*BAD)
        self.use(self.virtual, self.peer, WPA3_AP, WPA3_STATION)
        self.ping_on_a_bad_network(self.peer)
        self.transfer(self.virtual, self.peer, 0.1)
        self.check_bad_network_is_told_of(self.peer)

    def test_virtual_station_wpa3(self):
        self.start('--mtu', 1280)
        self.use(self.peer, self.virtual, WPA3_AP, WPA3_STATION)
        self.virtual.ping('10.9.0.1')
        self.transfer(self.peer, self.virtual, 0.5)
        self.check_counts()
        self.assertGreater(self.tunnel.joined_status()['counts']['fragments-sent'], 0)

    def test_virtual_station_wpa2_on_a_bad_network(self):
        self.start(*BAD)
        self.use(self.peer, self.virtual, WPA2_AP, WPA2_STATION)
        self.ping_on_a_bad_network(self.virtual)
        self.transfer(self.peer, self.virtual, 0.1)
        self.check_bad_network_is_told_of(self.virtual)


if __name__ == '__main__':
    unittest.main()
