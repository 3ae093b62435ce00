"""As an ordinary user, in a user namespace, where /dev/net/tun may be opened; and where it may not.

Where it may not, interfaces are emulated, and a sentence says so.

Root only prepares the ground: a mount namespace whose /dev/net/tun everybody may open, as udev
makes it. What runs in it is user nobody.
"""

import os
import shutil
import signal
import stat
import subprocess
import unittest

from airloom_testing import AIRLOOM, Scenario, start_pair

NOBODY = 65534
AS_NOBODY = ['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups']


class OrdinaryUserTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping', 'nsenter', 'unshare', 'setpriv')

    def lab_of_nobody(self, tun_mode):
        """A lab whose commands run as nobody, with /dev/net/tun at tun_mode."""
        lab = self.new_lab(owner=(NOBODY, NOBODY))
        os.mknod(lab.folder / 'tun', stat.S_IFCHR | 0o600, os.makedev(10, 200))
        os.chmod(lab.folder / 'tun', tun_mode)
        # A checkout may be out of nobody's reach.
        lab.airloom = str(shutil.copy(AIRLOOM, lab.folder / 'airloom'))
        keeper = subprocess.Popen(
            ['unshare', '--mount', '--propagation', 'private', 'sh', '-c',
             f'mount --bind {lab.folder}/tun /dev/net/tun && echo ready && exec cat'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(keeper.communicate)
        self.assertEqual(keeper.stdout.readline(), 'ready\n')
        lab.prefix = ['nsenter', '-t', str(keeper.pid), '--mount', '--', *AS_NOBODY]
        return lab

    def test_connects_and_pings(self):
        lab = self.lab_of_nobody(0o666).start_daemon()
        self.assertEqual(os.stat(f'/proc/{lab.daemon.process.pid}').st_uid, NOBODY)
        _, station, hostapd, _ = start_pair(lab)
        station.ping('10.9.0.1')
        self.assertEqual(hostapd.stop(signal.SIGTERM), 0)

    def test_without_the_device_one_sentence_says_so(self):
        lab = self.lab_of_nobody(0o600)
        result = subprocess.run([*lab.prefix, lab.airloom, 'run', '--', 'true'], env=lab.env,
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0)
        self.assertIn('/dev/net/tun', result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)


if __name__ == '__main__':
    unittest.main()
