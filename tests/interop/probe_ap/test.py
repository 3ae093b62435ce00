"""Control port, ownership, START_AP, SET_BEACON and STOP_AP by raw netlink, and their events."""

import unittest

from probe import MONITOR, ProbeScenario


class ProbeApTest(ProbeScenario):
    SCRIPT = 'ap'
    GOLDEN = 'ap.golden'
    SETUP = ('iw dev wlan0 set type __ap',
             'ip link set wlan0 up',
             'ip link set wlan1 up',
             *MONITOR)

    def test_answers_are_the_kernels(self):
        self.compare_with_kernel()


if __name__ == '__main__':
    unittest.main()
