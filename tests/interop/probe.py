"""Compares airloom's answers to scripted raw nl80211 requests with the kernel's.

A script of tests/vectors/linux-6.1/probe is played on a host with six radios, as it was played on
the kernel of record; each step's answers and events are compared. What both sides may differ in
stands in docs/conformance.md, as for golden.py.
"""

import pathlib
import re
import sys

from airloom_testing import Scenario
from golden import ROOT, compare, read_allowed

FOLDER = ROOT / 'tests/vectors/linux-6.1/probe'
CLIENT = pathlib.Path(__file__).with_name('nl80211_script.py')
RADIOS = 6
# What wlan2 was in every script's set-up.
MONITOR = ('iw dev wlan2 set type monitor', 'ip link set wlan2 up', 'iw dev wlan2 set freq 2412')

# airloom has no mesh and no IBSS yet, and wlan4 and wlan5 were such interfaces.
NOT_SERVED = re.compile('MESH|IBSS|MPATH|MPP|wlan[45]|SET_MCAST_RATE')

# A line of `ls -l`: kind and permissions, owner and group, size and date, name.
LISTED = r'([-cl][-rwx]{9})\s+\d+\s+(\w+\s+\w+)\s.*?\s(/.*)'

# How many lines of output belong to a step: those that its pattern matches.
FOLLOWING = {
    'ev': lambda words: rf'   E sock{words[1]} ',
    'groups': lambda words: r'group ',
    'policy': lambda words: r'GETPOLICY ',
    'rawif': lambda words: r'   PKT',
    'sh': lambda words: LISTED,
}


def blocks(script, output):
    """Yields (place, step, its lines of output): place is what docs/conformance.md calls it."""
    at = 0
    label = 'start'
    for step in script:
        words = step.split()
        first = at
        if words[0] == 's':
            label = f'{words[2]} {words[3]}'
            end = f'R\t{words[2]}\t{words[3]}\t'
            while not output[at].startswith(end):
                at += 1
            at += 1
        elif words[0].startswith('#'):
            if output[at] != step:
                raise AssertionError(f'after {label}: {output[at]!r} instead of {step!r}')
            at += 1
        elif words[0] in FOLLOWING:
            pattern = re.compile(FOLLOWING[words[0]](words))
            while at < len(output) and pattern.match(output[at]):
                at += 1
        suffix = f', socket {words[1]}' if words[0] == 'ev' else ''
        yield label + suffix, step, output[first:at]


def normalize(line, ifindexes):
    """A line without what differs between two runs. ifindexes: {number: name}."""
    def interface(match):
        number = int.from_bytes(bytes.fromhex(match.group(2)), 'little')
        return f'{match.group(1)}<{ifindexes.get(number, "another")}>'

    line = re.sub(LISTED, r'\1 \2 \3', line)  # busybox's ls, and size and date of what is made up
    line = re.sub(r'\b(IFINDEX\[4\]=)([0-9a-f]{8})', interface, line)
    line = re.sub(r'\bseq=[1-9]\d*', 'seq=N', line)
    if 'IFNAME' in line:
        line = re.sub(r'(GENERATION\[4\]=)[0-9a-f]+', r'\1N', line)
    # Injected frames leave as they were written; the kernel fills in their Duration.
    line = re.sub(r'(FRAME\[\d+\]=[acd]0[0-9a-f]{2})3a01', r'\g<1>0000', line)
    line = re.sub(r'(FRAME\[\d+\]=80[0-9a-f]{46})[0-9a-f]{16}', r'\1T', line)  # a timestamp
    # A key's sequence, unless nothing was sent under it.
    line = re.sub(r'(KEY_SEQ\[6\]=|KEY\[28\]=0a000400)(?!0{12})[0-9a-f]{12}', r'\1N', line)
    # An SA Query's transaction.
    line = re.sub(r'(FRAME\[28\]=d0[0-9a-f]{46}08[0-9a-f]{2})[0-9a-f]{4}', r'\1NNNN', line)
    if 'DEL_STATION' in line:  # whether enough frames were sent to expect a throughput
        line = re.sub(r'STA_INFO\[\d+\]', 'STA_INFO[N]', line)
    line = re.sub(r'(STA_INFO\[\w+\]=)[0-9a-f]+(\.\.)?', r'\1N', line)
    return ' '.join(line.split())


def in_order(lines):
    """Events of two interfaces come in no fixed order: one interface's after the other's."""
    def interface(line):
        found = re.search(r'IFINDEX\[4\]=<(\w+)>', line)
        return found.group(1) if found else ''

    return sorted(lines, key=interface) if all(' E sock' in f' {line}' for line in lines) else lines


def steps_of(name):
    return [line for line in map(str.strip, (FOLDER / f'{name}.txt').read_text().splitlines())
            if line]


class ProbeScenario(Scenario):
    """A script and the set-up that its kernel's host had."""

    TOOLS = ('iw', 'ip')
    SCRIPT = ''
    GOLDEN = ''  # its file, and the heading of its part if it has several
    SETUP = ()   # commands, each a line
    FIRST_IFINDEX = 3  # wlan0's on the kernel; the others follow

    def prepare(self, host):
        """What else was running on the kernel's host."""

    def golden_lines(self):
        file, _, part = self.GOLDEN.partition('#')
        lines = (FOLDER / file).read_text().splitlines()
        return lines[lines.index(f'== {part}') + 1:] if part else lines

    def play(self):
        """What the script printed, and {ifindex: name}."""
        lab = self.start_lab()
        lab.up(f'[host.probe]\nradios = {RADIOS}\n')
        host = lab.host('probe')
        for command in self.SETUP:
            host.run(command.split())
        self.prepare(host)
        names = {int(index): name for index, name in
                 re.findall(r'^(\d+): (wlan\d)', host.run(['ip', '-o', 'link']), re.MULTILINE)}
        steps = [step for step in steps_of(self.SCRIPT) if not NOT_SERVED.search(step)]
        script = lab.write('script.txt', '\n'.join(steps))
        output = host.run([sys.executable, '-B', CLIENT, script], seconds=240)
        return steps, output.splitlines(), names

    def compare_with_kernel(self):
        """Fails with every difference that docs/conformance.md does not explain."""
        steps, output, names = self.play()
        kernel_names = {self.FIRST_IFINDEX + radio: f'wlan{radio}' for radio in range(RADIOS)}
        kernel = [block for block in blocks(steps_of(self.SCRIPT), self.golden_lines())
                  if not NOT_SERVED.search(block[1])]
        allowed = read_allowed()
        places = {}  # {where: (the kernel's lines, ours)}
        for (place, _, expected), (_, _, got) in zip(kernel, blocks(steps, output), strict=True):
            where = f'probe_{self.SCRIPT.replace("-", "_")}: {place}'
            sides = places.setdefault(where, ([], []))
            sides[0].extend(in_order([normalize(line, kernel_names) for line in expected]))
            sides[1].extend(in_order([normalize(line, names) for line in got]))
        problems = []
        for where, sides in places.items():
            problems += compare(where, *sides, allowed.pop(where, []))
        problems += [f'{where}: docs/conformance.md explains what is not there' for where in allowed
                     if where.startswith(f'probe_{self.SCRIPT.replace("-", "_")}: ')]
        if problems:
            self.fail(f'{len(problems)} differences:\n' + '\n'.join(problems))
