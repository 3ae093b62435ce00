"""iperf3 across a WPA2 network, TCP and UDP: seconds here, a minute each in the long run."""

import unittest

from airloom_testing import LONG, Scenario, iperf3, start_pair

SECONDS = 60 if LONG else 10
UDP_MBIT = 20


class Iperf3Test(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iperf3')

    def transfer(self, *options):
        return iperf3(self.ap, self.station, '10.9.0.1', SECONDS, *options)

    def test_tcp_and_udp(self):
        self.ap, self.station, _, supplicant = start_pair(self.start_lab())
        for direction in ((), ('--reverse',)):
            tcp = self.transfer(*direction)
            mbit = tcp['sum_received']['bits_per_second'] / 1e6
            print(f'TCP {" ".join(direction) or "--forward"}: {mbit:.0f} Mbit/s')
            self.assertGreater(mbit, 10)
        udp = self.transfer('--udp', '--bitrate', f'{UDP_MBIT}M')['sum']
        print(f'UDP: {udp["bits_per_second"] / 1e6:.1f} Mbit/s, {udp["lost_percent"]:.2f} % lost')
        self.assertLess(udp['lost_percent'], 1)
        self.assertGreater(udp['bits_per_second'] / 1e6, UDP_MBIT * 0.95)
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())


if __name__ == '__main__':
    unittest.main()
