"""Protected management frames as on the kernel of record: who connects with whom, and what becomes
of an attacker's frames. matrix.py was played there, too."""

import pathlib
import sys
import unittest

from airloom_testing import Scenario
from golden import ROOT, compare, read_allowed

MATRIX = pathlib.Path(__file__).with_name('matrix.py')
KERNEL = ROOT / 'tests/vectors/linux-6.1/pmf/matrix.txt'


class PmfKernelTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'iw', 'ip')

    def play(self, part):
        """What the matrix says of a part differs from the kernel's word in nothing unexplained."""
        self.start_lab().up('[host.matrix]\nradios = 3\n')
        output = self.lab.host('matrix').run([sys.executable, '-B', MATRIX, part], seconds=200)
        kernel = [line for line in KERNEL.read_text().splitlines() if line.startswith(part)]
        ours = [line for line in output.splitlines() if line.startswith(part)]
        where = f'pmf_kernel: {part}'
        problems = compare(where, kernel, ours, read_allowed().get(where, []))
        self.assertFalse(problems, '\n'.join(problems))

    def test_negotiation(self):
        self.play('negotiation')

    def test_ciphers(self):
        self.play('ciphers')

    def test_attacks(self):
        self.play('attacks')


if __name__ == '__main__':
    unittest.main()
