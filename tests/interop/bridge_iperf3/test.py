"""iperf3 through a bridge, between a wired host and a station, while a second station sleeps.

Seconds here, ten minutes in the long run. The daemon's memory stays flat, the second station does
sleep, and every frame that is missing at the end, of UDP or TCP and in either direction, is in a
counter of full queues: of some radio, or of an interface on the way. No other counter of drops
rises.
"""

import collections
import json
import pathlib
import re
import time
import unittest

from airloom_testing import LONG, WPA2_AP, WPA2_STATION, Scenario, connected, iperf3

SECONDS = 150 if LONG else 5  # four transfers
WARM_UP_SECONDS = 2
UDP_MBIT = 20
# Where frames of a transfer may be lost: in a queue that was full, or for too long; of an interface
# `NAME rx` or `NAME tx`.
FULL_QUEUES = re.compile('tx-queue-full|tx-delay|.* [rt]x')
# Of no data to be received: Action frames and beacons; a station's own group frames, sent to all.
NO_LOSS = {'rx-unwanted', 'rx-data'}
DIRECTIONS = {'to the station': (), 'to the wire': ('--reverse',)}
GROWTH_KIB = 4096  # malloc's arenas breathe; a leak of a frame in a thousand would be tens of MiB


class BridgeIperf3Test(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iperf3', 'iw', 'ip', 'ping')

    def set_up_network(self):
        lab = self.new_lab().start_daemon('--verbose')
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
        self.sleeper.silence()
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
        """{counter: frames dropped so far}, of the radios and interfaces on the way."""
        status = self.lab.start(['status', '--json'], 'status')
        self.assertEqual(status.wait(), 0)
        report = json.loads(status.output())
        counters = collections.Counter()
        for host in report['hosts']:
            for radio in host['radios'] if host['name'] in ('ap', 'sta') else ():
                counters.update(radio['drops'])
        for host in (self.ap, self.wired, self.station):
            for link in json.loads(host.run(['ip', '-j', '-s', 'link'])):
                for way in ('rx', 'tx'):
                    counters[f'{link["ifname"]} {way}'] += link['stats64'][way]['dropped']
        return counters

    def dropped_since(self, before):
        """How many frames full queues have lost since; nothing else has lost any."""
        since = self.drops() - before
        print('drops counted:', dict(since))
        lost = {reason for reason in since if reason not in NO_LOSS}
        self.assertEqual({reason for reason in lost if not FULL_QUEUES.fullmatch(reason)}, set())
        return sum(since[reason] for reason in lost)

    def tcp_counters(self, host):
        counters = {}
        for table in ('snmp', 'netstat'):
            lines = host.run(['cat', f'/proc/net/{table}']).splitlines()
            for names, values in zip(lines[::2], lines[1::2]):
                counters.update(zip(names.split()[1:], map(int, values.split()[1:])))
        return counters

    def signs_of_loss(self, sender, receiver):
        """Two counts that each lost segment raises: of segments that went again, less those that
        then were there twice, and of those that came behind a gap. A sender that was only impatient
        leaves no gap, and may be gone before it learns that it was.
        """
        sent, received = self.tcp_counters(sender), self.tcp_counters(receiver)
        return sent['RetransSegs'] - sent['TCPDSACKRecvSegs'], received['TCPOFOQueue']

    def share_asleep(self, since, until):
        """For how much of the time the access point took the sleeper to sleep."""
        pattern = re.compile(r'^\s*([\d.]+) debug ap/.*: drv_sta_notify: .* '
                             rf'sta {self.sleeper.address()} (sleep|awake)$')
        asleep, began = 0, None
        for match in filter(None, map(pattern.match, list(self.lab.daemon.lines))):
            at = min(max(float(match[1]), since), until)
            if match[2] == 'sleep':
                began = at
            elif began is not None:
                asleep += at - began
                began = None
        if began is not None:
            asleep += until - began
        return asleep / (until - since)

    def move_tcp(self):
        for name, options in DIRECTIONS.items():
            ends = (self.station, self.wired) if options else (self.wired, self.station)
            drops, before = self.drops(), self.signs_of_loss(*ends)
            mbit = self.transfer(SECONDS, *options)['sum_received']['bits_per_second'] / 1e6
            dropped = self.dropped_since(drops)
            lost = min(now - then for now, then in zip(self.signs_of_loss(*ends), before))
            print(f'TCP {name}: {mbit:.0f} Mbit/s, {lost} segments lost')
            self.assertGreater(mbit, 10)
            self.assertLessEqual(lost, dropped)

    def move_udp(self):
        for name, options in DIRECTIONS.items():
            drops = self.drops()
            udp = self.transfer(SECONDS, '--udp', '--bitrate', f'{UDP_MBIT}M', *options)['sum']
            dropped = self.dropped_since(drops)
            print(f'UDP {name}: {udp["lost_packets"]} of {udp["packets"]} lost')
            self.assertLessEqual(udp['lost_packets'], dropped)

    def test_memory_is_flat_and_no_drop_unexplained(self):
        self.set_up_network()
        self.wired.ping('10.9.0.3', count=3)
        self.transfer(WARM_UP_SECONDS)
        before, began = self.resident_kib(), time.monotonic()
        self.move_tcp()
        self.move_udp()
        asleep = self.share_asleep(began, time.monotonic())
        print(f'the second station slept {asleep:.1%} of the time')
        self.assertGreater(asleep, 0.9)
        self.wired.ping('10.9.0.3', count=3)
        growth = self.resident_kib() - before
        print(f'the daemon grew by {growth} KiB from {before} KiB')
        self.assertLess(growth, GROWTH_KIB)


if __name__ == '__main__':
    unittest.main()
