"""Strangers at a tunnel, and ends that restart: without the key nobody joins, and what is replayed,
forged or noise is refused, counted, and stops nothing; an end that comes back is found again."""

import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from airloom_testing import AIRLOOM, WPA2_AP, WPA2_STATION, Scenario, connected, wait_until
from tunnel_testing import KEY, Tunnel

STRANGERS = 20  # more than the end that serves remembers
ATTACKER = pathlib.Path(__file__).parent / 'attacker.py'


class TunnelHostileTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'openssl')

    def start(self, *security, clear=False):
        self.lab = self.start_lab()
        self.lab.up('[host.virtual]\nradios = 0\n[host.sta]\n')
        self.real = self.lab.host('real')
        if not security and not clear:
            security = ('--key', str(self.lab.write('key', KEY)))
        self.tunnel = Tunnel(self.real, self.lab.host('virtual'), security, joiner=self.real)

    def start_network(self):
        self.tunnel.join()
        self.tunnel.virtual.hostapd(**WPA2_AP)
        self.tunnel.virtual.set_ip('10.9.0.1/24')
        self.station = self.lab.host('sta')
        connected(self.station.wpa_supplicant(**WPA2_STATION))
        self.station.set_ip('10.9.0.2/24')
        self.station.ping('10.9.0.1')

    def attack(self, *words):
        """Returns how many datagrams the attacker sent."""
        output = self.real.run([sys.executable, '-B', ATTACKER, *map(str, words)])
        return int(re.search(r'sent (\d+)', output)[1])

    def test_without_the_key_nobody_joins(self):
        self.start()
        other = str(self.lab.write('other', 'another key that is as long\n'))
        words = [other if word.endswith('/key') else word for word in self.tunnel.join_words]
        stranger = self.tunnel.start_joining(words)
        stranger.wait_for_line('does not answer, or its key is another')
        # Nor in the clear.
        clear = self.tunnel.start_joining(['tunnel', 'join', '--host', 'virtual', '127.0.0.1'])
        self.tunnel.wait_for_count(self.tunnel.served_status, 'refused', 10)
        self.assertFalse(self.tunnel.served_status()['joined'])
        for program in (stranger, clear):
            program.stop(signal.SIGINT)
        self.tunnel.join()
        self.assertEqual(self.tunnel.served_status()['sessions'], 1)

    def test_replays_noise_and_floods_stop_nothing(self):
        self.start()
        self.start_network()
        self.assertNotIn('refused', self.tunnel.served_status())
        for attack in (('replay-to-served', 3), ('noise', 5000)):
            before = self.tunnel.served_status().get('refused', 0)
            sent = self.attack(*attack)
            self.assertGreater(sent, 3)
            # Noise may be a first message, which is answered, and refused later.
            self.tunnel.wait_for_count(self.tunnel.served_status, 'refused', before + 0.9 * sent)
            self.station.ping('10.9.0.1')
        before = self.tunnel.served_status()['refused']
        sent = self.attack('flood', 5000)
        self.station.ping('10.9.0.1')
        # Each was asked to prove its address, and none did.
        self.tunnel.wait_for_count(self.tunnel.served_status, 'refused', before + 0.9 * sent)
        status = self.tunnel.served_status()
        self.assertTrue(status['joined'])
        self.assertEqual(status['sessions'], 1)
        self.assertNotIn('malformed', status)

    def test_strangers_in_the_clear_stop_nothing(self):
        self.start(clear=True)
        self.start_network()
        sent = self.attack('strangers', 40)
        self.tunnel.wait_for_count(self.tunnel.served_status, 'refused', sent)
        self.station.ping('10.9.0.1')
        status = self.tunnel.served_status()
        self.assertTrue(status['joined'])
        self.assertEqual(status['sessions'], 1)
        self.assertNotIn('malformed', status)

    def test_many_without_the_key_beside_a_session(self):
        self.start()
        self.start_network()
        other = str(self.lab.write('other', 'another key that is as long\n'))
        words = [other if word.endswith('/key') else word for word in self.tunnel.join_words]
        strangers = [self.tunnel.start_joining(words) for _ in range(STRANGERS)]
        for stranger in strangers:
            stranger.wait_for_line('does not answer, or its key is another')
        self.station.ping('10.9.0.1')
        self.tunnel.wait_for_count(self.tunnel.served_status, 'refused', STRANGERS)
        status = self.tunnel.served_status()
        self.assertTrue(status['joined'])
        self.assertEqual(status['sessions'], 1)
        self.assertTrue(self.tunnel.joined_status()['joined'])
        for stranger in strangers:
            stranger.stop(signal.SIGINT)

    def test_replays_to_the_end_that_joined_stop_nothing(self):
        self.start()
        self.start_network()

        def counts():
            return self.tunnel.joined_status()['counts']
        before = counts()
        sent = self.attack('replay-to-joined', 3)
        self.assertGreater(sent, 3)
        self.tunnel.wait_for_count(counts, 'refused', before.get('refused', 0) + 0.9 * sent)
        self.station.ping('10.9.0.1')
        after = counts()
        self.assertEqual(after['sessions'], before['sessions'])
        self.assertNotIn('malformed', after)
        self.assertTrue(self.tunnel.joined_status()['joined'])
        self.assertNotIn('refused', self.tunnel.served_status())

    def test_the_clear_goes_beyond_the_machine_only_if_one_insists(self):
        self.start()
        self.tunnel.serving.stop(signal.SIGINT)
        serve = ['tunnel', 'serve', 'mon0', '--listen', '0.0.0.0']
        join = ['tunnel', 'join', '--host', 'virtual', '192.0.2.1']
        for words in (serve, join):
            refused = self.real.start([AIRLOOM, *words], 'refused')
            self.assertNotEqual(refused.wait(), 0)
            self.assertRegex(refused.output(),
                             r'(0\.0\.0\.0|192\.0\.2\.1)\S* is beyond this machine: give --key or '
                             '--certificate, or, .*--insecure')
        both = self.real.start([AIRLOOM, *self.tunnel.serve_words, '--insecure'], 'both')
        self.assertNotEqual(both.wait(), 0)
        self.assertIn('--key, --certificate and --insecure exclude each other', both.output())
        insecure = self.real.start([AIRLOOM, *serve, '--insecure'], 'insecure')
        insecure.wait_for_line('mon0 is served at 0.0.0.0')
        clear = self.tunnel.start_joining(['tunnel', 'join', '--host', 'virtual', '127.0.0.1'])
        clear.wait_for_line('with wlan0 is')
        for program in (clear, insecure):
            program.stop(signal.SIGINT)

    def test_ends_that_restart(self):
        self.start()
        self.start_network()
        serve = self.tunnel.serving
        serve.kill()
        self.tunnel.joining.wait_for_line('has fallen silent')
        self.tunnel.start_serving()
        self.tunnel.joining.wait_for_line('is back')
        self.station.ping('10.9.0.1')
        self.assertEqual(self.tunnel.joined_status()['counts']['sessions'], 2)
        # The other end: its wiphy goes with it, and another join has the radio at once.
        self.tunnel.joining.kill()
        wait_until(lambda: 'wlan0' not in self.tunnel.virtual.run(['iw', 'dev']), 'no wiphy')
        self.tunnel.join()
        self.assertEqual(self.tunnel.served_status()['sessions'], 2)

    def test_certificates(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        for authority in ('ours', 'theirs'):
            make_certificate(folder, authority)
        def files(authority):
            return ('--certificate', f'{folder}/{authority}-end.pem',
                    '--private-key', f'{folder}/{authority}-end.key',
                    '--authority', f'{folder}/{authority}.pem')
        self.start(*files('ours'))
        stranger = self.tunnel.start_joining(
            ['tunnel', 'join', '--host', 'virtual', '127.0.0.1', *files('theirs')])
        stranger.wait_for_line('does not answer, or its key is another')
        stranger.stop(signal.SIGINT)
        self.assertFalse(self.tunnel.served_status()['joined'])
        self.start_network()


def make_certificate(folder, authority):
    """AUTHORITY.pem, and AUTHORITY-end.pem with its key, which it signed."""
    def openssl(*words):
        subprocess.run(['openssl', *words], cwd=folder, check=True, capture_output=True)
    key = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes')
    openssl('req', '-x509', *key, '-keyout', f'{authority}.key', '-out', f'{authority}.pem',
            '-subj', f'/CN={authority}', '-days', '2')
    openssl('req', *key, '-keyout', f'{authority}-end.key', '-out', 'request.pem', '-subj',
            '/CN=end')
    openssl('x509', '-req', '-in', 'request.pem', '-CA', f'{authority}.pem', '-CAkey',
            f'{authority}.key', '-out', f'{authority}-end.pem', '-days', '2')


if __name__ == '__main__':
    unittest.main()
