"""Figures of a daemon with real programs: what bench_airloom cannot see, as it is system calls.

TCP between two hosts' TAPs beside a loop that only copies between two TAPs (tap_copier), in turns;
radios made through MAC80211_HWSIM; nl80211's split dump of all wiphys; many idle networks. Medians
of RUNS. A run that misses a bar says so at its end, and fails.

Usage, as root (script/bench-system builds first): system.py RELEASE_DIR [RUNS] [SECONDS]
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

RELEASE = pathlib.Path(sys.argv[1]).resolve()
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
IDLE_SECONDS = 10
HERE = pathlib.Path(__file__).resolve().parent

os.environ['AIRLOOM'] = str(RELEASE / 'src/airloom')
os.environ['TMPDIR'] = '/dev/shm'  # a tmpfs, as /run is: a disk's file system would be measured too
sys.path.insert(0, str(HERE.parent / 'tests/interop'))

import airloom_testing  # noqa: E402  (it reads AIRLOOM)
from bars import Bars  # noqa: E402

# The real kernel's, in seconds: the split dump of so many wiphys, and a thousand radios made.
KERNEL_DUMP = {2: 0.136e-3, 102: 6e-3, 1002: 72e-3}
KERNEL_MAKES_1000 = 4.4
# What the road from the daemon to a program that is interposed adds to a message of a dump.
ROAD_PER_MESSAGE = 0.8e-6
# What of which yardstick's rate airloom's TCP must have: offload and all, more than the copier.
TCP_BARS = {'airloom open': ('copier', 1.0), 'airloom ccmp': ('copier ccm', 0.8)}

LAB = '''
[host.ap]
address = "10.77.0.1/24"
[host.ap.access_point]
ssid = "bench"
{passphrase}
[host.sta]
address = "10.77.0.2/24"
[host.sta.station]
ssid = "bench"
scan = [2412]
{passphrase}
'''


def cpu_seconds(pid):
    words = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')


def resident_octets(pid):
    status = pathlib.Path(f'/proc/{pid}/status').read_text()
    return int(status.split('VmRSS:')[1].split()[0]) * 1024


class Copier:
    """Two network namespaces joined by tap_copier."""

    def __init__(self, mode):
        self.mode = mode

    def __enter__(self):
        self.copier = subprocess.Popen([RELEASE / 'bench/tap_copier', 'abtA', 'abtB', self.mode],
                                       stdout=subprocess.PIPE, text=True)
        self.copier.stdout.readline()
        for side, number in (('A', 2), ('B', 1)):
            run('ip', 'netns', 'add', f'airloom-bench-{side}')
            run('ip', 'link', 'set', f'abt{side}', 'netns', f'airloom-bench-{side}')
            run('ip', '-n', f'airloom-bench-{side}', 'address', 'add', f'10.77.0.{number}/24',
                'dev', f'abt{side}')
            run('ip', '-n', f'airloom-bench-{side}', 'link', 'set', f'abt{side}', 'up')
        return self

    def __exit__(self, *_):
        for side in 'AB':
            run('ip', 'netns', 'del', f'airloom-bench-{side}')
        self.copier.kill()
        self.copier.wait()

    def pid(self):
        return self.copier.pid

    def start(self, side, *command):
        return subprocess.Popen(['ip', 'netns', 'exec', f'airloom-bench-{side}', *command],
                                stdout=subprocess.PIPE, text=True)


class Network:
    """airloom's own access point and station on two hosts of a daemon."""

    def __init__(self, passphrase):
        self.passphrase = f'passphrase = "{passphrase}"' if passphrase else ''

    def __enter__(self):
        self.lab = airloom_testing.Lab().start_daemon()
        self.lab.up(LAB.format(passphrase=self.passphrase))
        return self

    def __exit__(self, *_):
        self.lab.close()

    def pid(self):
        return self.lab.daemon.process.pid

    def start(self, side, *command):
        host = {'A': 'sta', 'B': 'ap'}[side]
        return subprocess.Popen([os.environ['AIRLOOM'], 'exec', host, '--', *command],
                                stdout=subprocess.PIPE, text=True, env=self.lab.env)


def run(*command):
    subprocess.run(command, check=True)


def tcp(road):
    """(Gb/s, Gb per CPU second of the road's process) of iperf3 over a road."""
    with road:
        server = road.start('B', 'iperf3', '--server', '--one-off', '--forceflush')
        for line in server.stdout:
            if 'listening' in line:
                break
        before = cpu_seconds(road.pid())
        client = road.start('A', 'iperf3', '--client', '10.77.0.1', '--time', str(SECONDS),
                            '--json')
        end = json.loads(client.communicate()[0])['end']
        spent = cpu_seconds(road.pid()) - before
        server.communicate()
        gigabits = end['sum_received']['bytes'] * 8 / 1e9
        return end['sum_received']['bits_per_second'] / 1e9, gigabits / spent


def measure_tcp(bars):
    roads = {'copier': lambda: Copier('plain'), 'airloom open': lambda: Network(''),
             'copier ccm': lambda: Copier('ccm'),
             'airloom ccmp': lambda: Network('correcthorsebattery'),
             'copier offload': lambda: Copier('offload')}
    results = {name: [] for name in roads}
    for _ in range(RUNS):
        for name, make in roads.items():
            results[name].append(tcp(make()))
    medians = {name: [statistics.median(column) for column in zip(*rows)]
               for name, rows in results.items()}
    for name, (rate, per_cpu) in medians.items():
        ratios = ''
        if name in TCP_BARS:
            yardstick, least = TCP_BARS[name]
            ratios = (f'  {rate / medians[yardstick][0]:.2f} of the copier,'
                      f' {per_cpu / medians[yardstick][1]:.2f} per CPU second')
            bars.at_least(f'TCP {name}: of the {yardstick}', rate / medians[yardstick][0], least)
        print(f'TCP {name:<16} {rate:6.2f} Gb/s {per_cpu:6.2f} Gb per CPU second{ratios}')


def measure_idle(bars, access_points=20, stations=200):
    """CPU time of a daemon whose own networks do nothing, all on one channel."""
    network = 'ssid = "idle{0}"\npassphrase = "correcthorsebattery"\n'
    hosts = [f'[host.ap{n}.access_point]\n' + network.format(n) for n in range(access_points)]
    hosts += [f'[host.sta{n}.station]\nscan = [2412]\n' + network.format(n % access_points)
              for n in range(stations)]
    lab = airloom_testing.Lab().start_daemon()
    try:
        began = time.monotonic()
        up = lab.start(['up', str(lab.write('lab.toml', ''.join(hosts)))], 'up')
        if up.wait(300) != 0:
            raise SystemExit(up.output())
        took = time.monotonic() - began
        time.sleep(2)  # what follows an association has passed
        pid = lab.daemon.process.pid
        spent, began = cpu_seconds(pid), time.monotonic()
        time.sleep(IDLE_SECONDS)
        share = (cpu_seconds(pid) - spent) / (time.monotonic() - began)
        beacons = access_points * 1e6 / (100 * 1024)
        receivers = access_points + stations - 1
        us_per_beacon = share / beacons / receivers * 1e6
        print(f'{access_points} access points and {stations} idle stations, up in {took:.1f} s:'
              f' {100 * share:.1f} % of a core, {us_per_beacon:.2f} us a beacon and receiver')
        bars.at_most('idle: % of a core', 100 * share, 10)
        bars.at_most('idle: us a beacon and receiver', us_per_beacon, 0.3)
    finally:
        lab.close()


def measure_radios(count, bars):
    """Makes radios on a host; times one program that makes all, and then its dumps of wiphys.

    Returns the seconds that all took.
    """
    lab = airloom_testing.Lab().start_daemon()
    try:
        host = lab.host('a')
        host.run(['true'])
        pid = lab.daemon.process.pid
        before, spent = resident_octets(pid), cpu_seconds(pid)
        client = host.start(['/usr/bin/python3', '-B', HERE / 'radio_client.py', str(count)])
        client.wait(600)
        took = dict(line.split() for line in client.lines)
        if 'make' not in took:
            raise SystemExit(client.output())
        made, dump = float(took['make']), float(took['dump'])
        octets = (resident_octets(pid) - before) / count
        print(f'radios {count + 1:5}: made in {made:6.2f} s'
              f' ({cpu_seconds(pid) - spent:.2f} s of the daemon, dumps included),'
              f' {octets / 1000:.1f} kB a radio; split dump {dump * 1e3:8.3f} ms,'
              f' {took["messages"]} messages; one request {float(took["ask"]) * 1e6:.0f} us')
        bars.at_most(f'split dump of {count + 1} wiphys: s', dump,
                     KERNEL_DUMP[count + 1] + int(took['messages']) * ROAD_PER_MESSAGE)
        if count >= 1000:
            bars.at_most(f'{count} radios made: s', made, KERNEL_MAKES_1000)
            bars.at_most(f'{count} radios made: kB a radio', octets / 1000, 20)
        return made
    finally:
        lab.close()


def main():
    airloom_testing.require('iperf3', 'ip')
    began = time.monotonic()
    bars = Bars()
    made = {count: measure_radios(count, bars) for count in (1, 101, 1001)}
    bars.at_most('a radio of 1001 beside one of 101', made[1001] / 1001 / (made[101] / 101), 2)
    measure_idle(bars)
    measure_tcp(bars)
    print(f'{RUNS} runs of {SECONDS} s, {time.monotonic() - began:.0f} s in all, load '
          f'{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores')
    bars.exit()


if __name__ == '__main__':
    main()
