"""What the scenario runs on a host.

peer.py serve ADDRESS            prints "ready", then octets and SHA-256 of each connection
peer.py send ADDRESS OCTETS      sends that many in writes of many sizes; prints them and SHA-256
peer.py features INTERFACE       prints which of tx, tso the interface has on
peer.py set INTERFACE tso 0|1    as ethtool -K
peer.py lie INTERFACE            sends frames whose offload headers do not fit them
"""

import array
import fcntl
import hashlib
import random
import socket
import struct
import sys

PORT = 5210
SIOCETHTOOL = 0x8946
GET = {'tx': 0x16, 'tso': 0x1e}  # ETHTOOL_GTXCSUM, ETHTOOL_GTSO
SET_TSO = 0x1f
SOL_PACKET, PACKET_VNET_HDR = 263, 15


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def serve(address):
    with socket.socket(family_of(address)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, PORT))
        listener.listen()
        print('ready', flush=True)
        while True:
            connection, _ = listener.accept()
            digest, octets = hashlib.sha256(), 0
            while chunk := connection.recv(1 << 16):
                digest.update(chunk)
                octets += len(chunk)
            connection.close()
            print(octets, digest.hexdigest(), flush=True)


def send(address, octets):
    rng = random.Random(octets)
    digest = hashlib.sha256()
    with socket.socket(family_of(address)) as connection:
        connection.connect((address, PORT))
        left = octets
        while left > 0:
            chunk = rng.randbytes(min(left, rng.choice((1, 100, 1448, 1449, 9000, 100_000))))
            connection.sendall(chunk)
            digest.update(chunk)
            left -= len(chunk)
    print(octets, digest.hexdigest())


def ethtool(interface, command, value=0):
    """One of the calls that carry a number."""
    data = array.array('I', [command, value])
    request = struct.pack('16sP', interface.encode(), data.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCETHTOOL, request)
    return data[1]


def lie(interface):
    """The kernel believes a privileged program: what it lets through has to be refused."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((interface, 0))
        raw.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        ethernet = bytes.fromhex('020000000000') + bytes(6) + b'\x08\x00'
        address = bytes([10, 9, 0, 2]) + bytes([10, 9, 0, 1])
        for gso, length in ((8, 3000), (1, 3000), (1400, 65_000)):
            ip = struct.pack('>BBHHHBBH', 0x45, 0, length, 1, 0, 64, 6, 0) + address
            tcp = struct.pack('>HHIIBBHHH', 1, 2, 3, 4, 0x50, 0x10, 500, 0, 0)
            header = struct.pack('<BBHHHH', 1, 1, 54, gso, 34, 16)
            try:
                raw.send(header + ethernet + ip + tcp + bytes(3000))
            except OSError as error:
                print(f'the kernel refused: {error}')
    print('sent')


def main():
    what, *words = sys.argv[1:]
    if what == 'serve':
        serve(*words)
    elif what == 'send':
        send(words[0], int(words[1]))
    elif what == 'features':
        print(*(name for name, command in GET.items() if ethtool(words[0], command)))
    elif what == 'set':
        ethtool(words[0], SET_TSO, int(words[2]))
    else:
        lie(*words)


main()
