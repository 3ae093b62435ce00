"""iperf3 through a bridge, from a wired host to a station, while a second station sleeps.

Seconds here, ten minutes in the long run. The daemon's memory stays flat, and every frame that is
missing at the end is in a drop counter of some radio.
"""

import json
import pathlib
import unittest

from airloom_testing import LONG, WPA2_AP, WPA2_STATION, Scenario, connected, iperf3

SECONDS = 200 if LONG else 5  # three transfers
WARM_UP_SECONDS = 2
UDP_MBIT = 20
GROWTH_KIB = 4096  # malloc's arenas breathe; a leak of a frame in a thousand would be tens of MiB


class BridgeIperf3Test(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iperf3', 'iw', 'ip', 'ping')

    def set_up_network(self):
        lab = self.start_lab()
        self.ap, self.wired = lab.host('ap'), lab.host('wired')
        self.ap.hostapd(bridge='br0', **WPA2_AP)
        inside = self.wired.start(['sh', '-c', 'echo $$; exec sleep infinity'], 'wired-inside')
        pid = inside.wait_for_line(r'^(\d+)$').group(1)
        for command in ('ip link set br0 up', 'ip link add wire type veth peer name eth0',
                        'ip link set wire master br0', 'ip link set wire up',
                        f'ip link set eth0 netns {pid}'):
            self.ap.run(command.split())
        self.wired.set_ip('10.9.0.1/24', 'eth0')
        self.wired.run(['ip', 'link', 'set', 'eth0', 'up'])
        self.station, self.sleeper = self.join('sta', 2), self.join('sleeper', 3)
        self.sleeper.run(['iw', 'dev', 'wlan0', 'set', 'power_save', 'on'])

    def join(self, name, number):
        host = self.lab.host(name)
        connected(host.wpa_supplicant(**WPA2_STATION))
        host.set_ip(f'10.9.0.{number}/24')
        return host

    def transfer(self, seconds, *options):
        return iperf3(self.wired, self.station, '10.9.0.1', seconds, *options)

    def resident_kib(self):
        status = pathlib.Path(f'/proc/{self.lab.daemon.process.pid}/status').read_text()
        return int(next(line.split()[1] for line in status.splitlines()
                        if line.startswith('VmRSS')))

    def drops(self):
        """Frames dropped so far, over all radios and reasons."""
        status = self.lab.start(['status', '--json'], 'status')
        self.assertEqual(status.wait(), 0)
        report = json.loads(status.output())
        return sum(count for host in report['hosts'] for radio in host['radios']
                   for count in radio['drops'].values())

    def test_memory_is_flat_and_no_drop_unexplained(self):
        self.set_up_network()
        self.wired.ping('10.9.0.3', count=3)
        self.transfer(WARM_UP_SECONDS)
        before = self.resident_kib()
        for direction in ((), ('--reverse',)):
            tcp = self.transfer(SECONDS, *direction)
            mbit = tcp['sum_received']['bits_per_second'] / 1e6
            print(f'TCP {" ".join(direction) or "--forward"}: {mbit:.0f} Mbit/s')
            self.assertGreater(mbit, 10)
        dropped_before = self.drops()
        udp = self.transfer(SECONDS, '--udp', '--bitrate', f'{UDP_MBIT}M')['sum']
        dropped = self.drops() - dropped_before
        print(f'UDP: {udp["lost_packets"]} of {udp["packets"]} lost, {dropped} drops counted')
        self.assertLessEqual(udp['lost_packets'], dropped)
        self.wired.ping('10.9.0.3', count=3)
        growth = self.resident_kib() - before
        print(f'the daemon grew by {growth} KiB from {before} KiB')
        self.assertLess(growth, GROWTH_KIB)


if __name__ == '__main__':
    unittest.main()
