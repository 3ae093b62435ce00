"""An access point with WEP by raw nl80211, for Debian's hostapd is built without.

Usage: wep_ap.py INTERFACE SSID KEY open|shared; KEY is 5 or 13 octets as text, used at index 1.
Prints `serving`, then `admitted` for each station, until it is ended.
"""

import os
import struct
import sys

from nl80211_script import COMMANDS, Player, Request, hardware_address, parse_attributes

ASSOCIATION_REQUEST, ASSOCIATION_RESPONSE, AUTHENTICATION = 0x00, 0x10, 0xb0
PROBE_REQUEST, PROBE_RESPONSE, BEACON = 0x40, 0x50, 0x80
OPEN, SHARED = 0, 1
UNSUPPORTED, CHALLENGE_FAILURE = 13, 15
RATES = bytes.fromhex('010482848b96')
PRIVACY_AND_ESS = struct.pack('<H', 0x0011)
FRAME = 0x33  # NL80211_ATTR_FRAME
KEY_INDEX = 1


class AccessPoint(Player):
    def __init__(self, interface, ssid, key, algorithm):
        super().__init__()
        self.interface, self.ssid, self.key = interface, ssid.encode(), key.encode()
        self.algorithm = {'open': OPEN, 'shared': SHARED}[algorithm]
        self.address = hardware_address(interface)
        self.challenges = {}
        self.waiting = []  # frames that came while an answer was awaited
        self.step_sock(1)

    def command(self, name, words):
        """Sends a request about the interface, which must succeed."""
        body = parse_attributes([f'IFINDEX/if={self.interface}', *words.split()])
        answer = self.ask(self.sockets[1], Request(self.family, COMMANDS[name], 5, body),
                          lambda message, ours: ours or self.waiting.append(message))
        if answer is None or struct.unpack_from('=i', answer.payload)[0] != 0:
            raise SystemExit(f'{name} failed: {answer and answer.payload[:4].hex()}')

    def serve(self):
        for kind in (ASSOCIATION_REQUEST, AUTHENTICATION, PROBE_REQUEST):
            self.command('REGISTER_FRAME', f'FRAME_TYPE/u16={kind} FRAME_MATCH')
        head = self.frame(BEACON, b'\xff' * 6, self.announcement())
        self.command('START_AP', f'BEACON_HEAD/h={head.hex()} BEACON_INTERVAL/u32=100 '
                                 f'DTIM_PERIOD/u32=1 SSID/h={self.ssid.hex()} WIPHY_FREQ/u32=2412 '
                                 f'AUTH_TYPE/u32={self.algorithm} PRIVACY')
        cipher = 0x000fac01 if len(self.key) == 5 else 0x000fac05
        self.command('NEW_KEY', f'KEY_DATA/h={self.key.hex()} KEY_CIPHER/u32={cipher} '
                                f'KEY_IDX/u8={KEY_INDEX}')
        self.command('SET_KEY', f'KEY_IDX/u8={KEY_INDEX} KEY_DEFAULT')
        print('serving', flush=True)
        while True:
            for message in self.waiting or self.sockets[1].receive(1000):
                if message in self.waiting:
                    self.waiting.remove(message)
                if message.kind == self.family and message.payload[0] == COMMANDS['FRAME']:
                    self.on_frame(next(payload for kind, _, payload in message.attributes
                                       if kind == FRAME))

    def on_frame(self, frame):
        station = frame[10:16]
        if frame[0] == AUTHENTICATION:
            algorithm, transaction, _ = struct.unpack_from('<HHH', frame, 24)
            answer, status, element = self.judge(station, algorithm, transaction, frame[30:])
            self.answer(AUTHENTICATION, station,
                        struct.pack('<HHH', algorithm, answer, status) + element)
        elif frame[0] == PROBE_REQUEST:
            self.answer(PROBE_RESPONSE, station, self.announcement())
        elif frame[0] == ASSOCIATION_REQUEST:
            self.answer(ASSOCIATION_RESPONSE, station,
                        PRIVACY_AND_ESS + struct.pack('<HH', 0, 0xc001) + RATES)
            # Authenticated, associated, authorised; WME.
            self.command('NEW_STATION', f'MAC/h={station.hex()} STA_LISTEN_INTERVAL/u16=10 '
                                        'STA_SUPPORTED_RATES/h=02040b16 STA_AID/u16=1 '
                                        'STA_FLAGS2/h=a2000000a2000000')
            print('admitted', flush=True)

    def judge(self, station, algorithm, transaction, elements):
        """(transaction, status, element) of the answer."""
        if algorithm != self.algorithm:
            return 2, UNSUPPORTED, b''
        if algorithm == OPEN:
            return 2, 0, b''
        if transaction == 1:
            self.challenges[station] = bytes([16, 128]) + os.urandom(128)
            return 2, 0, self.challenges[station]
        right = elements == self.challenges.pop(station, None)
        return 4, 0 if right else CHALLENGE_FAILURE, b''

    def announcement(self):
        return (bytes(8) + struct.pack('<H', 100) + PRIVACY_AND_ESS
                + bytes([0, len(self.ssid)]) + self.ssid + RATES + bytes([3, 1, 1]))

    def frame(self, kind, to, body):
        return bytes([kind, 0, 0, 0]) + to + self.address * 2 + b'\0\0' + body

    def answer(self, kind, station, body):
        self.command('FRAME', f'FRAME/h={self.frame(kind, station, body).hex()}')


if __name__ == '__main__':
    AccessPoint(*sys.argv[1:]).serve()
