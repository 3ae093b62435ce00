"""Sends or receives one 802.1Q frame: send INTERFACE TCI ADDRESS TEXT | receive INTERFACE TCI.

TCI is what a tag holds: priority and VLAN."""

import socket
import struct
import sys

ETH_P_ALL, ETH_P_8021Q, ETHERTYPE = 3, 0x8100, 0x88b5  # for local experiments
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 1 << 4


def send(interface, tci, address, text):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as packets:
        packets.bind((interface, 0))
        own = packets.getsockname()[4]
        to = bytes(int(part, 16) for part in address.split(':'))
        packets.send(to + own + struct.pack('!HHH', ETH_P_8021Q, int(tci), ETHERTYPE)
                     + text.encode().ljust(64, b'\0'))


def receive(interface, tci):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as packets:
        packets.bind((interface, ETH_P_ALL))
        packets.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        packets.settimeout(20)
        print('listening', flush=True)
        while True:
            frame, extra, _, _ = packets.recvmsg(2048, 256)
            tag = None  # the kernel takes it out of the frame, and tells it beside
            for level, kind, data in extra:
                if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                    status, _, _, _, _, told, _ = struct.unpack('=IIIHHHH', data[:20])
                    tag = told if status & TP_STATUS_VLAN_VALID else None
            if tag == int(tci) and frame[12:14] == struct.pack('!H', ETHERTYPE):
                source = ':'.join(f'{octet:02x}' for octet in frame[6:12])
                print(source, frame[14:].rstrip(b'\0').decode(), flush=True)
                return


{'send': send, 'receive': receive}[sys.argv[1]](*sys.argv[2:])
