"""A program of somebody else: asks for a network through a netdev of raw frames, and hears of it.

Usage: prober.py NETDEV DLT SSID. It writes in the format in which it reads.
"""

import socket
import struct
import sys
import time

OWN = bytes.fromhex('025050505050')
EVERYBODY = b'\xff' * 6
PROBE_REQUEST, PROBE_RESPONSE = 0x40, 0x50


def main():
    netdev, dlt, ssid = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
    radiotap = struct.pack('<BBHI', 0, 0, 8, 0) if dlt == 127 else b''
    request = (struct.pack('<BBH', PROBE_REQUEST, 0, 0) + EVERYBODY + OWN + EVERYBODY + bytes(2)
               + bytes([0, len(ssid)]) + ssid + bytes([1, 4, 2, 4, 11, 22]))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as raw:
        raw.bind((netdev, 0))
        raw.settimeout(1)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            raw.send(radiotap + request)
            answer = receive(raw, dlt)
            if answer:
                bssid = ':'.join(f'{octet:02x}' for octet in answer[10:16])
                length = answer[37]
                print(f'probe response of {bssid}: {answer[38:38 + length].decode()}')
                return
    sys.exit('no probe response')


def receive(raw, dlt):
    """The next probe response to us within a second; None if none comes."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            packet, address = raw.recvfrom(4096)
        except socket.timeout:
            return None
        if address[2] == socket.PACKET_OUTGOING:
            continue
        frame = packet[struct.unpack('<H', packet[2:4])[0]:] if dlt == 127 else packet
        if frame[0] == PROBE_RESPONSE and frame[4:10] == OWN:
            return frame
    return None


main()
