"""Acknowledgements, ownership and permissions that the other scripts leave out."""

import unittest

from probe import MONITOR, ProbeScenario


class ProbeMiscTest(ProbeScenario):
    SCRIPT = 'misc'
    GOLDEN = 'misc.golden'
    SETUP = ('ip link set wlan0 up',
             'iw dev wlan1 set type __ap',
             'ip link set wlan1 up',
             *MONITOR)

    def test_answers_are_the_kernels(self):
        self.compare_with_kernel()


if __name__ == '__main__':
    unittest.main()
