"""What tunnel scenarios share: a real host whose radio is given away, and a host that has it."""

import json
import os
import pathlib
import re
import signal
import sys

from airloom_testing import (AIRLOOM, LONG, WPA2_AP, WPA2_STATION, WPA3_AP, WPA3_STATION, Program,
                             Scenario, connected, iperf3, wait_until)
from bad_network import ADDRESS_A, ADDRESS_B

KEY = 'a key for the tests of the tunnel\n'
WPA2, WPA3 = (WPA2_AP, WPA2_STATION), (WPA3_AP, WPA3_STATION)
# 20 ms each way, and of the packets so many in a hundred.
BAD_NETWORK = ('--delay', 20, '--loss', 5, '--reorder', 25, '--duplicate', 2)
PINGS_LEAST = 0.7  # of those that cross such a network twice


class Tunnel:
    """`airloom tunnel serve` on one host and `airloom tunnel join` for another."""

    def __init__(self, real, virtual, security=(), serve=(), join=(), to='127.0.0.1', joiner=None):
        """joiner: on which host's network the join's sockets are; None: the machine's."""
        self.real, self.virtual = real, virtual
        self.serve_words = ['tunnel', 'serve', 'mon0', *security, *serve]
        self.make_monitor()
        self.start_serving()
        self.join_words = ['tunnel', 'join', '--host', virtual.name, to, *security, *join]
        self.joiner = joiner
        self.joining = None

    def make_monitor(self):
        """An active monitor: it acknowledges what is sent to its address."""
        self.real.run(['iw', 'dev', 'wlan0', 'interface', 'add', 'mon0', 'type', 'monitor',
                       'flags', 'active'])
        self.real.run(['ip', 'link', 'set', 'mon0', 'up'])

    def start_serving(self):
        self.serving = self.real.start([AIRLOOM, *self.serve_words], 'serve')
        self.serving.wait_for_line('mon0 is served at')

    def start_joining(self, words=None):
        words = words or self.join_words
        if self.joiner:
            return self.joiner.start([AIRLOOM, *words], 'join')
        return self.virtual.lab.start(words, 'join')

    def join(self):
        """Returns once the virtual host has its wiphy."""
        self.joining = self.start_joining()
        self.joining.wait_for_line('with wlan0 is')
        return self

    def joined_status(self):
        """What `airloom status --json` tells of the virtual host's end."""
        status = self.virtual.lab.start(['status', '--json'], 'status')
        assert status.wait() == 0, status.tail()
        hosts = {host['name']: host for host in json.loads(status.output())['hosts']}
        return hosts[self.virtual.name]['radios'][0]['tunnel']

    def served_status(self):
        """What `airloom tunnel serve` counted so far."""
        self.serving.skip_to_now()
        self.serving.process.send_signal(signal.SIGUSR1)
        return json.loads(self.serving.wait_for_line(r'^({.*})$')[1])

    def wait_for_count(self, counts, name, least=1):
        return wait_until(lambda: counts().get(name, 0) >= least, f'{name} reaches {least}')


def pid_on(host):
    """The number of a process that stays in a host's network namespace."""
    anchor = host.start(['sh', '-c', 'echo in $$; exec sleep 1000'], 'anchor')
    return anchor.wait_for_line(r'in (\d+)')[1]


def start_network(real, virtual, *options):
    """A routed hop between the networks of two hosts; ADDRESS_A is the real one's."""
    script = pathlib.Path(__file__).parent / 'bad_network.py'
    lab = real.lab
    program = Program('network', [sys.executable, '-B', str(script), pid_on(real), pid_on(virtual),
                                  *map(str, options)], lab.folder, dict(os.environ))
    lab.programs.append(program)
    program.wait_for_line('the network is up')
    return program


def ping_share(host, address):
    """The share of pings that come back."""
    count = 25
    output = host.run(['ping', '-c', count, '-i', '0.2', '-W', '2', address], status=None)
    return int(re.search(r'(\d+) received', output)[1]) / count


class RoutedTunnelScenario(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'iperf3')
    SECONDS = 30 if LONG else 4  # of traffic

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

    def use(self, ap, station, network):
        """A protected network: the options of its access point and of its stations."""
        ap_options, station_options = network
        ap.hostapd(**ap_options)
        ap.set_ip('10.9.0.1/24')
        connected(station.wpa_supplicant(**station_options), seconds=120)
        station.set_ip('10.9.0.2/24')

    def transfer(self, server, client, least_mbit):
        end = iperf3(server, client, '10.9.0.1', self.SECONDS)
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
