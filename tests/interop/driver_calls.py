"""The order of mac80211's calls into a driver: the kernel's tracepoints and the daemon's log.

Both become words such as `sta_state 0->1`, one list for each radio. The two driver interfaces cut
their configuration calls differently, so of those only what they tell is compared: a channel for
the link, beaconing, an association, a scan's begin and end. A call that is neither compared nor
listed here, with the reason, is an error.
"""

import re

KERNEL_ASSOCIATION, KERNEL_BEACONING = 1 << 0, 1 << 9  # BSS_CHANGED_*
ASSOCIATION, BEACONING, CHANNEL = 1 << 0, 1 << 3, 1 << 7  # LinkChange of driver.h

# Both know them, and they are compared by name.
ALIKE = {'start', 'stop', 'add_interface', 'change_interface', 'remove_interface', 'set_tsf'}
NOT_CALLED = 'mac80211_hwsim has no such callback: the tracepoint is all there is'
KERNEL_ONLY = {
    'change_chanctx': NOT_CALLED,
    'config_iface_filter': NOT_CALLED,
    'event_callback': NOT_CALLED,
    'mgd_complete_tx': NOT_CALLED,
    'mgd_prepare_tx': NOT_CALLED,
    'sta_pre_rcu_remove': NOT_CALLED,
    'sta_statistics': NOT_CALLED,
    'start_ap': NOT_CALLED,
    'stop_ap': NOT_CALLED,
    'config': 'the channel and idleness of the radio: driver.h has a call for each, and a radio '
              'goes to the channels of a scan as often as it likes',
    'configure_filter': "bits of the kernel's own; that a scan wants all beacons is compared",
    'get_tsf': 'a question',
    'set_tim': 'mac80211_hwsim asks for the beacon when it is due, as driver.h has it always',
    'sta_add': 'repeats a step of sta_state for drivers that do not know that call',
    'sta_remove': 'repeats a step of sta_state for drivers that do not know that call',
}
OURS_ONLY = {
    'config': KERNEL_ONLY['config'],
    'flush': 'the file of tracepoints has none: tests/vectors/linux-6.1/driver/README.md',
}
SLEEPS = {'0': 'sleep', '1': 'awake'}  # STA_NOTIFY_*
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
    if name in ALIKE:
        return name
    if name == 'conf_tx':
        return 'conf_tx ' + re.search(r'AC:(\d)', rest).group(1)
    if name == 'sta_state':
        return 'sta_state ' + re.search(r'state: (\S+)', rest).group(1)
    if name == 'sta_notify':
        return 'sta_notify ' + SLEEPS[re.search(r'cmd:(\d)', rest).group(1)]
    if name == 'ampdu_action':
        return ampdu_word(rest)
    if name in ('assign_vif_chanctx', 'unassign_vif_chanctx'):
        return 'channel'
    if name in ('sw_scan_start', 'sw_scan_complete'):
        return 'scan begins' if name == 'sw_scan_start' else 'scan ends'
    if name in ('vif_cfg_changed', 'link_info_changed'):
        return kernel_change(name, int(re.search(r'changed:(0x[0-9a-f]+)', rest).group(1), 16))
    if name not in KERNEL_ONLY:
        raise AssertionError(f'drv_{name} of the kernel is neither compared nor left out')
    return None


def kernel_change(name, bits):
    """Of an interface's configuration: association and beaconing. The rest the two interfaces tell
    in other portions, and some of it airloom's drivers read when they need it."""
    if name == 'vif_cfg_changed':
        return 'association' if bits & KERNEL_ASSOCIATION else None
    return 'beaconing' if bits & KERNEL_BEACONING else None


def ampdu_word(text):
    """All but the starting sequence number, which counts the frames sent until then."""
    return 'ampdu_action tid {}, buf_size {}, amsdu {}, timeout {} action {}'.format(*re.search(
        r'tid (\d+), ssn \d+, buf_size (\d+), amsdu (\d), timeout (\d+) action (\d)',
        text).groups())


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
        elif name not in OURS_ONLY:
            raise AssertionError(f'drv_{name} of airloom is neither compared nor left out')

    def station_word(self, radio, rest):
        """`ADDRESS [was] -> is`, as the kernel counts states."""
        address, change = rest.split(' ', 1)
        is_now = STATES['none' if change.split('-> ')[1] == '0' else change.split('-> ')[1]]
        was = self.station_states.get((radio, address), 0)
        self.station_states[radio, address] = is_now
        return f'sta_state {was}->{is_now}'
