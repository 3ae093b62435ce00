"""Prints Google Benchmark's JSON files as one table: medians, and ratios to a yardstick.

Names are benchmark/ARGUMENT/...; a ratio is to the yardstick for the same arguments, or else the
same size, which comes first: libcrypto alone for what encrypts frames, the same path without a
capture for one with it, few radios for many, a plain copier of datagrams for the tunnel, the tunnel
for a stranger's datagrams there.
Counters of a benchmark's own stand at the end of its line. A bar that is missed fails the run, and
so does one for which nothing was measured, unless only some benchmarks were asked for (--partial).

Usage: table.py [--partial] RESULT.json...
"""

import argparse
import json
import re
import statistics
import sys

from bars import Bars

# By a part of the name.
YARDSTICKS = {'ccm': 'libcrypto_ccm', 'gcm': 'libcrypto_gcm', 'captured': 'frame_path_ccmp',
              'tunnel': 'udp_copier', 'stranger': 'tunnel_dtls'}
# By the whole name: what must not grow with the number of radios.
SMALLER = {'new_radio/1000': 'new_radio/100', 'new_radio/3000': 'new_radio/100',
           'frame_path_among/1500/32/1000': 'frame_path_among/1500/32/2'}
# What must not be exceeded: (beginning of the name, counter, RATIO to its yardstick or median NS,
# limit). Each row with that beginning must have the figure, and there must be one. Those of bursts
# are of a machine on which intel-ipsec-mb is used.
RATIO = 'x yardstick'
NS = 'ns/item'
BARS = [('frame_path_ccmp/1500/32', RATIO, 1.25),
        ('frame_path_ccmp/64/32', RATIO, 2.0),
        ('frame_path_gcmp/1500/', RATIO, 1.43),
        ('frame_path_open/', NS, 1840),  # the kernel's
        ('frame_path_', 'allocations_per_frame', 0.001),
        ('frame_path_among/1500/32/1000', RATIO, 1.5),
        ('crypto_ccmp/1500/32', RATIO, 0.33),
        ('crypto_gcmp/1500/32', RATIO, 0.4),
        ('new_radio/1000', RATIO, 2.0),
        ('new_radio/3000', RATIO, 2.0),
        ('new_radio/1000', 'octets_per_radio', 20_000),
        ('get_wiphy/2', NS, 136_000),  # the kernel's, as the next two
        ('get_wiphy/102', NS, 6_000_000),
        ('get_wiphy/1002', NS, 72_000_000),
        ('associate_wpa2/1000', NS, 1_000_000),  # 1,000 a second
        ('idle/1000/1', NS, 10_000_000),  # 100 times real time
        ('idle/200/20', 'core_percent', 10),
        ('idle/200/20', 'ns_per_beacon_and_receiver', 300),
        ('protected_beacon/', 'more_ns', 2000),
        ('frame_path_captured/', RATIO, 1.15),
        ('tunnel_', RATIO, 2.0),
        ('stranger_hello/', RATIO, 2.0),
        ('stranger_noise/', RATIO, 1.0)]
# What Google Benchmark writes of every run.
COMMON = {'name', 'run_name', 'run_type', 'family_index', 'per_family_instance_index',
          'repetitions', 'repetition_index', 'threads', 'iterations', 'real_time', 'cpu_time',
          'time_unit', 'items_per_second'}


def rows(paths):
    """{name: (CPU nanoseconds per item, one per repetition; counters, of the last one)}."""
    times = {}
    for path in paths:
        with open(path) as file:
            for run in json.load(file)['benchmarks']:
                if run['run_type'] != 'iteration' or not run.get('items_per_second'):
                    continue
                name = re.sub('/(manual_time|iterations:[0-9]+|repeats:[0-9]+)', '',
                              run['run_name'])
                samples, _ = times.get(name, ([], None))
                samples.append(1e9 / run['items_per_second'])
                times[name] = (samples, {key: run[key] for key in run if key not in COMMON})
    return times


def ratio(times, name):
    """Of a benchmark to its yardstick, in medians; None if it has none."""
    if (smaller := SMALLER.get(name)) in times:
        return statistics.median(times[name][0]) / statistics.median(times[smaller][0])
    benchmark, arguments = name.split('/', 1)
    for part, yardstick in YARDSTICKS.items():
        alone = (times.get(f'{yardstick}/{arguments}') or
                 times.get(f'{yardstick}/{arguments.split("/")[0]}'))
        if part in benchmark and alone:
            return statistics.median(times[name][0]) / statistics.median(alone[0])
    return None


def held(times, partial=False):
    """The Bars, with what was missed."""
    def value(name, counter):
        if counter == NS:
            return statistics.median(times[name][0])
        return ratio(times, name) if counter == RATIO else times[name][1].get(counter)

    bars = Bars()
    for beginning, counter, limit in BARS:
        figures = {name: value(name, counter) for name in times if name.startswith(beginning)}
        for name, figure in (figures or {beginning: None}).items():
            if figure is not None:
                bars.at_most(f'{name}: {counter}', figure, limit)
            elif not partial:
                bars.absent(f'{name}: {counter}')
    return bars


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--partial', action='store_true')
    parser.add_argument('results', nargs='+')
    arguments = parser.parse_args()
    times = rows(arguments.results)
    if not times:
        sys.exit('bench: no results')
    print(f'{"benchmark":<26} {"ns/item":>13} {"spread":>7} {"items/s":>13} {RATIO:>12}')
    for name, (samples, counters) in sorted(
            times.items(),
            key=lambda row: (not row[0].startswith(tuple(YARDSTICKS.values())), row[0])):
        median = statistics.median(samples)
        spread = (max(samples) - min(samples)) / median
        relative = ratio(times, name)
        own = ''.join(f'  {key} {value:.3g}' for key, value in counters.items())
        print(f'{name:<26} {median:>13,.0f} {spread:>7.0%} {1e9 / median:>13,.0f} '
              f'{"-" if relative is None else f"{relative:.2f}":>12}{own}')
    held(times, arguments.partial).exit()


if __name__ == '__main__':
    main()
