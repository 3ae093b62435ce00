"""Compares what a tool printed on airloom with what it printed on the kernel of record.

The golden text is in tests/vectors/linux-6.1/iw. Numbers that differ between two runs of the same
kernel are blanked on both sides. Every other difference needs a row in docs/conformance.md with
the reason why no program can notice; a row that no longer applies fails too, so the table shrinks.
"""

import difflib
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / 'tests/vectors/linux-6.1/iw'
GOLDEN_AP = '02:00:00:00:00:00'
GOLDEN_STATION = '02:00:00:00:01:00'

# What two runs of one kernel differ in: clocks, counters, random and rate control's choices.
VOLATILE = [
    (r'^\d+\.\d{6}: ', ''),  # iw event -t
    (r'ifindex \d+', 'ifindex N'),
    (r'^(\s*last seen:).*', r'\1 N'),
    (r'^(\s*TSF:).*', r'\1 N'),
    (r'^(\s*(?:inactive time|rx bytes|rx packets|tx bytes|tx packets|tx retries|beacon rx'
     r'|rx drop misc|tx bitrate|rx bitrate|expected throughput|connected time'
     r'|associated at \[boottime\]|associated at|current time|channel active time'
     r'|channel busy time):).*', r'\1 N'),
    (r'^(\s*[RT]X:) \d+ bytes \(\d+ packets\)', r'\1 N'),
    (r'^((?:[rt]x_packets|[rt]x_bytes|inactive_msec|[rt]x_rate_info|connected_time|uuid'
     r'|timeout_next)=).*', r'\1N'),
    (r'(\[frame:(?: [0-9a-f]{2}){22})(?: [0-9a-f]{2}){2}', r'\1 NN NN'),  # sequence control
    (r'(\[frame: b0(?: [0-9a-f]{2}){21} NN NN 03 00(?: [0-9a-f]{2}){4})[^\]]+', r'\1 N'),  # SAE's
]
# The kernel of record had both radios on one host: the station's were phy1 and wlan1.
ONE_HOST = [(r'\bwlan1\b', 'wlan0'), (r'\b(phy ?#?)1\b', r'\g<1>0'),
            (r'\b0x10000000([0-9a-f])\b', r'0x\1')]


def spellings(address, name):
    """(text, replacement) for a MAC address: with colons, as octets, and as its P2P device."""
    first = int(address[:2], 16) ^ 0x40
    yield address, f'<{name}>'
    yield address.replace(':', ' '), f'<{name} octets>'
    yield f'{first:02x}{address[2:]}', f'<{name} p2p>'


def normalize(text, addresses):
    """text as lines, volatile parts blanked. addresses: {MAC address: name}."""
    replacements = [pair for item in addresses.items() for pair in spellings(*item)]
    lines = []
    for line in text.splitlines():
        for pattern, replacement in ONE_HOST + VOLATILE:
            line = re.sub(pattern, replacement, line)
        for old, new in replacements:
            line = line.replace(old, new)
        lines.append(line.strip())
    return [line for line in lines if line]


def read_allowed():
    """The rows of docs/conformance.md: {tool: [(kernel line, airloom line)]}, '' for none."""
    allowed = {}
    table = (ROOT / 'docs/conformance.md').read_text()
    for row in re.finditer(r'^\| `([^`]+)` \| (?:`([^`]*)`|-) \| (?:`([^`]*)`|-) \| (.+) \|$',
                           table, re.MULTILINE):
        tool, kernel, airloom, reason = row.groups()
        if not reason.strip():
            raise AssertionError(f'docs/conformance.md: {tool}: {kernel}: a reason is missing')
        allowed.setdefault(tool, []).append((kernel or '', airloom or ''))
    return allowed


def rows_of(label, kind=''):
    """The rows of docs/conformance.md for this: of sessions of every kind, and of this kind."""
    allowed = read_allowed()
    return allowed.get(label, []) + (allowed.get(f'{label} ({kind})', []) if kind else [])


def differences(tool, golden_file, text, addresses, kind=''):
    """Returns the unexplained differences of `tool`, and stale rows, as sentences."""
    kernel = normalize((GOLDEN / golden_file).read_text(),
                       {GOLDEN_AP: 'ap', GOLDEN_STATION: 'sta'})
    return compare(tool, kernel, normalize(text, addresses), rows_of(tool, kind))


def is_meant(words, line):
    """Whether a row's words are a line's, or where they end with '...' its beginning."""
    return line == words or words.endswith('...') and line.startswith(words[:-3])


def compare(tool, kernel, ours, rows):
    """Returns the differences of two lists of lines that no row explains, and rows that explain
    nothing, as sentences."""
    used = set()
    problems = []
    for line in difflib.ndiff(kernel, ours, linejunk=None, charjunk=None):
        side = {'- ': 0, '+ ': 1}.get(line[:2])
        if side is None:
            continue
        covering = [row for row in rows if is_meant(row[side], line[2:])]
        used.update(covering)
        if not covering:
            problems.append(f'{tool}: {("only the kernel", "only airloom")[side]} says: {line[2:]}')
    problems += [f'{tool}: docs/conformance.md explains what no longer differs: {row}'
                 for row in rows if row not in used]
    return problems
