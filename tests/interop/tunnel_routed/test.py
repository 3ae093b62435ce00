"""The tunnel over a routed hop between two machines (a daemon each) that loses, delays, reorders
and doubles packets: the access point is virtual, then the station is; WPA2 and WPA3, ping and
iperf3. tc's netem is not in every kernel: bad_network.py does what it would."""

import unittest

from airloom_testing import wait_until
from tunnel_testing import (BAD_NETWORK, PINGS_LEAST, WPA2, WPA3, RoutedTunnelScenario,
                            ping_share)


class TunnelRoutedTest(RoutedTunnelScenario):
    def ping_on_a_bad_network(self, station):
        """As many come back as the network lets through. Not always at once: a station whose last
        message of the handshake was lost joins a second time."""
        wait_until(lambda: ping_share(station, '10.9.0.1') > PINGS_LEAST, 'the pings come back')

    def check_bad_network_is_told_of(self, station):
        """Both ends count what the network did, once it has done it to both: what came twice was
        refused by DTLS as a replay."""
        def is_told():
            ping_share(station, '10.9.0.1')
            return all(counts.get(what, 0) > 0 for counts in self.counts()
                       for what in ('lost', 'reordered', 'refused'))

        wait_until(is_told, 'both ends count what was lost, reordered and doubled')
        self.check_counts()

    def check_on_a_bad_network(self, ap, station, network):
        self.use(ap, station, network)
        self.ping_on_a_bad_network(station)
        self.transfer(ap, station, 0.1)
        self.check_bad_network_is_told_of(station)

    def test_virtual_access_point_wpa2_on_a_bad_network(self):
        self.start(*BAD_NETWORK)
        self.check_on_a_bad_network(self.virtual, self.peer, WPA2)

    def test_virtual_access_point_wpa3_on_a_bad_network(self):
        self.start(*BAD_NETWORK)
        self.check_on_a_bad_network(self.virtual, self.peer, WPA3)

    def test_virtual_station_wpa2_on_a_bad_network(self):
        self.start(*BAD_NETWORK)
        self.check_on_a_bad_network(self.peer, self.virtual, WPA2)

    def test_virtual_station_wpa3_on_a_bad_network(self):
        self.start(*BAD_NETWORK)
        self.check_on_a_bad_network(self.peer, self.virtual, WPA3)


if __name__ == '__main__':
    unittest.main()
