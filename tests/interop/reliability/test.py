"""What goes wrong on a machine: processes killed or stopped, listeners that never read, no room.

Each test ends like every scenario: nothing may be left behind.
"""

import os
import pathlib
import signal
import subprocess
import time
import unittest

from air_capture import Capture, frames
from airloom_testing import (AIRLOOM, Program, Scenario, connected, start_pair, wait_until)
from lab_isolation import processes_with

NOBODY = 65534
AS_NOBODY = ['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups']
PROGRAMS = pathlib.Path(os.environ['AIRLOOM_PROGRAMS'])
CLIENTS = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent / 'clients.py']
CONNECT_TO_DAEMON = '''
import socket, sys
peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
peer.connect(sys.argv[1])
try:
    peer.send(b'x' * 64)
    print('answer', len(peer.recv(4096)))
except OSError as error:
    print(error)
'''


def descriptors(program):
    return len(os.listdir(f'/proc/{program.process.pid}/fd'))


def resident_kib(program):
    status = pathlib.Path(f'/proc/{program.process.pid}/status').read_text()
    return int(status.split('VmRSS:')[1].split()[0])


class ReliabilityTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ping', 'setpriv', 'prlimit')

    def airloom(self, *words, prefix=()):
        return subprocess.run([*prefix, AIRLOOM, *words], env=self.lab.env, text=True,
                              capture_output=True, timeout=60)

    def clients(self, host, *words):
        return self.lab.host(host).start([*CLIENTS, *words], f'{host}-{words[0]}')

    def supervisor_of(self, program):
        """The process between `airloom run` and the program it runs."""
        pid = program.process.pid
        children = pathlib.Path(f'/proc/{pid}/task/{pid}/children')
        return int(wait_until(lambda: children.read_text().split(), 'it has a supervisor')[0])

    def test_the_daemon_is_killed(self):
        lab = self.start_lab()
        _, station, hostapd, supplicant = start_pair(lab)
        listener = station.iw_events()
        ping = station.start(['ping', '-i', '0.2', '10.9.0.1'])
        ping.wait_for_line('bytes from')
        lab.daemon.process.kill()
        for program in (hostapd, supplicant, listener, ping):
            program.wait(20)
            self.assertIn('the daemon has gone', program.output())
        lab.daemon = None
        wait_until(lambda: not list(processes_with(str(lab.runtime))), 'no process is left')
        lab.start_daemon()
        _, station, _, _ = start_pair(lab)
        station.ping('10.9.0.1', count=3)

    def test_clients_are_killed_in_the_middle_of_requests(self):
        lab = self.start_lab()
        lab.host('a').run(['ip', 'link', 'set', 'wlan0', 'up'])
        settled = descriptors(lab.daemon)
        for _ in range(10):
            scanner = self.clients('a', 'scans')
            scanner.wait_for_line('begins')
            for pid, command in list(processes_with(str(lab.runtime))):
                if 'clients.py scans' in command and 'airloom' not in command.split()[0]:
                    os.kill(pid, signal.SIGKILL)
            self.assertEqual(scanner.wait(), 128 + signal.SIGKILL)
        wait_until(lambda: descriptors(lab.daemon) <= settled, 'the daemon has closed its ends')
        self.assertIn('phy#0', lab.host('a').run(['iw', 'dev']))

    def test_a_supervisor_is_killed(self):
        lab = self.start_lab()
        access_point, station, hostapd, supplicant = start_pair(lab)
        os.kill(self.supervisor_of(supplicant), signal.SIGKILL)
        self.assertNotEqual(supplicant.wait(20), 0)
        wait_until(lambda: not any('wpa_supplicant' in command for _, command in
                                   processes_with(str(lab.runtime))), 'its program has ended too')
        connected(station.wpa_supplicant(key_mgmt='WPA-PSK', psk='"correcthorsebattery"'))
        station.ping('10.9.0.1', count=3)
        self.assertIsNone(hostapd.process.poll())

    def test_a_listener_that_never_reads(self):
        lab = self.start_lab()
        fifo = lab.folder / 'go'
        os.mkfifo(fifo)
        deaf = self.clients('a', 'deaf', fifo)
        deaf.wait_for_line('listens')
        self.clients('a', 'churn', 50).wait()
        before = resident_kib(lab.daemon)
        self.assertEqual(self.clients('a', 'churn', 300).wait(120), 0)
        self.assertLess(resident_kib(lab.daemon) - before, 2048, 'KiB for what nobody reads')
        fifo.write_text('')
        deaf.wait_for_line('lost')
        self.assertEqual(deaf.wait(), 0)

    def test_500_clients(self):
        lab = self.start_lab()
        settled = descriptors(lab.daemon)
        crowds = [self.clients(f'h{i}', 'sockets', 50) for i in range(10)]
        for crowd in crowds:
            crowd.wait_for_line('^open 50$')
            crowd.wait_for_line('^answered 50$')
        self.assertGreaterEqual(descriptors(lab.daemon), settled + 500)
        for crowd in crowds:
            crowd.process.terminate()
            crowd.wait()
        self.assertIn('phy#', lab.host('h0').run(['iw', 'dev']))

    def test_no_descriptor_is_left(self):
        lab = self.new_lab()
        limit = 64
        lab.prefix = ['prlimit', f'--nofile={limit}:{limit}', '--']
        lab.start_daemon()
        lab.prefix = []
        lab.host('a').run(['true'])
        crowd = self.clients('a', 'sockets', 200)
        crowd.wait_for_line('^refused .*(Too many open files|No buffer|connection)')
        crowd.wait_for_line('^answered [1-9]')
        busy = self.cpu_seconds(lab.daemon)
        time.sleep(1)  # a second in which nobody asks for anything
        self.assertLess(self.cpu_seconds(lab.daemon) - busy, 0.5, 'it spins')
        crowd.process.terminate()
        crowd.wait()
        wait_until(lambda: self.airloom('status').returncode == 0, 'there is room again')
        self.assertIn('phy#0', lab.host('a').run(['iw', 'dev']))

    @staticmethod
    def cpu_seconds(program):
        fields = pathlib.Path(f'/proc/{program.process.pid}/stat').read_text().split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf('SC_CLK_TCK')

    def test_the_disk_is_full_under_a_capture(self):
        lab = self.start_lab()
        start_pair(lab)
        full = subprocess.run([AIRLOOM, 'capture', '-o', '/dev/full'], env=lab.env, text=True,
                              capture_output=True, timeout=60)
        self.assertEqual(full.returncode, 1)
        self.assertIn('/dev/full', full.stderr)
        self.assertIn('No space left', full.stderr)
        lab.host('sta').ping('10.9.0.1', count=3)

    def test_a_long_stall(self):
        """As when the machine is suspended or the process starved: the world stands still."""
        lab = self.start_lab()
        _, station, hostapd, supplicant = start_pair(lab)
        supplicant.skip_to_now()
        lab.daemon.process.send_signal(signal.SIGSTOP)
        time.sleep(8)  # the fault itself
        lab.daemon.process.send_signal(signal.SIGCONT)
        wait_until(lambda: self.airloom('status').returncode == 0, 'the daemon answers again')
        station.ping('10.9.0.1', count=3)
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())
        self.assertIsNone(hostapd.process.poll())

    def test_the_clock_is_set_back(self):
        """An hour, for the daemon alone: the world and its captures go on as if nothing were."""
        lab = self.new_lab()
        clock = lab.write('clock', '0')
        set_back = [f'LD_PRELOAD={PROGRAMS / "libclock_from_file.so"}',
                    f'AIRLOOM_CLOCK_FILE={clock}']
        asan = f'ASAN_OPTIONS={os.environ.get("ASAN_OPTIONS", "")}:verify_asan_link_order=0'
        lab.prefix = ['env', *set_back, asan]
        lab.start_daemon()
        lab.prefix = []
        _, station, hostapd, supplicant = start_pair(lab)
        supplicant.skip_to_now()
        began = time.time()
        capture = Capture(lab)
        station.ping('10.9.0.1', count=3)
        clock.write_text('-3600')
        shown = subprocess.run(['env', *set_back, 'date', '+%s'], capture_output=True, check=True)
        self.assertLess(int(shown.stdout), began - 3000, 'the clock of a program can be set')
        station.ping('10.9.0.1', count=3)
        # It is no daemon that asks once an hour: another capture begins after the fault.
        times = [float(at) for path in (capture.end(), Capture(lab).end())
                 for at, in frames(path, ['frame.time_epoch'])]
        self.assertEqual(times, sorted(times))
        self.assertLess(began - 60, times[0])
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())
        self.assertIsNone(hostapd.process.poll())

    def test_one_host_cannot_have_all_descriptors(self):
        lab = self.start_lab()
        limit, each = 2048, 1000
        lab.run_options = ['--interpose', 'preload']  # by seccomp a process has 64 at most
        crowds = [lab.host('greedy').start(['prlimit', '--nofile=4096', *CLIENTS, 'sockets', each])
                  for _ in range(limit // each + 1)]
        counts = [int(crowd.wait_for_line('^open ([0-9]+)', 120).group(1)) for crowd in crowds]
        self.assertTrue(limit - 50 < sum(counts) <= limit, counts)
        self.assertIn('Too many open files in system', '\n'.join(map(Program.output, crowds)))
        for crowd, count in zip(crowds, counts):
            crowd.wait_for_line(f'^answered {count}$', 120)
        modest = self.clients('modest', 'sockets', 50)
        modest.wait_for_line('^open 50$')
        modest.wait_for_line('^answered 50$')
        for crowd in (*crowds, modest):
            crowd.process.terminate()
            crowd.wait()

    def test_busy_clients_leave_others_their_turn(self):
        """Ten on one host that ask without a pause, and one on another: it gets a tenth or so."""
        lab = self.start_lab()
        _, station, _, supplicant = start_pair(lab)
        supplicant.skip_to_now()
        busy = [self.clients('greedy', 'asks', 4) for _ in range(10)]
        modest = self.clients('modest', 'asks', 4)
        station.ping('10.9.0.1', count=3)
        asked = []
        for client in (*busy, modest):
            asked.append(int(client.wait_for_line('^asked ([0-9]+)').group(1)))
        self.assertGreater(asked[-1], sum(asked[:-1]) / len(busy) / 4, asked)
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())

    def test_who_never_reads_an_answer_is_not_listened_to(self):
        lab = self.start_lab()
        lab.host('a').run(['true'])
        before = resident_kib(lab.daemon)
        mute = subprocess.Popen([*CLIENTS, 'mute', lab.runtime / 'daemon.sock', 'a'],
                                stdout=subprocess.PIPE, text=True)
        try:
            self.assertRegex(mute.stdout.readline(), '^unheard [0-9]+$')
            self.assertLess(resident_kib(lab.daemon) - before, 16384, 'KiB for answers')
            self.assertIn('phy#0', lab.host('a').run(['iw', 'dev']))
        finally:
            mute.kill()
            mute.communicate()

    def test_another_user_has_no_part_in_it(self):
        lab = self.start_lab()
        lab.host('a').run(['true'])
        socket_path = lab.runtime / 'daemon.sock'
        binary = lab.folder / 'airloom'
        binary.write_bytes(pathlib.Path(AIRLOOM).read_bytes())
        binary.chmod(0o755)
        refused = subprocess.run([*AS_NOBODY, binary, 'status'], env=lab.env, text=True,
                                 capture_output=True, timeout=60)
        self.assertNotEqual(refused.returncode, 0)
        self.assertEqual(lab.runtime.stat().st_mode & 0o777, 0o700)
        # Even where somebody has opened the door, the daemon asks who it is.
        for path in (lab.folder, lab.runtime, socket_path):
            path.chmod(0o777)
        said = subprocess.run([*AS_NOBODY, '/usr/bin/python3', '-c', CONNECT_TO_DAEMON,
                               socket_path], text=True, capture_output=True, timeout=60)
        self.assertRegex(said.stdout, '^(answer 0|.*(Broken pipe|reset by peer))', said.stderr)
        self.assertEqual(self.airloom('status').returncode, 0)

    def test_a_host_is_reached_by_the_air_alone(self):
        lab = self.start_lab()
        one, other = lab.host('a'), lab.host('b')
        one.set_ip('10.9.0.1/24')
        other.set_ip('10.9.0.2/24')
        for host in (one, other):
            host.run(['ip', 'link', 'set', 'wlan0', 'up'])
        links = other.run(['ip', '-o', 'link']).splitlines()
        self.assertEqual([line.split(':')[1].strip() for line in links], ['lo', 'wlan0', 'hwsim0'])
        self.assertNotIn(one.address(), other.run(['iw', 'dev']))
        for interface in ('wlan0', 'hwsim0'):
            said = other.run(['ping', '-c', '1', '-W', '1', '-I', interface, '10.9.0.1'],
                             status=None)
            self.assertNotIn('bytes from', said)

    def test_a_program_of_one_host_cannot_join_another(self):
        """Neither by `airloom run` nor by a socket of its own, whatever it says there."""
        lab = self.start_lab()
        guest, owner = lab.host('guest'), lab.host('owner')
        stays = owner.start(['sh', '-c', 'echo stays; exec sleep 1000'])  # participant 1
        stays.wait_for_line('stays')
        refused = guest.start([AIRLOOM, 'run', '--host', 'owner', '--', 'iw', 'dev'])
        self.assertEqual(refused.wait(), 125)
        self.assertIn("no way to 'owner' but the air", refused.output())
        join = [*CLIENTS, 'join', lab.runtime / 'daemon.sock']
        self.assertRegex(guest.run([*join, 'owner', 1]),
                         "^refused: .* but the air\nrefused: that host is another one's$")
        self.assertRegex(guest.run([*join, 'guest', 1]),
                         "^let in\nrefused: that host is another one's$")
        self.assertIsNone(stays.process.poll())


if __name__ == '__main__':
    unittest.main()
