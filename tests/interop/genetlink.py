"""A raw generic netlink client: what a program that speaks to the kernel by itself does.

It is a library for programs that scenarios start on a host through `airloom run`.
"""

import os
import socket
import struct

NETLINK_GENERIC = 16
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_EXT_ACK, NETLINK_CAP_ACK = 270, 1, 11, 10
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSGERR_ATTR_MSG, NLMSGERR_ATTR_OFFS = 1, 2
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_MCAST_GROUPS = 1, 2, 7
CTRL_ATTR_MCAST_GRP_NAME, CTRL_ATTR_MCAST_GRP_ID = 1, 2


class Refused(Exception):
    """NLMSG_ERROR: errno, the words and the offset of the attribute at fault."""

    def __init__(self, number, text, offset):
        super().__init__(f'{os.strerror(number)} ({number}): {text}')
        self.errno, self.text, self.offset = number, text, offset


def attribute(kind, payload=b''):
    if isinstance(payload, int):
        payload = struct.pack('=I', payload)
    elif isinstance(payload, str):
        payload = payload.encode() + b'\0'
    padding = -len(payload) % 4
    return struct.pack('=HH', 4 + len(payload), kind) + payload + bytes(padding)


def attributes(octets):
    """Yields (type, payload)."""
    while len(octets) >= 4:
        size, kind = struct.unpack_from('=HH', octets)
        if size < 4 or size > len(octets):
            return
        yield kind & 0x3fff, octets[4:size]
        octets = octets[(size + 3) & ~3:]


def messages(datagram):
    """Yields (type, flags, sequence, port, payload)."""
    while len(datagram) >= 16:
        size, kind, flags, sequence, port = struct.unpack_from('=IHHII', datagram)
        yield kind, flags, sequence, port, datagram[16:size]
        datagram = datagram[(size + 3) & ~3:]


class Client:
    """One socket, and one family that it speaks to."""

    def __init__(self, family):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.bind((0, 0))
        self.socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.socket.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.socket.settimeout(20)
        self.sequence = 0
        self.family = GENL_ID_CTRL
        reply = self.ask(CTRL_CMD_GETFAMILY, attribute(CTRL_ATTR_FAMILY_NAME, family))[0][1]
        self.family = struct.unpack('=H', reply[CTRL_ATTR_FAMILY_ID])[0]
        self.groups = {}
        for _, nest in attributes(reply.get(CTRL_ATTR_MCAST_GROUPS, b'')):
            group = dict(attributes(nest))
            name = group[CTRL_ATTR_MCAST_GRP_NAME].rstrip(b'\0').decode()
            self.groups[name] = struct.unpack('=I', group[CTRL_ATTR_MCAST_GRP_ID])[0]
        self.value = 0  # of the last acknowledgement

    def join(self, group):
        self.socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups[group])

    def send(self, command, body=b'', flags=0):
        self.sequence += 1
        octets = struct.pack('=IHHIIBBH', 20 + len(body), self.family, NLM_F_REQUEST | flags,
                             self.sequence, 0, command, 1, 0) + body
        self.socket.sendto(octets, (0, 0))

    def receive(self):
        """The next messages of the family, as (command, {type: payload})."""
        found = []
        for kind, _, _, _, payload in messages(self.socket.recv(65536)):
            if kind == self.family:
                found.append((payload[0], dict(attributes(payload[4:]))))
        return found

    def ask(self, command, body=b'', flags=NLM_F_ACK):
        """Sends a request and returns its replies as (command, {type: payload}); raises Refused."""
        self.send(command, body, flags)
        replies = []
        while True:
            for kind, flags, sequence, _, payload in messages(self.socket.recv(65536)):
                if sequence != self.sequence:
                    continue
                if kind == NLMSG_DONE:
                    return replies
                if kind == NLMSG_ERROR:
                    self.value = struct.unpack_from('=i', payload)[0]
                    if self.value < 0:
                        self.refuse(flags, payload)
                    return replies
                replies.append((payload[0], dict(attributes(payload[4:]))))

    def refuse(self, flags, payload):
        said = dict(attributes(payload[20:])) if flags & NLM_F_ACK_TLVS else {}
        text = said.get(NLMSGERR_ATTR_MSG, b'').rstrip(b'\0').decode()
        offset = said.get(NLMSGERR_ATTR_OFFS)
        raise Refused(-self.value, text, offset and struct.unpack('=I', offset)[0])

    def dump(self, command, body=b''):
        return self.ask(command, body, NLM_F_DUMP)
