"""Commands for what a radio may do but this one does not, and an aborted scan."""

import unittest

from probe import MONITOR, ProbeScenario


class ProbeOptionalTest(ProbeScenario):
    SCRIPT = 'optional'
    GOLDEN = 'optional.golden'
    FIRST_IFINDEX = 2
    SETUP = ('ip link set wlan0 up',
             'iw dev wlan1 set type __ap',
             'ip link set wlan1 up',
             *MONITOR)

    def test_answers_are_the_kernels(self):
        self.compare_with_kernel()


if __name__ == '__main__':
    unittest.main()
