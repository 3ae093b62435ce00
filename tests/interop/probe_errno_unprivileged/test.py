"""The same commands from a user without privileges."""

import unittest

from probe import ProbeScenario


class ProbeErrnoUnprivilegedTest(ProbeScenario):
    SCRIPT = 'errno-unpriv'
    GOLDEN = 'errno.golden#unprivileged'
    SETUP = ('ip link set wlan0 up',
             'iw dev wlan1 set type __ap',
             'ip link set wlan1 up',
             'iw dev wlan2 set type monitor',
             'ip link set wlan2 up',
             'iw dev wlan2 set freq 2412',
             'iw dev wlan0 scan freq 2412 2417')  # the kernel's radio had surveyed channels by then

    def test_answers_are_the_kernels(self):
        self.compare_with_kernel()


if __name__ == '__main__':
    unittest.main()
