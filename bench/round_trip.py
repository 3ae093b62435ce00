"""What a generic netlink round trip costs: the kernel's own, by the supervisor, by the library.

All on one core, the daemon too; the three take turns. Prints medians of medians, in a table, and
fails where one is above its limit. The kernel is asked for nlctrl, airloom for a family of its own
with as little to tell.

Usage: round_trip.py AIRLOOM GETFAMILY [FAMILY]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

from bars import Bars

ROUNDS = 7
REQUESTS = 5000
LIMITS = {'kernel': None, 'seccomp': 12, 'preload': 4}  # times the kernel


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.02)


def main(airloom, program, family='MAC80211_HWSIM'):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix='airloom-bench-') as folder:
        env = dict(os.environ, AIRLOOM_RUNTIME_DIR=folder)
        log = open(os.path.join(folder, 'bench.log'), 'w')
        daemon = subprocess.Popen([airloom, 'daemon'], env=env, stderr=log)
        try:
            wait_for(os.path.join(folder, 'daemon.sock'))
            samples = {name: [] for name in LIMITS}
            for _ in range(ROUNDS):
                for name in LIMITS:
                    asked = 'nlctrl' if name == 'kernel' else family
                    command = [program, asked, str(REQUESTS)]
                    if name != 'kernel':
                        command = [airloom, 'run', '--interpose', name, '--', *command]
                    output = subprocess.run(command, env=env, check=True, capture_output=True)
                    samples[name].append(int(output.stdout))
        finally:
            daemon.terminate()
            daemon.wait()
            log.close()
    kernel = statistics.median(samples['kernel'])
    bars = Bars()
    print(f'{"GETFAMILY, one core":<22} {"us p50":>8} {"x kernel":>9} {"limit":>6}')
    for name, values in samples.items():
        median = statistics.median(values)
        print(f'{name:<22} {median / 1000:>8.2f} {median / kernel:>9.1f} {LIMITS[name] or "-":>6}')
        if LIMITS[name]:
            bars.at_most(f'GETFAMILY by {name}: x kernel', median / kernel, LIMITS[name])
    bars.exit()


if __name__ == '__main__':
    main(*sys.argv[1:])
