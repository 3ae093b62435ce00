"""What tunnel scenarios share: a real host whose radio is given away, and a host that has it."""

import json
import os
import pathlib
import signal
import sys

from airloom_testing import AIRLOOM, Program, wait_until
from bad_network import ADDRESS_A

KEY = 'a key for the tests of the tunnel\n'


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
