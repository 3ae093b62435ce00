"""The tunnel over a routed hop between two machines (a daemon each) that loses, delays, reorders and
doubles packets: the access point is virtual, then the station is; WPA2 and WPA3, ping and iperf3."""

import re
import unittest

from airloom_testing import (AIRLOOM, PASSPHRASE, WPA2_AP, WPA2_STATION, Lab, Scenario, connected,
                             iperf3)
from tunnel_testing import ADDRESS_A, KEY, Tunnel, start_network

WPA3_AP = {**WPA2_AP, 'wpa_key_mgmt': 'SAE', 'ieee80211w': 2, 'sae_pwe': 2}
WPA3_STATION = {'key_mgmt': 'SAE', 'sae_password': f'"{PASSPHRASE}"', 'ieee80211w': 2, 'psk': None}
NETEM = ('--delay', 20, '--loss', 5, '--reorder', 25, '--duplicate', 1)


class TunnelRoutedTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'iperf3')

    def start(self, *network):
        """A machine with a radio and a peer at its air, another with the stack, a hop between."""
        here, there = self.new_lab().start_daemon(), self.new_lab().start_daemon()
        self.real, self.peer, self.virtual = here.host('real'), here.host('peer'), there.host('virtual')
        there.up('[host.virtual]\nradios = 0\n')
        start_network(self.real, self.virtual, *network)
        key = ('--key', str(here.write('key', KEY)))
        self.tunnel = Tunnel(self.real, self.virtual, key, to=ADDRESS_A, joiner=self.virtual).join()

    def use(self, ap, station, ap_options, station_options):
        """Connects, and pings; returns the share of pings that came back."""
        ap.hostapd(**ap_options)
        ap.set_ip('10.9.0.1/24')
        connected(station.wpa_supplicant(**station_options), seconds=120)
        station.set_ip('10.9.0.2/24')
        output = station.run(['ping', '-c', '50', '-i', '0.2', '-W', '5', '10.9.0.1'], status=None)
        return int(re.search(r'(\d+) received', output)[1]) / 50

    def test_virtual_access_point_wpa2(self):
        self.start()
        self.assertEqual(self.use(self.virtual, self.peer, WPA2_AP, WPA2_STATION), 1)
        end = iperf3(self.virtual, self.peer, '10.9.0.1', 3)
        print(f'TCP: {end["sum_received"]["bits_per_second"] / 1e6:.1f} Mbit/s')

    def test_virtual_access_point_wpa3_on_a_bad_network(self):
        self.start(*NETEM)
        print(self.use(self.virtual, self.peer, WPA3_AP, WPA3_STATION))
        print(self.tunnel.joined_status(), self.tunnel.served_status())
        end = iperf3(self.virtual, self.peer, '10.9.0.1', 5)
        print(f'TCP: {end["sum_received"]["bits_per_second"] / 1e6:.1f} Mbit/s')

    def test_virtual_station_wpa3(self):
        self.start()
        print(self.use(self.peer, self.virtual, WPA3_AP, WPA3_STATION))
        end = iperf3(self.peer, self.virtual, '10.9.0.1', 3)
        print(f'TCP: {end["sum_received"]["bits_per_second"] / 1e6:.1f} Mbit/s')

    def test_virtual_station_wpa2_on_a_bad_network(self):
        self.start(*NETEM)
        print(self.use(self.peer, self.virtual, WPA2_AP, WPA2_STATION))
        print(self.tunnel.joined_status(), self.tunnel.served_status())
        end = iperf3(self.peer, self.virtual, '10.9.0.1', 5)
        print(f'TCP: {end["sum_received"]["bits_per_second"] / 1e6:.1f} Mbit/s')


if __name__ == '__main__':
    unittest.main()
