"""Gives one address to whoever asks: dhcp_server.py INTERFACE SERVER ADDRESS. [RFC 2131]"""

import socket
import struct
import sys

interface, server, address = sys.argv[1:]
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5
MAGIC = bytes.fromhex('63825363')


def message_type(packet):
    options = packet[240:]
    while options and options[0] != 255:
        if options[0] == 0:
            options = options[1:]
            continue
        if options[0] == 53:
            return options[2]
        options = options[2 + options[1]:]
    return 0


def option(number, value):
    return bytes([number, len(value)]) + value


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
    port.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    port.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    port.bind(('', 67))
    print('serving', flush=True)
    while True:
        packet = port.recv(2048)
        answer = {DISCOVER: OFFER, REQUEST: ACK}.get(message_type(packet))
        if not answer or packet[236:240] != MAGIC:
            continue
        own = socket.inet_aton(server)
        reply = (bytes([2]) + packet[1:3] + b'\0' + packet[4:8] + bytes(8)
                 + socket.inet_aton(address) + own + bytes(4) + packet[28:44] + bytes(192) + MAGIC
                 + option(53, bytes([answer])) + option(54, own)
                 + option(51, struct.pack('>I', 3600)) + option(1, bytes([255, 255, 255, 0]))
                 + b'\xff')
        port.sendto(reply, ('255.255.255.255', 68))
