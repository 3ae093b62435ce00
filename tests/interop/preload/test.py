"""The preloaded library as the front end: asked for, and where a seccomp listener is refused.
What sockets do, and a listener's loss, under both front ends."""

import itertools
import os
import pathlib
import signal
import subprocess
import sys
import unittest

from airloom_testing import (AIRLOOM, EventListeners, Scenario, iw_events_of, start_pair,
                             wait_until)

PROGRAMS = pathlib.Path(
    os.environ.get('AIRLOOM_PROGRAMS') or pathlib.Path(AIRLOOM).parent.parent / 'tests')
# The same program against glibc and against musl.
SEMANTICS = ('netlink_semantics', 'netlink_semantics_musl')
POOR_PLACE = pathlib.Path(__file__).parent.parent / 'poor_place.py'
NOT_RUN = 125
FRONT_ENDS = ('seccomp', 'preload')


class PreloadTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ping')

    def start_lab(self, **options):
        lab = super().start_lab(**options)
        lab.run_options = ['--interpose', 'preload']
        return lab

    def test_sockets_do_what_the_kernels_do(self):
        lab = self.start_lab()
        for how, program, family in itertools.product(FRONT_ENDS, SEMANTICS,
                                                      ('nl80211', 'nlctrl')):
            with self.subTest(f'{how}: {program} {family}'):
                lab.run_options = ['--interpose', how]
                self.assertEqual(lab.host('ap').run([PROGRAMS / program, family]), '0 failed')

    def test_connects_and_pings(self):
        ap, station, hostapd, _ = start_pair(self.start_lab())
        station.ping('10.9.0.1')
        self.assertIn('SSID: oracle', station.run(['iw', 'dev', 'wlan0', 'link']))
        self.assertIn('authorized:\tyes', ap.run(['iw', 'dev', 'wlan0', 'station', 'dump']))
        self.assertEqual(hostapd.stop(), 0)

    def test_children_are_served(self):
        host = self.start_lab().host('ap')
        listed = host.run(['sh', '-c', 'iw dev & iw dev; wait'])
        self.assertEqual(listed.count('phy#0'), 2, listed)

    def test_the_background_is_served_on(self):
        lab = self.start_lab()
        script = f'(iw event > {lab.folder}/events 2>&1) & exit 7'
        before = set(iw_events_of(str(lab.runtime)))
        self.assertEqual(lab.host('ap').run(['sh', '-c', script], status=7), '')
        wait_until(EventListeners(lab, 1), '`iw event` waits for events')
        lab.host('ap').run(['ip', 'link', 'set', 'wlan0', 'up'])
        lab.host('ap').run(['iw', 'dev', 'wlan0', 'scan', 'trigger', 'freq', '2412'])
        wait_until(lambda: 'scan started' in (lab.folder / 'events').read_text(), 'it hears one')
        for pid in set(iw_events_of(str(lab.runtime))) - before:
            os.kill(int(pid), signal.SIGTERM)

    def test_a_slow_listener_is_told_of_its_loss(self):
        lab = self.start_lab()
        for how in FRONT_ENDS:
            with self.subTest(how):
                lab.run_options = ['--interpose', how]
                said = lab.host('ap').run([sys.executable, '-B',
                                           pathlib.Path(__file__).parent / 'overrun.py'])
                self.assertRegex(said, 'lost some: True got some: True told: 1\n'
                                       'now: US\0?\nthen: 2 e*$')

    def test_a_killed_daemon_ends_what_waits_for_it(self):
        lab = self.start_lab()
        listener = lab.host('ap').iw_events()
        os.kill(lab.daemon.process.pid, signal.SIGKILL)
        lab.daemon.wait()
        lab.daemon = None
        self.assertNotEqual(listener.wait(), 0)
        self.assertIn('the daemon has gone', listener.output())
        lab.start_daemon()  # which clears up after the killed one

    def test_a_static_program_is_told_of(self):
        said = self.start_lab().host('ap').run([PROGRAMS / 'netlink_semantics_static', 'nlctrl'])
        self.assertIn('is linked statically', said)

    def test_two_front_ends_on_one_host(self):
        lab = self.start_lab()
        preloaded = lab.host('ap').iw_events()
        lab.run_options = ['--interpose', 'seccomp']
        lab.host('ap').run(['ip', 'link', 'set', 'wlan0', 'up'])
        lab.host('ap').run(['iw', 'dev', 'wlan0', 'scan', 'trigger', 'freq', '2412'])
        preloaded.wait_for_line('scan started')
        preloaded.stop()

    def test_within_another_run_no_second_listener_is_to_be_had(self):
        lab = self.start_lab()
        outer = [AIRLOOM, 'run', '--interpose', 'seccomp', '--host', 'ap', '--']
        for how, status in (('auto', 0), ('seccomp', NOT_RUN)):
            with self.subTest(how):
                inner = [AIRLOOM, 'run', '--interpose', how, '--host', 'ap', '--', 'iw', 'dev']
                result = subprocess.run([*outer, *inner], env=lab.env, capture_output=True,
                                        text=True, timeout=60)
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertIn('wlan0' if status == 0 else 'second seccomp listener',
                              result.stdout + result.stderr)

    def test_a_place_that_has_no_listener(self):
        """A container that forbids what a supervisor needs, and a kernel too old for one."""
        lab = self.start_lab()
        for call, why in (('pidfd_getfd', 'use --interpose preload'),
                          ('seccomp', 'this kernel has no seccomp user notification')):
            for how, status, said in (('auto', 0, 'wlan0'), ('seccomp', NOT_RUN, why)):
                with self.subTest(call=call, how=how):
                    words = [sys.executable, '-B', POOR_PLACE, '--only', call, AIRLOOM, 'run',
                             '--interpose', how, '--host', 'ap', '--', 'iw', 'dev']
                    result = subprocess.run(words, env=lab.env, capture_output=True, text=True,
                                            timeout=60)
                    self.assertEqual(result.returncode, status, result.stderr)
                    self.assertIn(said, result.stdout + result.stderr)


if __name__ == '__main__':
    unittest.main()
