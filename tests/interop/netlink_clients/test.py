"""Two hundred programs at once connect, subscribe, dump and die: nothing is lost or leaked."""

import os
import pathlib
import sys
import unittest

from airloom_testing import LONG, Scenario, processes_with, wait_until

CLIENTS = 200
SECONDS = 60 if LONG else 20
FOLDER = pathlib.Path(__file__).parent


class NetlinkClientsTest(Scenario):
    TOOLS = ('iw', 'ip')

    def open_files(self, lab):
        """How many descriptors the daemon and the supervisors hold, by process."""
        return {pid: len(os.listdir(f'/proc/{pid}/fd'))
                for pid, command in processes_with(str(lab.runtime)) if 'airloom' in command}

    def test_nothing_is_lost_or_leaked(self):
        lab = self.start_lab()
        host = lab.host('a')
        python = ['env', f'PYTHONPATH={FOLDER.parent}', sys.executable, '-B']
        listener = host.start([*python, FOLDER / 'listen.py'], 'listener')
        listener.wait_for_line('^listening$')
        daemon = lab.daemon.process.pid
        before = self.open_files(lab)
        crowd = host.start([*python, FOLDER / 'crowd.py', CLIENTS, SECONDS], 'crowd')
        number = 0
        while crowd.process.poll() is None:  # known events, meanwhile
            host.run(['iw', 'phy', 'phy0', 'interface', 'add', f'm{number}', 'type', 'monitor'])
            host.run(['iw', 'dev', f'm{number}', 'del'])
            number += 1
        self.assertEqual(crowd.wait(), 0, crowd.tail())
        wait_until(lambda: f'DEL m{number - 1}' in listener.lines, 'the last event is heard')
        self.assertEqual(listener.lines[1:],
                         [f'{what} m{i}' for i in range(number) for what in ('NEW', 'DEL')])
        self.assertRegex(crowd.lines[-1], rf'^[1-9]\d* lives, 0 wrong answers$')
        wait_until(lambda: self.open_files(lab).items() <= before.items(),
                   f'descriptors are as before: {before}')
        self.assertIn(daemon, before)
        lab.host('a').run(['iw', 'dev'])


if __name__ == '__main__':
    unittest.main()
