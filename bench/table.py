"""Prints Google Benchmark's JSON files as one table: medians, and ratios to a yardstick.

Names are benchmark/SIZE or benchmark/SIZE/BURST; a ratio is to the yardstick of the same size:
libcrypto alone for what encrypts frames, a plain copier of datagrams for the tunnel.

Usage: table.py RESULT.json...
"""

import json
import statistics
import sys

YARDSTICKS = {'ccm': 'libcrypto_ccm', 'tunnel': 'udp_copier'}  # by a part of the name


def rows(paths):
    """{name: (CPU nanoseconds per item, one per repetition; allocations per item or None)}."""
    times = {}
    for path in paths:
        with open(path) as file:
            for run in json.load(file)['benchmarks']:
                if run['run_type'] != 'iteration' or not run.get('items_per_second'):
                    continue
                samples, _ = times.get(run['run_name'], ([], None))
                samples.append(1e9 / run['items_per_second'])
                times[run['run_name']] = (samples, run.get('allocations_per_frame'))
    return times


def main():
    times = rows(sys.argv[1:])
    if not times:
        sys.exit('bench: no results')
    print(f'{"benchmark/size/burst":<26} {"ns/frame":>9} {"spread":>7} {"frames/s":>11} '
          f'{"x yardstick":>12} {"allocations":>12}')
    for name, (samples, allocations) in sorted(
            times.items(),
            key=lambda row: (not row[0].startswith(tuple(YARDSTICKS.values())), row[0])):
        median = statistics.median(samples)
        spread = (max(samples) - min(samples)) / median
        size = name.split('/')[1]
        yardstick = next((times.get(f'{of}/{size}') for part, of in YARDSTICKS.items()
                          if part in name), None)
        ratio = '-'
        if yardstick:
            ratio = f'{median / statistics.median(yardstick[0]):.2f}'
        allocations = '-' if allocations is None else f'{allocations:.3f}'
        print(f'{name:<26} {median:>9.0f} {spread:>7.0%} {1e9 / median:>11,.0f} '
              f'{ratio:>12} {allocations:>12}')


if __name__ == '__main__':
    main()
