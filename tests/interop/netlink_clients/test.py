"""Two hundred programs at once connect, subscribe, dump and die: nothing is lost or leaked."""

import os
import pathlib
import re
import sys
import time
import unittest

from airloom_testing import Scenario, wait_until
from lab_isolation import processes_with

CLIENTS = 200
SECONDS = 60
WARM_UP = 20  # by when the allocator holds what so many clients at once need
# Some thousand lives: that a life leaves half a kilobyte behind would show.
GROWTH_MAX_KB = 2048
FOLDER = pathlib.Path(__file__).parent


class Resources:
    """What each of airloom's processes holds: descriptors, and memory in kB."""

    def __init__(self, lab):
        self.files, self.memory = {}, {}
        for pid, command in processes_with(str(lab.runtime)):
            if 'airloom' not in command:
                continue
            try:
                self.files[pid] = len(os.listdir(f'/proc/{pid}/fd'))
                status = pathlib.Path(f'/proc/{pid}/status').read_text()
            except OSError:
                continue  # it has ended
            if resident := re.search(r'RssAnon:\s+(\d+)', status):
                self.memory[pid] = int(resident[1])


class NetlinkClientsTest(Scenario):
    TOOLS = ('iw', 'ip')

    def test_nothing_is_lost_or_leaked(self):
        lab = self.start_lab()
        host = lab.host('a')
        python = ['env', f'PYTHONPATH={FOLDER.parent}', sys.executable, '-B']
        listener = host.start([*python, FOLDER / 'listen.py'], 'listener')
        listener.wait_for_line('^listening$')
        before = Resources(lab).files
        self.assertIn(lab.daemon.process.pid, before)
        begin = time.monotonic()
        crowd = host.start([*python, FOLDER / 'crowd.py', CLIENTS, SECONDS], 'crowd')
        number, early, late = 0, {}, {}
        while crowd.process.poll() is None:  # known events, meanwhile
            host.run(['iw', 'phy', 'phy0', 'interface', 'add', f'm{number}', 'type', 'monitor'])
            host.run(['iw', 'dev', f'm{number}', 'del'])
            number += 1
            seconds = time.monotonic() - begin
            highest = early if seconds < WARM_UP else late
            if seconds < SECONDS:
                for pid, size in Resources(lab).memory.items():
                    highest[pid] = max(size, highest.get(pid, 0))
        self.assertEqual(crowd.wait(), 0, crowd.tail())
        wait_until(lambda: f'DEL m{number - 1}' in listener.lines, 'the last event is heard')
        self.assertEqual(listener.lines[1:],
                         [f'{what} m{i}' for i in range(number) for what in ('NEW', 'DEL')])
        self.assertRegex(crowd.lines[-1], r'^[1-9]\d* lives, 0 wrong answers$')
        self.check_memory(early, late, crowd.lines[-1])
        wait_until(lambda: Resources(lab).files.items() <= before.items(),
                   f'descriptors are as before: {before}')
        host.run(['iw', 'dev'])

    def check_memory(self, early, late, said):
        """The daemon, and the supervisors of the listener and of the crowd."""
        lasting = early.keys() & late.keys()
        self.assertIn(self.lab.daemon.process.pid, lasting)
        self.assertGreaterEqual(len(lasting), 3, lasting)
        growth = {pid: late[pid] - early[pid] for pid in lasting}
        print(f'{said}; kB before and after: {[(early[pid], late[pid]) for pid in lasting]}')
        self.assertLess(max(growth.values()), GROWTH_MAX_KB, growth)


if __name__ == '__main__':
    unittest.main()
