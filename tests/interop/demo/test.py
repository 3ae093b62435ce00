"""script/demo's own program, run as a stranger would see it."""

import pathlib
import subprocess
import sys
import unittest

from airloom_testing import Scenario

DEMO = pathlib.Path(__file__).resolve().parent / 'demo.py'


class DemoTest(Scenario):
    def test_it_ends_well_and_tells_the_story(self):
        result = subprocess.run([sys.executable, '-B', DEMO], capture_output=True, text=True,
                                timeout=200)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        for phrase in ('AP-ENABLED', 'CTRL-EVENT-CONNECTED', '10 packets transmitted, 10 received',
                       'EAPOL-Key message 4 of 4', 'ICMP echo reply inside', '.pcapng'):
            self.assertIn(phrase, result.stdout)


if __name__ == '__main__':
    unittest.main()
