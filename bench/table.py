"""Prints Google Benchmark's JSON files as one table: medians, and ratios to libcrypto alone.

Names are benchmark/SIZE or benchmark/SIZE/BURST; a ratio is to libcrypto for the same size.

Usage: table.py RESULT.json...
"""

import json
import statistics
import sys

YARDSTICK = 'libcrypto_ccm'


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
          f'{"x libcrypto":>12} {"allocations":>12}')
    for name, (samples, allocations) in sorted(
            times.items(), key=lambda row: (not row[0].startswith(YARDSTICK), row[0])):
        median = statistics.median(samples)
        spread = (max(samples) - min(samples)) / median
        yardstick = times.get(f'{YARDSTICK}/{name.split("/")[1]}')
        ratio = '-'
        if yardstick and 'ccm' in name:
            ratio = f'{median / statistics.median(yardstick[0]):.2f}'
        allocations = '-' if allocations is None else f'{allocations:.3f}'
        print(f'{name:<26} {median:>9.0f} {spread:>7.0%} {1e9 / median:>11,.0f} '
              f'{ratio:>12} {allocations:>12}')


if __name__ == '__main__':
    main()
