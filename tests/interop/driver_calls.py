"""The order of mac80211's calls into a driver: the kernel's tracepoints and the daemon's log.

Both become words such as `sta_state 0->1` or `tune 2412`, one list for each radio. Where one call
of either says several things of an interface's configuration, each is a word, in one order. A
call that is neither compared nor listed here, with the reason, is an error.
"""

import re

from golden import ROOT

BEACON_TIMES = 'beacon interval and DTIM period'
# What both say of an interface's configuration: the kernel's bit or bits (BSS_CHANGED_*), ours
# (LinkChange of driver.h). What the kernel's has besides is for radios that do more than
# mac80211_hwsim; conf_tx and config have the rest.
CHANGES = [
    ('SSID', 1 << 15, 1 << 8),
    ('association', 1 << 0, 1 << 0),
    ('BSSID', 1 << 7, 1 << 1),
    (BEACON_TIMES, 1 << 6 | 1 << 20, 1 << 4),
    ('basic rates', 1 << 5, 1 << 5),
    ('protection', 0b111 << 1, 1 << 6),
    ('HT operation', 1 << 4, 1 << 10),
    ('power', 1 << 18, 1 << 9),
    ('beacon', 1 << 8, 1 << 2),
    ('beaconing', 1 << 9, 1 << 3),
    ('channel', 0, 1 << 7),
]
OF_INTERFACE = 1 << 15 | 1 << 0  # the kernel's bits that vif_cfg_changed has to say
POWER_SAVE, CHANNEL, IDLE = 1 << 4, 1 << 6, 1 << 8  # IEEE80211_CONF_CHANGE_*
EVERYTHING = 0xffffffff  # the first configuration of a radio, which is idle then
BEACONS, PS_POLLS, PROBE_REQUESTS = 1 << 4, 1 << 7, 1 << 8  # FIF_*

# Both know them, and they are compared by name.
ALIKE = {'start', 'stop', 'add_interface', 'change_interface', 'remove_interface', 'set_tsf',
         'flush'}
SLEEPS = {'0': 'sleep', '1': 'awake'}  # STA_NOTIFY_*
STATES = {'not there': 0, 'none': 1, '1': 2, '2': 3, '3': 4}


def read_left_out():
    """The tracepoints of docs/conformance.md that have no counterpart."""
    return set(re.findall(r'^\| `drv_(\w+)` \| \S.* \|$',
                          (ROOT / 'docs/conformance.md').read_text(), re.MULTILINE))


def kernel_calls(path):
    """{'phy0': [word]} of a file of tracepoints."""
    calls = {}
    left_out = read_left_out()
    filters = {radio: [filter_word()] for radio in ('phy0', 'phy1')}
    for line in path.read_text().splitlines():
        name, rest = re.match(r'drv_(\w+): +(.*)', line).groups()
        if name in left_out:
            continue
        radio, rest = re.match(r'(phy\d)(.*)', rest).groups()
        words = list(kernel_words(name, rest))
        if name == 'configure_filter':
            was, filters[radio] = filters[radio], words
            words = [] if was == words else words
        calls.setdefault(radio, []).extend(words)
    return calls


def kernel_words(name, rest):
    if name in ALIKE:
        yield name
    elif name == 'conf_tx':
        yield 'conf_tx ' + re.search(r'AC:(\d)', rest).group(1)
    elif name == 'sta_state':
        yield 'sta_state ' + re.search(r'state: (\S+)', rest).group(1)
    elif name == 'sta_notify':
        yield 'sta_notify ' + SLEEPS[re.search(r'cmd:(\d)', rest).group(1)]
    elif name == 'ampdu_action':
        yield ampdu_word(rest)
    elif name in ('assign_vif_chanctx', 'unassign_vif_chanctx'):
        yield 'channel'
    elif name == 'config':
        yield from kernel_configuration(*re.search(r'ch:(\S+) control:(\d+)', rest).groups())
    elif name == 'configure_filter':
        bits = int(re.search(r'total:(0x[0-9a-f]+)', rest).group(1), 16)
        yield filter_word(bits & BEACONS, bits & PROBE_REQUESTS, bits & PS_POLLS)
    elif name in ('vif_cfg_changed', 'link_info_changed'):
        bits = int(re.search(r'changed:(0x[0-9a-f]+)', rest).group(1), 16)
        bits &= OF_INTERFACE if name == 'vif_cfg_changed' else ~OF_INTERFACE
        yield from (word for word, kernel, _ in CHANGES if bits & kernel)
    else:
        raise AssertionError(f'drv_{name} of the kernel is neither compared nor left out')


def kernel_configuration(changed, mhz):
    bits = int(changed, 16)
    if bits & CHANNEL:
        yield f'tune {mhz}'
    if bits & IDLE and bits != EVERYTHING:
        yield 'idle'
    if bits & POWER_SAVE and bits != EVERYTHING:
        yield 'power save'


def filter_word(beacons=False, probe_requests=False, control=False):
    """What a radio is to hear; at first nothing besides its own."""
    wanted = [('beacons', beacons), ('probe requests', probe_requests), ('control', control)]
    return 'filter ' + (', '.join(word for word, is_wanted in wanted if is_wanted) or 'nothing')


def ampdu_word(text):
    """All but the starting sequence number, which counts the frames sent until then."""
    return 'ampdu_action tid {}, buf_size {}, amsdu {}, timeout {} action {}'.format(*re.search(
        r'tid (\d+), ssn \d+, buf_size (\d+), amsdu (\d), timeout (\d+) action (\d)',
        text).groups())


SCANS = 'filter beacons'
APART = (BEACON_TIMES, 'flush')
ORIGINATES = {'1', '2', '3', '6'}  # IEEE80211_AMPDU_TX_*: sending is to be aggregated


def roads(words):
    """The calls as lists that each have an order: all but what depends on when a beacon or the
    first data frame is heard.

    When block-ack begins is for the first data frames to say, which the hosts send when they like;
    only in the first association is there surely traffic both ways. A station knows the DTIM
    period when it associates if a beacon came within the scan's dwell. The session ends within a
    scan, at no fixed channel. When to flush changes nothing: mac80211_hwsim's callback is empty.
    """
    first = words[:words.index('sta_state 4->3')]
    aggregation = [word for word in first if word.startswith('ampdu_action')]
    last_scan = max((at for at, word in enumerate(words) if word == SCANS), default=len(words))
    return {'calls': [word for at, word in enumerate(words)
                      if not word.startswith('ampdu_action') and word not in APART
                      and not (at > last_scan and word.startswith('tune'))],
            **{f'calls, {word}': [one for one in words if one == word] for word in APART},
            'calls, aggregation sent': [word for word in aggregation if word[-1] in ORIGINATES],
            'calls, aggregation received': [word for word in aggregation
                                            if word[-1] not in ORIGINATES]}


class OurCalls:
    """Reads the log of `airloom daemon -v`."""

    def __init__(self, lines):
        self.calls = {}
        self.filters = {}
        self.station_states = {}
        for line in lines:
            match = re.search(r' debug (\S+): drv_(\w+):? ?(.*)', line)
            if match:
                for word in self.words(*match.groups()):
                    self.calls.setdefault(match.group(1), []).append(word)

    def words(self, radio, name, rest):
        if name in ALIKE:
            yield name
        elif name == 'conf_tx':
            yield 'conf_tx ' + re.search(r'AC (\d)', rest).group(1)
        elif name == 'sta_state':
            yield self.station_word(radio, rest)
        elif name == 'sta_notify':
            yield 'sta_notify ' + rest.split()[-1]
        elif name == 'ampdu_action':
            yield ampdu_word(rest)
        elif name == 'configure_filter':
            word = filter_word('other_bss true' in rest, 'probe_requests true' in rest,
                               'control true' in rest)
            if self.filters.get(radio, filter_word()) != word:
                yield word
            self.filters[radio] = word
        elif name == 'config':
            tuned = re.match(r'(\d+) MHz', rest)
            yield f'tune {tuned.group(1)}' if tuned else 'idle' if 'idle' in rest else 'power save'
        elif name == 'link_info_changed':
            bits = int(rest.split()[-1], 16)
            yield from (word for word, _, ours in CHANGES if bits & ours)
        else:
            raise AssertionError(f'drv_{name} of airloom is neither compared nor left out')

    def station_word(self, radio, rest):
        """`ADDRESS [was] -> is`, as the kernel counts states."""
        address, change = rest.split(' ', 1)
        is_now = STATES['none' if change.split('-> ')[1] == '0' else change.split('-> ')[1]]
        was = self.station_states.get((radio, address), 0)
        self.station_states[radio, address] = is_now
        return f'sta_state {was}->{is_now}'
