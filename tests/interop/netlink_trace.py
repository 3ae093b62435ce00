"""Generic netlink as captured by Linux' nlmon or by `airloom capture --nl80211`, as text.

One line a message: direction, command and attributes, in a list for each socket, in order. What
differs between two runs of one kernel is blanked.
"""

import gzip
import itertools
import struct

import nl80211_names

NETLINK = 253  # LINKTYPE_NETLINK
GENERIC = 16
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLMSG_MIN_TYPE = 16
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK_TLVS = 1, 2, 0x200

# Attributes whose value is a set of attributes of their own; others are octets.
NESTS = {'KEY', 'STA_INFO', 'BSS', 'STA_FLAGS', 'CQM', 'WIPHY_TXQ_PARAMS', 'REG_RULES',
         'SCAN_FREQUENCIES', 'SCAN_SSIDS', 'SURVEY_INFO', 'VENDOR_DATA'}

# What two runs of one kernel differ in, by attribute, or by attribute and number within a nest:
# numbers of interfaces, keys, clocks, signals, and in a scan the P2P listen channel.
VOLATILE = {'IFINDEX', 'WDEV', 'GENERATION', 'STA_INFO', 'STA_VLAN', 'IE', 'KEY_SEQ', 'REKEY_DATA',
            'PMK', 'KEY.1', 'KEY.4', 'BSS.3', 'BSS.10', 'BSS.15', 'SURVEY_INFO.4', 'SURVEY_INFO.5'}
# Whether a beacon came within the dwell on its channel, or since the scan ended, and whether
# hostapd answered in time, decides these of a BSS (and its elements: a beacon has a TIM); whether
# data came, and enough was sent, a station's rate and expected throughput.
BY_CHANCE = {'BSS.11', 'BSS.13', 'BSS.14', 'BSS.16', 'BSS.17', 'BSS.18', 'STA_INFO.14',
             'STA_INFO.27', 'STA_INFO.33'}
# Where a message's 64-bit values come to lie decides; on most machines there are none.
UNTOLD = {'PAD'}
ADDRESSES = {'MAC', 'BSS.1'}
BSS_ELEMENTS, TIM = 'BSS.6', 5
PROBE_REQUEST, PROBE_RESPONSE = 0x40, 0x50


def packets(path):
    """(interface name or '', packet) of a pcap or pcapng file, which may be gzipped."""
    octets = path.read_bytes()
    if octets[:2] == b'\x1f\x8b':
        octets = gzip.decompress(octets)
    return pcapng_packets(octets) if octets[:4] == b'\n\r\r\n' else pcap_packets(octets)


def pcap_packets(octets):
    at = 24
    while at + 16 <= len(octets):
        size = struct.unpack_from('<I', octets, at + 8)[0]
        yield '', octets[at + 16:at + 16 + size]
        at += 16 + size


def pcapng_packets(octets):
    names = []
    at = 0
    while at + 12 <= len(octets):
        kind, size = struct.unpack_from('<II', octets, at)
        body = octets[at + 8:at + size - 4]
        if kind == 1:
            names.append(interface_name(body) if struct.unpack_from('<H', body)[0] == NETLINK
                         else None)
        elif kind == 6:
            number, _, _, length = struct.unpack_from('<IIII', body)
            if names[number] is not None:
                yield names[number], body[20:20 + length]
        at += size


def interface_name(body):
    at = 8
    while at + 4 <= len(body):
        code, size = struct.unpack_from('<HH', body, at)
        if code == 2:
            return body[at + 4:at + 4 + size].decode()
        at += 4 + (size + 3 & ~3)
    return ''


def attributes(octets):
    """(number, value) of each attribute."""
    at = 0
    while at + 4 <= len(octets):
        size, kind = struct.unpack_from('<HH', octets, at)
        if size < 4:
            return
        yield kind & 0x3fff, octets[at + 4:at + size]
        at += size + 3 & ~3


class Message:
    """One netlink message."""

    def __init__(self, octets):
        self.size, self.type, self.flags, self.sequence, self.port = struct.unpack_from(
            '<IHHII', octets)
        self.body = octets[16:self.size]

    @property
    def is_request(self):
        return bool(self.flags & NLM_F_REQUEST) and self.type >= NLMSG_MIN_TYPE


def messages(path, host=''):
    """The generic netlink messages of one host, in order."""
    for name, packet in packets(path):
        if name != host or struct.unpack_from('>H', packet, 14)[0] != GENERIC:
            continue
        octets = packet[16:]
        while len(octets) >= 16:
            message = Message(octets)
            if message.size < 16 or message.size > len(octets):
                break
            yield message
            octets = octets[message.size + 3 & ~3:]


def without_tim(elements):
    """Elements as a probe response has them, of a beacon or of a probe response."""
    kept = b''
    while len(elements) >= 2:
        end = 2 + elements[1]
        if elements[0] != TIM:
            kept += elements[:end]
        elements = elements[end:]
    return kept


class Text:
    """Turns messages into lines; addresses: {6 octets: name}."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.commands = nl80211_names.first_names(nl80211_names.commands())
        self.names = nl80211_names.first_names(nl80211_names.attributes())
        self.frame_attribute = nl80211_names.attributes()['FRAME']
        self.pmkids = []
        self.programs = {}  # process id: (its number, {port: number of its socket})

    def streams(self, path, host=''):
        """{socket or 'events': [line]}, for each socket what it asked and was told.

        An event that several sockets got is there once. Left out: how libraries ask for the
        family's number; and probe requests with their answers, whose number depends on how long a
        scan is let run.
        """
        streams = {}
        untold = set()  # (port, sequence) of requests that are left out
        for message in messages(path, host):
            key = (message.port, message.sequence)
            if message.is_request and self.is_untold(message):
                untold.add(key)
            if key in untold or self.is_untold(message):
                continue
            lines = streams.setdefault(self.who(message.port) if message.port else 'events', [])
            lines.append(self.line(message))
        return {who: [line for line, _ in itertools.groupby(lines)]
                for who, lines in streams.items()}

    def is_untold(self, message):
        if message.type == NLMSG_MIN_TYPE:
            return True
        if message.type < NLMSG_MIN_TYPE:
            return False
        frame = dict(attributes(message.body[4:])).get(self.frame_attribute, b'')
        return frame[:1] in (bytes([PROBE_REQUEST]), bytes([PROBE_RESPONSE]))

    def who(self, port):
        """A port as program and socket, both counted in the order of their first messages."""
        number, sockets = self.programs.setdefault(port & 0x3fffff, (len(self.programs) + 1, {}))
        return f'program {number} socket {sockets.setdefault(port, len(sockets) + 1)}'

    def line(self, message):
        if message.type == NLMSG_ERROR:
            error = struct.unpack_from('<i', message.body)[0]
            text = 'ACK' if error == 0 else f'error {-error}'
            if message.flags & NLM_F_ACK_TLVS:
                text += ' with ' + ' '.join(str(kind) for kind, _ in attributes(message.body[20:]))
            return f'< {text}'
        if message.type == NLMSG_DONE:
            return '< DONE'
        arrow = '>' if message.is_request else '<'
        multi = 'multi ' if message.flags & NLM_F_MULTI else ''
        name = self.commands.get(message.body[0], message.body[0])
        if name == 'NEW_WIPHY' and multi:
            return f'{arrow} {multi}{name}'  # compared octet for octet elsewhere
        parts = [self.attribute(kind, value) for kind, value in attributes(message.body[4:])]
        return ' '.join([f'{arrow} {multi}{name}', *filter(None, parts)])

    def attribute(self, kind, value):
        name = self.names.get(kind, str(kind))
        if name in UNTOLD:
            return ''
        if name == 'FRAME':
            return f'FRAME={self.frame(value)}'
        if name == 'PMKID':
            self.pmkids.append(value)
        if name == 'AUTH_DATA':  # SAE's transaction and status, before what is random
            return f'{name}={value[:4].hex()}[{len(value)}]'
        if name in NESTS:
            return f'{name}={{{self.nest(name, value)}}}'
        return f'{name}[{len(value)}]' if name in VOLATILE else f'{name}={self.value(name, value)}'

    def nest(self, path, octets):
        parts = []
        for kind, value in attributes(octets):
            known = f'{path}.{kind}'
            if known in BY_CHANCE:
                continue
            if known == BSS_ELEMENTS:
                value = without_tim(value)
            if path in VOLATILE:
                parts.append(f'{kind}')
            else:
                parts.append(f'{kind}[{len(value)}]' if known in VOLATILE
                             else f'{kind}={self.value(known, value)}')
        return ' '.join(parts)

    def value(self, name, octets):
        text = octets.hex()
        for pmkid in self.pmkids:
            text = text.replace(pmkid.hex(), '<pmkid>')
        return self.name_addresses(text) if name in ADDRESSES else text

    def name_addresses(self, text):
        for address, name in self.addresses.items():
            text = text.replace(address.hex(), f'<{name}>')
        return text

    def frame(self, octets):
        """Type, addresses and length of a management frame; EAPOL as far as no nonce is in it."""
        ether = octets[12:14] == b'\x88\x8e'  # CONTROL_PORT_FRAME_TX_STATUS has Ethernet frames
        shown = octets[:22] if octets[:1] and octets[0] & 0x0c == 0 and not ether else octets[:14]
        if octets[:2] in (b'\x02\x03', b'\x01\x03'):  # an EAPOL-Key frame
            shown = octets[:7]
        return f'{self.name_addresses(shown.hex())}[{len(octets)}]'
