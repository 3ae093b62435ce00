"""The tunnel over a routed hop whose links take packets of 576 octets, or of 9000, and no parts of
packets: what is longer is cut by the tunnel itself, to the length that the system knows of the
road; the access point is virtual, then the station is."""

import unittest

from tunnel_testing import WPA2, WPA3, RoutedTunnelScenario


class TunnelMtuTest(RoutedTunnelScenario):
    def check(self, ap, station, network, cut):
        self.use(ap, station, network)
        station.ping('10.9.0.1')
        self.transfer(ap, station, 0.5)
        self.check_counts()
        was_cut = any(counts.get('fragments-sent', 0) > 0 for counts in self.counts())
        self.assertEqual(was_cut, cut)

    def test_virtual_access_point_at_576(self):
        self.start('--mtu', 576)
        self.check(self.virtual, self.peer, WPA2, cut=True)

    def test_virtual_station_at_576(self):
        self.start('--mtu', 576)
        self.check(self.peer, self.virtual, WPA3, cut=True)

    def test_virtual_access_point_at_9000(self):
        self.start('--mtu', 9000)
        self.check(self.virtual, self.peer, WPA3, cut=False)

    def test_virtual_station_at_9000(self):
        self.start('--mtu', 9000)
        self.check(self.peer, self.virtual, WPA2, cut=False)


if __name__ == '__main__':
    unittest.main()
