"""The order of mac80211's calls into a driver: the kernel's tracepoints and the daemon's log.

Both become words such as `sta_state 0->1`, one list for each radio. The two driver interfaces cut
their configuration calls differently, so of those only what they tell is compared: a channel for
the link, beaconing, an association, a scan's begin and end.
"""

import re

KERNEL_ASSOCIATION, KERNEL_BEACONING = 1 << 0, 1 << 9  # BSS_CHANGED_*
ASSOCIATION, BEACONING, CHANNEL = 1 << 0, 1 << 3, 1 << 7  # LinkChange of driver.h
STATES = {'not there': 0, 'none': 1, '1': 2, '2': 3, '3': 4}


def kernel_calls(path):
    """{'phy0': [word]} of a file of tracepoints."""
    calls = {}
    for line in path.read_text().splitlines():
        name, radio, rest = re.match(r'drv_(\w+): (phy\d)(.*)', line).groups()
        word = kernel_word(name, rest)
        if word:
            calls.setdefault(radio, []).append(word)
    return calls


def kernel_word(name, rest):
    if name in ('start', 'stop', 'add_interface', 'remove_interface'):
        return name
    if name == 'conf_tx':
        return 'conf_tx ' + re.search(r'AC:(\d)', rest).group(1)
    if name == 'sta_state':
        return 'sta_state ' + re.search(r'state: (\S+)', rest).group(1)
    if name == 'ampdu_action':
        return ampdu_word(rest)
    if name in ('assign_vif_chanctx', 'unassign_vif_chanctx'):
        return 'channel'
    if name in ('sw_scan_start', 'sw_scan_complete'):
        return 'scan begins' if name == 'sw_scan_start' else 'scan ends'
    bits = int((re.search(r'changed:(0x[0-9a-f]+)', rest) or [0, '0'])[1], 16)
    if name == 'vif_cfg_changed' and bits & KERNEL_ASSOCIATION:
        return 'association'
    if name == 'link_info_changed' and bits & KERNEL_BEACONING:
        return 'beaconing'
    return None


def ampdu_word(text):
    return 'ampdu_action tid {} action {}'.format(
        *re.search(r'tid (\d+),.* action (\d)', text).groups())


ORIGINATES = {'1', '2', '3', '6'}  # IEEE80211_AMPDU_TX_*: sending is to be aggregated


def roads(words):
    """The calls as lists that each have an order: all but block-ack, and its two directions.

    When block-ack begins is for the first data frames to say, which the hosts send when they like;
    only in the first association is there surely traffic both ways.
    """
    first = words[:words.index('sta_state 4->3')]
    aggregation = [word for word in first if word.startswith('ampdu_action')]
    return {'calls': [word for word in words if not word.startswith('ampdu_action')],
            'calls, aggregation sent': [word for word in aggregation if word[-1] in ORIGINATES],
            'calls, aggregation received': [word for word in aggregation
                                            if word[-1] not in ORIGINATES]}


class OurCalls:
    """Reads the log of `airloom daemon -v`."""

    def __init__(self, lines):
        self.calls = {}
        self.scanning = {}
        self.station_states = {}
        for line in lines:
            match = re.search(r' debug (\S+): drv_(\w+):? ?(.*)', line)
            if match:
                for word in self.words(*match.groups()):
                    self.calls.setdefault(match.group(1), []).append(word)

    def words(self, radio, name, rest):
        if name in ('start', 'stop', 'add_interface', 'remove_interface'):
            yield name
        elif name == 'conf_tx':
            yield 'conf_tx ' + rest[-1]
        elif name == 'sta_state':
            yield self.station_word(radio, rest)
        elif name == 'ampdu_action':
            yield ampdu_word(rest)
        elif name == 'configure_filter':
            scanning = 'other_bss true' in rest
            if scanning != self.scanning.get(radio, False):
                yield 'scan begins' if scanning else 'scan ends'
            self.scanning[radio] = scanning
        elif name == 'link_info_changed':
            bits = int(rest.split()[-1], 16)
            for bit, word in ((CHANNEL, 'channel'), (ASSOCIATION, 'association'),
                              (BEACONING, 'beaconing')):
                if bits & bit:
                    yield word

    def station_word(self, radio, rest):
        """`ADDRESS [was] -> is`, as the kernel counts states."""
        address, change = rest.split(' ', 1)
        is_now = STATES['none' if change.split('-> ')[1] == '0' else change.split('-> ')[1]]
        was = self.station_states.get((radio, address), 0)
        self.station_states[radio, address] = is_now
        return f'sta_state {was}->{is_now}'
