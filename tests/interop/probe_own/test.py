"""What happens when the socket that owns a connection or an access point closes."""

import unittest

from probe import MONITOR, ProbeScenario


class ProbeOwnTest(ProbeScenario):
    SCRIPT = 'own'
    GOLDEN = 'own.golden'
    SETUP = ('iw dev wlan0 set type __ap',
             'ip link set wlan0 up',
             'ip link set wlan1 up',
             *MONITOR)

    def test_answers_are_the_kernels(self):
        self.compare_with_kernel()


if __name__ == '__main__':
    unittest.main()
