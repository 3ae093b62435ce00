"""What a kernel or airloom told the program that is its medium: a capture of netlink as lines.

Blanked is what two runs of one kernel differ in: cookies, the octets of frames beyond their header,
and where rate control chooses, its choice.
"""

import itertools
import struct

import hwsim
import netlink_trace

FAMILY_ID, FAMILY_NAME = 1, 2
COMMANDS = {hwsim.FRAME: 'FRAME', hwsim.ADD_MAC_ADDR: 'ADD_MAC_ADDR',
            hwsim.DEL_MAC_ADDR: 'DEL_MAC_ADDR'}
ATTRIBUTES = {hwsim.ADDR_RECEIVER: 'RECEIVER', hwsim.ADDR_TRANSMITTER: 'TRANSMITTER',
              hwsim.FRAME_ATTR: 'FRAME', hwsim.FLAGS: 'FLAGS', hwsim.FREQ: 'FREQ',
              hwsim.TX_INFO: 'TX_INFO', hwsim.TX_INFO_FLAGS: 'TX_INFO_FLAGS',
              hwsim.COOKIE: 'COOKIE'}
BY_RATE_CONTROL = ('TX_INFO', 'TX_INFO_FLAGS')
BEACON, DATA, QOS_DATA, PROTECTED = 0x80, 0x08, 0x88, 0x40


def lines(path, host, names):
    """{radio: [line]} in order, equal neighbours once. names: {octets: name} of addresses."""
    told = {}
    family = None
    for message in netlink_trace.messages(path, host):
        if message.type == netlink_trace.NLMSG_MIN_TYPE:
            family = family_of(message) or family
        elif message.type == family and message.port == 0 and not message.is_request:
            command = message.body[0]
            attributes = [(ATTRIBUTES[kind], value)
                          for kind, value in netlink_trace.attributes(message.body[4:])
                          if kind != hwsim.PAD]
            values = dict(attributes)
            radio = names[values['TRANSMITTER']]
            words = [word(name, value, values.get('FRAME', b''), names)
                     for name, value in attributes]
            told.setdefault(radio, []).append(' '.join([COMMANDS[command], *words]))
    return {radio: [line for line, _ in itertools.groupby(of_radio)]
            for radio, of_radio in told.items()}


def family_of(message):
    """The number of the family, if nlctrl tells it."""
    attributes = dict(netlink_trace.attributes(message.body[4:]))
    if attributes.get(FAMILY_NAME, b'').rstrip(b'\0') == b'MAC80211_HWSIM':
        number = attributes.get(FAMILY_ID)
        return struct.unpack('<H', number)[0] if number else None
    return None


def word(name, value, frame, names):
    if name == 'FRAME':
        receiver = 'group' if value[4] & 1 else names[value[4:10]]
        size = '' if value[0] in (DATA, QOS_DATA) and value[1] & PROTECTED else f'[{len(value)}]'
        return f'FRAME={value[:2].hex()}>{receiver}{size}'
    if name in ('RECEIVER', 'TRANSMITTER'):
        return f'{name}={names[value]}'
    blank = name == 'COOKIE' or name in BY_RATE_CONTROL and is_rate_controlled(frame)
    return f'{name}[{len(value)}]' if blank else f'{name}={value.hex()}'


def is_rate_controlled(frame):
    """Unicast data but EAPOL's, which is to arrive at a rate that is sure."""
    return frame[0] == QOS_DATA and bool(frame[1] & PROTECTED)


def connection(of_radio):
    """The lines until the radio's first encrypted frame, but for beacons."""
    return [line for line in itertools.takewhile(lambda line: not is_protected(line), of_radio)
            if not is_beacon(line)]


def kinds(of_radio):
    """The different lines; of the beacons the last: whether the first came before hostapd had told
    the key for beacons is a matter of some milliseconds."""
    beacons = [line for line in of_radio if is_beacon(line)]
    return {line for line in of_radio if not is_beacon(line)} | set(beacons[-1:])


def is_beacon(line):
    return f'FRAME={BEACON:02x}' in line


def is_protected(line):
    return 'FRAME=' in line and bool(int(line.split('FRAME=')[1][2:4], 16) & PROTECTED)
