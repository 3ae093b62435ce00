"""Control port, ownership, START_AP, SET_BEACON and STOP_AP by raw netlink, and their events."""

import unittest

from probe import ProbeScenario


class ProbeApTest(ProbeScenario):
    SCRIPT = 'ap'
    GOLDEN = 'ap.golden'
    SETUP = ('iw dev wlan0 set type __ap',
             'ip link set wlan0 up',
             'ip link set wlan1 up',
             'iw dev wlan2 set type monitor',
             'ip link set wlan2 up',
             'iw dev wlan2 set freq 2412')

    def test_answers_are_the_kernels(self):
        self.compare_with_kernel()


if __name__ == '__main__':
    unittest.main()
