"""Plays a script of raw nl80211 requests and prints what comes back, a line an answer.

Usage: nl80211_script.py SCRIPT, on a host. tests/vectors/linux-6.1/probe/README.md has the grammar
of scripts and answers.
"""

import errno
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time

from nl80211_names import attributes, commands, first_names

NETLINK_GENERIC, SOL_NETLINK = 16, 270
ADD_MEMBERSHIP, PACKET_INFO, CAP_ACK, EXT_ACK = 1, 3, 10, 11
REQUEST, ACK, DUMP, CAPPED, ACK_TLVS = 1, 4, 0x300, 0x100, 0x200
ERROR, DONE = 2, 3
CONTROL_FAMILY, GET_FAMILY, GET_POLICY = 0x10, 3, 10
FAMILY_ID, FAMILY_NAME, MULTICAST_GROUPS, OPERATION = 1, 2, 7, 10
GROUP_NAME, GROUP_ID = 1, 2
NESTED, TYPE_MASK = 0x8000, 0x3fff
SIOCGIFHWADDR = 0x8927
ANSWER_SECONDS = 8

COMMANDS, ATTRIBUTES = commands(), attributes()
COMMAND_NAMES, ATTRIBUTE_NAMES = first_names(COMMANDS), first_names(ATTRIBUTES)
IFINDEX, WDEV = ATTRIBUTES['IFINDEX'], ATTRIBUTES['WDEV']


def name_of(names, number):
    return names.get(number, f'#{number}')


def error_name(number):
    """As strerrorname_np() has it, and the kernel's own ENOTSUPP."""
    names = {**errno.errorcode, 0: '0', errno.EOPNOTSUPP: 'EOPNOTSUPP', 524: 'ENOTSUPP(524)'}
    return names.get(-number, str(number))


def attribute(kind, payload=b''):
    size = 4 + len(payload)
    return struct.pack('=HH', size, kind) + payload + bytes(-size % 4)


def walk(octets):
    """Yields (type, offset, payload) of each attribute."""
    at = 0
    while at + 4 <= len(octets):
        size, kind = struct.unpack_from('=HH', octets, at)
        if size < 4:
            return
        yield kind & TYPE_MASK, at, octets[at + 4:at + size]
        at += (size + 3) & ~3


def hardware_address(interface):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            request = struct.pack('256s', interface.encode())
            return fcntl.ioctl(any_socket, SIOCGIFHWADDR, request)[18:24]
        except OSError:
            return bytes(6)


def interface_index(name):
    try:
        return socket.if_nametoindex(name)
    except OSError:
        return 0


def octets_of(text):
    """Hexadecimal digits, dots and colons between them; %wlan0% is that interface's address."""
    parts = text.split('%')
    return b''.join(hardware_address(part) if i % 2 else
                    bytes.fromhex(part.replace('.', '').replace(':', ''))
                    for i, part in enumerate(parts))


def beacon_head(text):
    """`SSID,INTERFACE,CHANNEL`: a beacon up to its DS Parameter Set."""
    ssid, interface, channel = text.split(',')
    address = hardware_address(interface)
    return (bytes.fromhex('80000000ffffffffffff') + address * 2 + bytes(10)
            + bytes.fromhex('64000104') + bytes([0, len(ssid)]) + ssid.encode()
            + bytes.fromhex('010402040b160301') + bytes([int(channel)]))


VALUES = {
    'u8': lambda text: struct.pack('=B', int(text, 0)),
    'u16': lambda text: struct.pack('=H', int(text, 0)),
    'u32': lambda text: struct.pack('=I', int(text, 0)),
    'u64': lambda text: struct.pack('=Q', int(text, 0)),
    'if': lambda text: struct.pack('=I', interface_index(text)),
    'mac': hardware_address,
    'h': octets_of,
    's': str.encode,
    'z': lambda text: text.encode() + b'\0',
    'bh': beacon_head,
}


class Request:
    """A request as octets, and where its attributes lie."""

    def __init__(self, family, command, flags, body=b''):
        self.family, self.command, self.flags, self.body = family, command, flags, body

    def octets(self, sequence):
        return struct.pack('=IHHIIBBH', 20 + len(self.body), self.family, self.flags, sequence, 0,
                           self.command, 1, 0) + self.body

    def place(self, offset):
        """What an extended acknowledgement's offset points at."""
        for kind, at, payload in walk(self.body):
            if 20 + at <= offset < 20 + at + 4 + len(payload):
                return name_of(ATTRIBUTE_NAMES, kind) + ('' if offset == 20 + at else '(inside)')
        return f'@{offset}'


def parse_attributes(words):
    """The attributes of a request: NAME, NAME/type=value, NAME{ ... }."""
    nests = [(None, b'')]
    for word in words:
        if word == '}':
            kind, inside = nests.pop()
            outer, before = nests.pop()
            nests.append((outer, before + attribute(kind | NESTED, inside)))
            continue
        name, _, value = word.partition('/')
        opens = name.endswith('{')
        name = name.rstrip('{')
        kind = int(name[1:]) if name.startswith('#') else ATTRIBUTES[name]
        if opens:
            nests.append((kind, b''))
            continue
        how, _, value = value.partition('=')
        outer, before = nests.pop()
        nests.append((outer, before + attribute(kind, VALUES[how](value) if how else b'')))
    return nests[0][1]


class Message:
    """A netlink message that came."""

    def __init__(self, header, payload, group):
        self.size, self.kind, self.flags, self.sequence, self.port = header
        self.payload, self.group = payload, group

    @property
    def attributes(self):
        return walk(self.payload[4:])


def messages(datagram, group):
    at = 0
    while at + 16 <= len(datagram):
        header = struct.unpack_from('=IHHII', datagram, at)
        if not 16 <= header[0] <= len(datagram) - at:
            return
        yield Message(header, datagram[at + 16:at + header[0]], group)
        at += (header[0] + 3) & ~3


class Connection:
    """A generic netlink socket."""

    def __init__(self, extended=True, capped=True):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC,
                                    NETLINK_GENERIC)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setsockopt(SOL_NETLINK, PACKET_INFO, 1)
        if extended:
            self.socket.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        if capped:
            self.socket.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.socket.bind((0, 0))

    def send(self, octets):
        self.socket.sendto(octets, (0, 0))

    def receive(self, milliseconds):
        """The messages of the next datagram, none if none comes."""
        if not select.select([self.socket], [], [], milliseconds / 1000)[0]:
            return []
        datagram, control, _, _ = self.socket.recvmsg(1 << 18, socket.CMSG_SPACE(4))
        group = next((struct.unpack('=I', payload)[0] for level, kind, payload in control
                      if (level, kind) == (SOL_NETLINK, PACKET_INFO)), 0)
        return list(messages(datagram, group))

    def close(self):
        self.socket.close()


def describe_ack(message, request):
    """(text, place, cookie) of an acknowledgement."""
    done = message.kind == DONE
    at = 4 if done else 20
    if not done and not message.flags & CAPPED:
        at += (struct.unpack_from('=I', message.payload, 4)[0] + 3 & ~3) - 16
    text = place = cookie = ''
    extra = ''
    for kind, _, payload in walk(message.payload[at:] if message.flags & ACK_TLVS else b''):
        if kind == 1:
            text = payload.rstrip(b'\0').decode()
        elif kind == 2:
            place = 'attr=' + request.place(struct.unpack('=I', payload)[0])
        elif kind == 3:
            cookie = f'len{len(payload)}:{payload[:8].hex()}'
        elif kind == 4:
            extra += ' +policy'
        elif kind == 5:
            extra += ' miss_type=' + name_of(ATTRIBUTE_NAMES, struct.unpack('=I', payload)[0])
        elif kind == 6:
            extra += f' miss_nest={struct.unpack("=I", payload)[0]}'
    if not cookie:
        cookie = 'DONE' if done else '' if message.flags & CAPPED else '(payload echoed)'
    return text, place + extra, cookie


class Player:
    """Plays a script; state is its sockets."""

    def __init__(self):
        self.sockets = {}
        self.sequence = 100
        self.verbosity = 1
        self.packet_sockets = []
        self.family, self.groups = self.find_family('nl80211')

    def ask(self, connection, request, on_reply):
        """Sends a request; its acknowledgement or DONE, None if none came in time."""
        self.sequence += 1
        connection.send(request.octets(self.sequence))
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            for message in connection.receive(1000):
                ours = message.sequence == self.sequence and not message.group
                if ours and message.kind in (ERROR, DONE):
                    return message
                on_reply(message, ours)
        return None

    def find_family(self, name):
        connection = Connection()
        replies = []
        self.ask(connection, Request(CONTROL_FAMILY, GET_FAMILY, REQUEST | ACK,
                                     attribute(FAMILY_NAME, name.encode() + b'\0')),
                 lambda message, _: replies.append(message))
        connection.close()
        found = {kind: payload for kind, _, payload in replies[0].attributes}
        groups = {}
        for _, _, group in walk(found[MULTICAST_GROUPS]):
            fields = {kind: payload for kind, _, payload in walk(group)}
            groups[fields[GROUP_NAME].rstrip(b'\0').decode()] = struct.unpack(
                '=I', fields[GROUP_ID])[0]
        return struct.unpack('=H', found[FAMILY_ID])[0], groups

    # Printing

    def describe(self, message):
        if message.kind != self.family:
            return f'type={message.kind} len={message.size}'
        text = (f'{"mcast" if message.group else "ucast"} '
                f'{name_of(COMMAND_NAMES, message.payload[0])} seq={message.sequence} '
                f'pid={1 if message.port else 0} flags={message.flags:#x}:')
        return text + ''.join(map(self.describe_attribute, message.attributes))

    def describe_attribute(self, found):
        kind, _, payload = found
        text = ' ' + name_of(ATTRIBUTE_NAMES, kind)
        if not payload:
            return text
        text += f'[{len(payload)}]'
        limit = {0: 0, 1: 48}.get(self.verbosity, 4000)
        if self.verbosity:
            text += '=' + payload[:limit].hex()
            if len(payload) > 48 and self.verbosity < 2:
                text += '..'
        return text

    # Steps

    def request(self, number, label, command, *words, quiet=False):
        flags = REQUEST | (DUMP if '+dump' in words else ACK)
        body = parse_attributes(word for word in words if not word.startswith('+'))
        request = Request(self.family, int(command[1:]) if command.startswith('#')
                          else COMMANDS[command], flags, body)
        replies = 0

        def on_reply(message, ours):
            nonlocal replies
            replies += ours
            if not quiet and (not ours or replies <= 2):
                print(f'   ({"reply" if ours else "event"}) {self.describe(message)}')

        answer = self.ask(self.sockets[int(number)], request, on_reply)
        if quiet:
            return
        if answer is None:
            print(f'R\t{label}\t{command}\tNO-ANSWER\t\t\t')
            return
        result = struct.unpack_from('=i', answer.payload)[0]
        print('\t'.join(['R', label, name_of(COMMAND_NAMES, request.command), error_name(result),
                         *describe_ack(answer, request)]))

    def step_s(self, *words):
        self.request(*words)

    def step_q(self, *words):
        self.request(*words, quiet=True)

    def step_sock(self, number, *options):
        self.step_close(number)
        self.sockets[int(number)] = Connection('noext' not in options, 'nocap' not in options)

    def step_close(self, number):
        if int(number) in self.sockets:
            self.sockets.pop(int(number)).close()

    def step_groups(self):
        for group in self.groups:
            print(f'group {group}')

    def step_join(self, number, *names):
        for name in names:
            self.sockets[int(number)].socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP,
                                                        self.groups[name])

    def step_policy(self, name, operation=None):
        body = attribute(FAMILY_NAME, name.encode() + b'\0')
        if operation:
            body += attribute(OPERATION, struct.pack('=I', int(operation)))
        connection = Connection()
        replies = []
        answer = self.ask(connection, Request(CONTROL_FAMILY, GET_POLICY, REQUEST | DUMP, body),
                          lambda message, _: replies.append(message))
        connection.close()
        last = next(replies[-1].attributes)[0] if replies else -1
        result = struct.unpack_from('=i', answer.payload)[0]
        print(f'GETPOLICY {name} op={operation or "-"}: {error_name(result)} msgs={len(replies)} '
              f'first attr=0 last attr={last}')

    def step_ev(self, number, milliseconds, *only):
        connection = self.sockets[int(number)]
        deadline = time.monotonic() + int(milliseconds) / 1000
        count = 0
        while time.monotonic() < deadline:
            for message in connection.receive(20):
                name = (name_of(COMMAND_NAMES, message.payload[0])
                        if message.kind == self.family else '?')
                if name == 'NOTIFY_CQM' or only and name not in only[0]:
                    continue
                print(f'   E sock{number} {self.describe(message)}')
                count += 1
        if not count:
            print(f'   E sock{number} (no event in {milliseconds} ms)')

    def step_drain(self, number):
        while self.sockets[int(number)].receive(30):
            pass

    def step_sleep(self, seconds):
        time.sleep(float(seconds))

    def step_verb(self, level):
        self.verbosity = int(level)

    def step_uid(self, number):
        os.setgid(int(number))
        os.setuid(int(number))

    def step_sh(self, *words):
        sys.stdout.flush()  # its output comes behind ours
        status = subprocess.run(['sh', '-c', ' '.join(words)], check=False).returncode
        if status:
            print(f'sh rc={status}')

    def step_inj(self, interface, frame):
        """Sends a frame from a monitor, behind the least radiotap header."""
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as monitor:
            monitor.bind((interface, 0))
            monitor.send(bytes([0, 0, 8, 0, 0, 0, 0, 0]) + octets_of(frame))

    def step_rawif(self, interface, ethertype, milliseconds):
        """With 0 ms: listens from now on. Else: prints the frames that came."""
        if milliseconds == '0':
            listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                     socket.htons(int(ethertype, 0)))
            listener.bind((interface, int(ethertype, 0)))
            self.packet_sockets.append(listener)
            return
        heard = False
        for index, listener in enumerate(self.packet_sockets):
            while select.select([listener], [], [], int(milliseconds) / 1000)[0]:
                frame = listener.recv(4096)
                heard = True
                print(f'   PKT[{index}] {len(frame)}:{frame[:40].hex()}')
        if not heard:
            print('   PKT (none)')

    def play(self, lines):
        for line in map(str.strip, lines):
            if line.startswith('#'):
                print(line)
            elif line:
                word, *words = line.split()
                getattr(self, f'step_{word}')(*words)
            sys.stdout.flush()


def main():
    with open(sys.argv[1], encoding='utf8') as script:
        Player().play(script)


if __name__ == '__main__':
    main()
