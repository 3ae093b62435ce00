"""An access point that starts and stops a thousand times: every event, in order, to everybody."""

import pathlib
import sys
import unittest

from airloom_testing import Scenario

FLIPS = 1000
FOLDER = pathlib.Path(__file__).parent
SSIDS = ('foo', 'bar')


def expected(flips):
    """The events of flip.py: every other access point ends by its owner's death."""
    for number in range(flips):
        yield f'START_AP {SSIDS[number % 2]}'
        if number % 4 < 2:  # a STOP_AP of one's own is no event, as in the kernel
            yield 'STOP_AP'


class ApFlipsTest(Scenario):
    TOOLS = ('iw', 'ip')

    def test_two_listeners_hear_all_of_it(self):
        lab = self.start_lab()
        host = lab.host('ap')
        host.run(['iw', 'dev', 'wlan0', 'set', 'type', '__ap'])
        host.run(['ip', 'link', 'set', 'wlan0', 'up'])
        python = ['env', f'PYTHONPATH={FOLDER.parent}', sys.executable, '-B']
        wanted = list(expected(FLIPS))
        listeners = [host.start([*python, FOLDER / 'listen.py', len(wanted)], f'listener{i}')
                     for i in range(2)]
        for listener in listeners:
            listener.wait_for_line('^listening$')
        host.run([*python, FOLDER / 'flip.py', FLIPS, *SSIDS], seconds=200)
        for listener in listeners:
            self.assertEqual(listener.wait(), 0, listener.tail())
            self.assertEqual(listener.lines[1:], wanted)
        self.assertIn('NO-CARRIER', host.run(['ip', 'link', 'show', 'wlan0']))


if __name__ == '__main__':
    unittest.main()
