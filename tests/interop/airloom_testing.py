"""What the interop scenarios share: a private daemon, programs on its hosts, and a leak check.

A scenario is a folder with a test.py. It starts unmodified programs on hosts through
`airloom run --host NAME -- PROGRAM` and waits for what they print. Nothing here sleeps for luck:
every wait names its condition and fails with the program's log.

AIRLOOM names the binary. AIRLOOM_RUN_OPTIONS are options for every `airloom run`, as in
`--interpose preload`. AIRLOOM_RUNTIME_DIR, which the harness sets to a fresh folder, keeps a
scenario's daemon apart from every other; it is also how the leak check knows what is ours.
"""

import json
import os
import pathlib
import re
import socket
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from lab_isolation import enter_own_namespaces, interfaces_and_namespaces, processes_with

AIRLOOM = os.environ.get('AIRLOOM', '')
RUN_OPTIONS = os.environ.get('AIRLOOM_RUN_OPTIONS', '').split()
LONG = os.environ.get('AIRLOOM_LONG') == '1'
WAIT_SECONDS = 60
POLL_SECONDS = 0.05
PASSPHRASE = 'correcthorsebattery'
SSID = 'oracle'


def require(*tools):
    """Fails, and says how to get it, where the machine lacks something. Never skips."""
    if not os.access(AIRLOOM, os.X_OK):
        raise AssertionError(f'AIRLOOM={AIRLOOM!r} is no program: build it, and run through ctest')
    if os.geteuid() != 0:
        raise AssertionError('interop tests make network namespaces: run them as root')
    if not os.path.exists('/dev/net/tun'):
        raise AssertionError('no /dev/net/tun: `modprobe tun`, or give the container the device')
    for tool in tools:
        if not shutil.which(tool):
            raise AssertionError(f'{tool} is not installed: run script/bootstrap')


def wait_until(condition, what, seconds=WAIT_SECONDS):
    """Polls condition() until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'after {seconds} s still not: {what}')
        time.sleep(POLL_SECONDS)


class Program:
    """A process with its output: a log on disk, and lines that wait_for_line() can wait for."""

    def __init__(self, name, command, folder, env, on_line=None):
        self.name = name
        self.lines = []
        self._on_line = on_line
        self._cursor = 0
        self._changed = threading.Condition()
        self._ended = False
        self._log = open(folder / f'{name}.log', 'w', buffering=1)
        self._log.write(f'$ {" ".join(command)}\n')
        self.process = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'TERM', '--', *command],  # ends when we do
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors='replace', start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._log.write(line)
            if self._on_line:
                self._on_line(self.name, line.rstrip('\n'))
            with self._changed:
                self.lines.append(line.rstrip('\n'))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for_line(self, pattern, seconds=WAIT_SECONDS):
        """Waits for the next line, after the last one waited for, that matches: the match."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                while self._cursor < len(self.lines):
                    match = re.search(pattern, self.lines[self._cursor])
                    self._cursor += 1
                    if match:
                        return match
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    why = 'it ended' if self._ended else f'{seconds} s passed'
                    raise AssertionError(
                        f'{self.name} did not print /{pattern}/ ({why}). Its last lines:\n'
                        + self.tail())
                self._changed.wait(left)

    def skip_to_now(self):
        """Makes the next wait_for_line() ignore what was printed so far."""
        with self._changed:
            self._cursor = len(self.lines)

    def tail(self, count=40):
        return '\n'.join(self.lines[-count:])

    def output(self):
        return '\n'.join(self.lines)

    def wait(self, seconds=WAIT_SECONDS):
        """Waits for the end of the process and of its output; returns its exit status."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'{self.name} still runs after {seconds} s:\n{self.tail()}')
        self._reader.join(2)  # a child that outlives it may hold the pipe: the leak check's matter
        return status

    def stop(self, signal_number=signal.SIGTERM, seconds=20):
        """Asks the process to end, as a service manager or a Ctrl-C would, and waits for it."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        return self.wait(seconds)

    def kill(self):
        """The whole process group, at once: a crash, or the last resort of a teardown."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended, and so did its children
        self.process.wait()
        self._reader.join(5)
        self.process.stdout.close()
        self._log.close()


RECVMSG = '47'  # x86-64; `iw event` says nothing when it has joined its groups


class EventListeners:
    """True once `count` processes of `iw event` have sat in recvmsg for ten looks in a row."""

    def __init__(self, lab, count):
        self.mark = str(lab.runtime)
        self.count = count
        self.looks = 0

    def __call__(self):
        calls = [pathlib.Path(f'/proc/{pid}/syscall').read_text().split()[0]
                 for pid in iw_events_of(self.mark)]
        self.looks = self.looks + 1 if calls == [RECVMSG] * self.count else 0
        return self.looks >= 10


def refused(number):
    """The exit status of iw when the kernel answers with this errno."""
    return 256 - number


def iw_events_of(mark):
    """The numbers of the processes of `iw event` with mark in their environment."""
    return [pid for pid, command in processes_with(mark) if command.startswith('iw event')]


class Host:
    """One host of the lab: `airloom run --host NAME -- ...`."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name

    def start(self, command, name=None):
        """Starts a program on the host and returns it running."""
        return self.lab.start(['run', *self.lab.run_options, '--host', self.name, '--',
                               *map(str, command)],
                              name or f'{self.name}-{pathlib.Path(str(command[0])).name}')

    def run(self, command, status=0, seconds=WAIT_SECONDS):
        """Runs a program to its end and returns what it printed; fails on another exit status."""
        program = self.start(command)
        got = program.wait(seconds)
        if status is not None and got != status:
            raise AssertionError(f'on {self.name}, {" ".join(map(str, command))}: exit status '
                                 f'{got}, not {status}:\n{program.tail()}')
        return program.output()

    def address(self, interface='wlan0'):
        """The MAC address of an interface."""
        return json.loads(self.run(['ip', '-j', 'link', 'show', interface]))[0]['address']

    def set_ip(self, cidr, interface='wlan0'):
        self.run(['ip', 'address', 'replace', cidr, 'dev', interface])

    def silence(self, interface='wlan0'):
        """Keeps the host's kernel from saying anything by itself through the interface."""
        self.run(['sysctl', '-w', f'net.ipv6.conf.{interface}.disable_ipv6=1'])

    def ping(self, address, count=10):
        """Pings; every echo has to come back."""
        output = self.run(['ping', '-c', count, '-i', '0.2', '-W', '5', address])
        if f'{count} packets transmitted, {count} received' not in output:
            raise AssertionError(output)
        return output

    def iw_events(self, *options):
        """Starts `iw event` and returns it once it listens."""
        count = len(iw_events_of(str(self.lab.runtime))) + 1
        program = self.start(['iw', 'event', *options])
        wait_until(EventListeners(self.lab, count), '`iw event` waits for events')
        return program

    def scan(self, *words, interface='wlan0'):
        """What a scan of these frequencies and flags finds, as `iw scan` prints it.

        `iw scan` itself listens too late for a scan that ends at once, as its source says.
        """
        events = self.iw_events()
        self.run(['iw', 'dev', interface, 'scan', 'trigger', *words])
        events.wait_for_line(rf'{interface} .*scan finished')
        events.stop()
        return self.run(['iw', 'dev', interface, 'scan', 'dump'])

    # hostapd and wpa_supplicant

    def hostapd(self, **options):
        """Starts hostapd with options over the defaults and waits for AP-ENABLED."""
        program = self.start(['hostapd', self.lab.write_hostapd_config(self.name, **options)])
        program.wait_for_line('AP-ENABLED')
        return program

    def wpa_supplicant(self, **network):
        """Starts wpa_supplicant with one network block; see connected()."""
        config = self.lab.write_supplicant_config(self.name, **network)
        return self.start(['wpa_supplicant', '-i', 'wlan0', '-D', 'nl80211', '-c', config])

    def hostapd_cli(self, *words):
        return self.run(['hostapd_cli', '-p', self.lab.control(self.name), '-i', 'wlan0', *words])

    def wpa_cli(self, *words):
        return self.run(['wpa_cli', '-p', self.lab.control(self.name), '-i', 'wlan0', *words])

    def wpa_events(self):
        """A context that hears wpa_supplicant's control interface, as wpa_cli does."""
        return ControlEvents(pathlib.Path(self.lab.control(self.name)) / 'wlan0', self.lab.folder)

    def status(self, cli='wpa_cli'):
        """`wpa_cli status` or `hostapd_cli status` as a dictionary."""
        return fields(self.wpa_cli('status') if cli == 'wpa_cli' else self.hostapd_cli('status'))


class ControlEvents:
    """The unsolicited messages of a control interface, while the context lasts."""

    def __init__(self, path, folder):
        self.path = str(path)
        self.own = folder / 'control-events'
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def __enter__(self):
        self.socket.bind(str(self.own))
        self.socket.connect(self.path)
        self.socket.settimeout(WAIT_SECONDS)
        self.socket.send(b'ATTACH')
        self.wait_for('OK')
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.own.unlink()

    def wait_for(self, text):
        while text not in self.socket.recv(65536).decode(errors='replace'):
            pass


def fields(text):
    """The `key=value` lines of the CLIs as a dictionary."""
    return dict(line.split('=', 1) for line in text.splitlines() if '=' in line)


def connected(supplicant, seconds=WAIT_SECONDS):
    supplicant.wait_for_line('CTRL-EVENT-CONNECTED', seconds)
    return supplicant


class Lab:
    """A private daemon, its hosts and everything started on them."""

    def __init__(self, owner=None, on_line=None):
        """owner: (uid, gid) of the folder. on_line: called with each (program's name, line)."""
        self.prefix = []  # words before every airloom command
        self.run_options = RUN_OPTIONS  # of every airloom run
        self.airloom = AIRLOOM
        self.on_line = on_line
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='airloom-test-'))
        self.runtime = self.folder / 'run'
        self.runtime.mkdir(mode=0o700)
        if owner:
            os.chown(self.folder, *owner)
            os.chown(self.runtime, *owner)
        self.env = dict(os.environ, AIRLOOM_RUNTIME_DIR=str(self.runtime), LC_ALL='C.UTF-8')
        self.programs = []
        self.daemon = None

    def start(self, words, name):
        """Starts `airloom WORDS...`."""
        count = sum(program.name.split('.')[0] == name for program in self.programs)
        program = Program(f'{name}.{count}' if count else name,
                          [*self.prefix, self.airloom, *words], self.folder, self.env,
                          self.on_line)
        self.programs.append(program)
        return program

    def start_daemon(self, *options):
        """Starts the daemon and waits until it answers."""
        self.daemon = self.start(['daemon', *options], 'daemon')
        wait_until(self.answers, 'the daemon answers `airloom status`')
        return self

    def answers(self):
        if self.daemon and self.daemon.process.poll() is not None:
            raise AssertionError(f'the daemon ended:\n{self.daemon.tail()}')
        return self.start(['status'], 'status').wait() == 0

    def up(self, text):
        """`airloom up` of a lab file; returns once the lab is up."""
        program = self.start(['up', str(self.write('lab.toml', text))], 'up')
        status = program.wait()
        if status != 0:
            raise AssertionError(f'airloom up ended with status {status}:\n{program.tail()}')

    def host(self, name):
        return Host(self, name)

    def control(self, host):
        """The folder of a host's control sockets."""
        return self.folder / f'control-{host}'

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o644)
        return path

    def write_hostapd_config(self, host, **options):
        settings = {
            'interface': 'wlan0', 'driver': 'nl80211', 'ctrl_interface': self.control(host),
            'ssid': SSID, 'hw_mode': 'g', 'channel': 1, 'ieee80211n': 1, 'wmm_enabled': 1,
            **options}
        return self.write(f'hostapd-{host}.conf',
                          ''.join(f'{key}={value}\n' for key, value in settings.items()))

    def write_supplicant_config(self, host, **network):
        settings = {'ssid': f'"{SSID}"', 'scan_freq': 2412, **network}
        outside = ''.join(f'{key}={settings.pop(key)}\n' for key in ('sae_pwe',)
                          if key in settings)
        block = ''.join(f'  {key}={value}\n' for key, value in settings.items()
                        if value is not None)
        return self.write(f'wpa_supplicant-{host}.conf',
                          f'ctrl_interface={self.control(host)}\n{outside}'
                          f'network={{\n{block}}}\n')

    def close(self):
        """Ends everything, newest first, and returns what went wrong on the way."""
        problems = []
        for program in reversed(self.programs):
            try:
                status = program.stop()
                if program is self.daemon and status != 0:
                    problems.append(f'the daemon ended with status {status}:\n{program.tail()}')
            except AssertionError as error:
                problems.append(str(error))
        return problems

    def leaks(self):
        """What is left of this lab on the machine, as sentences."""
        mark = str(self.runtime)
        found = [f'process {pid}: {command}' for pid, command in processes_with(mark)]
        mounts = pathlib.Path('/proc/self/mountinfo').read_text().splitlines()
        found += [f'mount {line}' for line in mounts if mark in line]
        sockets = pathlib.Path('/proc/net/unix').read_text().splitlines()
        found += [f'socket {line}' for line in sockets if mark in line]
        # os.walk() bears with folders that go meanwhile.
        found += [f'file {folder}/{name}' for folder, _, names in os.walk(self.runtime)
                  for name in names]
        return found


class Scenario(unittest.TestCase):
    """A test with a lab of its own, whose end is part of the test: nothing may be left behind."""

    TOOLS = ()

    def setUp(self):
        require('ip', *self.TOOLS)
        enter_own_namespaces()
        self.lab = None

    def new_lab(self, **options):
        self.lab = Lab(**options)
        self.addCleanup(self.close_lab, self.lab)
        return self.lab

    def start_lab(self, **options):
        return self.new_lab(**options).start_daemon()

    def close_lab(self, lab):
        problems = lab.close()
        try:
            wait_until(lambda: not lab.leaks(), 'nothing is left behind', seconds=15)
        except AssertionError:
            problems += [f'left behind: {leak}' for leak in lab.leaks()]
        for program in lab.programs:
            program.kill()
        for pid, _ in list(processes_with(str(lab.runtime))):
            os.kill(pid, signal.SIGKILL)
        problems += [f'left behind: {name}' for name in interfaces_and_namespaces()]
        if problems:
            self.fail('\n'.join(problems) + f'\nlogs in {lab.folder}')
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            print(f'logs in {lab.folder}')
        else:
            shutil.rmtree(lab.folder)


def iperf3(server_host, client_host, address, seconds, *options):
    """Runs iperf3 between two hosts for `seconds` and returns the end of the client's report."""
    server = server_host.start(['iperf3', '--server', '--one-off', '--forceflush'])
    server.wait_for_line('Server listening')
    report = client_host.run(['iperf3', '--client', address, '--time', seconds, '--json', *options],
                             seconds=seconds + 60)
    if server.wait() != 0:
        raise AssertionError(f'the iperf3 server failed:\n{server.tail()}')
    return json.loads(report)['end']


WPA2_AP = {'wpa': 2, 'wpa_key_mgmt': 'WPA-PSK', 'rsn_pairwise': 'CCMP',
           'wpa_passphrase': PASSPHRASE}
WPA2_STATION = {'key_mgmt': 'WPA-PSK', 'psk': f'"{PASSPHRASE}"'}
WPA3_AP = {'wpa': 2, 'wpa_key_mgmt': 'SAE', 'rsn_pairwise': 'CCMP', 'ieee80211w': 2,
           'sae_password': PASSPHRASE}
WPA3_STATION = {'key_mgmt': 'SAE', 'sae_password': f'"{PASSPHRASE}"', 'ieee80211w': 2}
OPEN_STATION = {'key_mgmt': 'NONE'}


def start_pair(lab, ap=WPA2_AP, station=WPA2_STATION):
    """hostapd on host `ap` (10.9.0.1), wpa_supplicant on host `sta` (10.9.0.2), connected.

    Returns (host ap, host sta, hostapd, wpa_supplicant).
    """
    ap_host, station_host = lab.host('ap'), lab.host('sta')
    hostapd = ap_host.hostapd(**ap)
    ap_host.set_ip('10.9.0.1/24')
    supplicant = connected(station_host.wpa_supplicant(**station))
    station_host.set_ip('10.9.0.2/24')
    return ap_host, station_host, hostapd, supplicant


# Labs of airloom's own access point at 10.9.0.1, or station at 10.9.0.2; see lab_file().
OWN_AP = '''
[host.ap]
address = "10.9.0.1/24"
[host.ap.access_point]
ssid = "{ssid}"
passphrase = "{passphrase}"
{more}
'''
OWN_STATION = '''
[host.sta]
address = "10.9.0.2/24"
[host.sta.station]
ssid = "{ssid}"
scan = [2412]
passphrase = "{passphrase}"
{more}
'''


def lab_file(text, **keys):
    """A lab with these keys, as Python values, on its access point or station."""
    words = {True: 'true', False: 'false'}
    lines = [f'{key} = {words[value] if isinstance(value, bool) else repr(value)}'
             for key, value in keys.items()]
    return text.format(ssid=SSID, passphrase=PASSPHRASE, more='\n'.join(lines))
