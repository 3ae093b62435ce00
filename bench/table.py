"""Prints Google Benchmark's JSON files as one table: medians, and ratios to libcrypto alone.

Usage: table.py RESULT.json...
"""

import json
import statistics
import sys

BASELINE = 'libcrypto_ccm/1500'


def rows(paths):
    """{name: [CPU nanoseconds per item, one per repetition]}."""
    times = {}
    for path in paths:
        with open(path) as file:
            for run in json.load(file)['benchmarks']:
                if run['run_type'] == 'iteration' and run.get('items_per_second'):
                    times.setdefault(run['run_name'], []).append(1e9 / run['items_per_second'])
    return times


def main():
    times = rows(sys.argv[1:])
    if not times:
        sys.exit('bench: no results')
    baseline = statistics.median(times[BASELINE]) if BASELINE in times else None
    print(f'{"benchmark":<40} {"ns/frame":>10} {"spread":>8} {"frames/s":>12} {"x libcrypto":>12}')
    for name, samples in sorted(times.items(), key=lambda row: (row[0] != BASELINE, row[0])):
        median = statistics.median(samples)
        spread = (max(samples) - min(samples)) / median
        ratio = f'{median / baseline:.2f}' if baseline else '-'
        print(f'{name:<40} {median:>10.0f} {spread:>8.0%} {1e9 / median:>12,.0f} {ratio:>12}')


if __name__ == '__main__':
    main()
