"""A station made of scapy alone: joins a WPA2 network through a monitor, as far as message 3.

Usage: station.py MONITOR ADDRESS BSSID SSID PASSPHRASE. Every frame that it sends it writes to the
monitor, and every answer it reads there. Prints one line per step.
"""

import hashlib
import hmac
import os
import struct
import sys
import time

from scapy.all import (EAPOL, LLC, SNAP, Dot11, Dot11AssoReq, Dot11AssoResp, Dot11Auth, Dot11Elt,
                       RadioTap, Raw, conf)

RSN = bytes.fromhex('0100 000fac04 0100 000fac04 0100 000fac02 0000'.replace(' ', ''))
RATES = bytes.fromhex('02040b160c121824')


class Station:
    def __init__(self, monitor, address, bssid, ssid, passphrase):
        self.socket = conf.L2socket(iface=monitor)
        self.address, self.bssid, self.ssid = address, bssid, ssid
        self.pmk = hashlib.pbkdf2_hmac('sha1', passphrase.encode(), ssid.encode(), 4096, 32)

    def send(self, packet, **header):
        self.socket.send(RadioTap() / Dot11(addr1=self.bssid, addr2=self.address,
                                            addr3=self.bssid, **header) / packet)

    def ask(self, question, is_answer, what):
        """Sends until the answer comes, as a station repeats itself."""
        for _ in range(20):
            question()
            end = time.monotonic() + 1
            while time.monotonic() < end:
                packet = self.socket.recv()
                if (packet and packet.haslayer(Dot11) and packet[Dot11].addr1 == self.address
                        and packet[Dot11].addr2 == self.bssid and is_answer(packet)):
                    print(what, flush=True)
                    return packet
        sys.exit(f'no {what}')

    def eapol(self, packet):
        """The octets of an EAPOL-Key frame; nothing if the packet is none."""
        octets = bytes(packet[Dot11])
        at = octets.find(bytes.fromhex('aaaa03000000888e'))
        return octets[at + 8:] if at > 0 else b''

    def key_frame(self, packet, mask, value):
        frame = self.eapol(packet)
        return len(frame) >= 99 and struct.unpack('>H', frame[5:7])[0] & mask == value

    def join(self):
        self.ask(lambda: self.send(Dot11Auth(algo=0, seqnum=1, status=0), type=0, subtype=11),
                 lambda packet: packet.haslayer(Dot11Auth) and packet[Dot11Auth].status == 0,
                 'authentication')
        request = (Dot11AssoReq(cap=0x0411, listen_interval=10) / Dot11Elt(ID=0, info=self.ssid)
                   / Dot11Elt(ID=1, info=RATES) / Dot11Elt(ID=48, info=RSN))
        # Message 1 follows the response at once, and is the better proof of it.
        first = self.ask(lambda: self.send(request, type=0, subtype=0),
                         lambda packet: self.key_frame(packet, 0x0188, 0x0088), 'message 1')
        self.shake_hands(self.eapol(first))

    def shake_hands(self, first):
        own, peer = (bytes.fromhex(mac.replace(':', '')) for mac in (self.address, self.bssid))
        anonce, snonce = first[17:49], os.urandom(32)
        seed = b'Pairwise key expansion\0' + b''.join(
            sorted([own, peer]) + sorted([anonce, snonce]))
        kck = hmac.new(self.pmk, seed + b'\0', hashlib.sha1).digest()[:16]
        element = bytes([48, len(RSN)]) + RSN
        body = (struct.pack('>BHH', 2, 0x010a, 0) + first[9:17] + snonce + bytes(16 + 8 + 8)
                + bytes(16) + struct.pack('>H', len(element)) + element)
        frame = struct.pack('>BBH', 1, 3, len(body)) + body
        mic = hmac.new(kck, frame, hashlib.sha1).digest()[:16]
        frame = frame[:81] + mic + frame[97:]
        answer = LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP(OUI=0, code=0x888e) / Raw(frame)
        third = self.ask(lambda: self.send(answer, type=2, subtype=0, FCfield='to-DS'),
                         lambda packet: self.key_frame(packet, 0x0140, 0x0140), 'message 3')
        frame = self.eapol(third)
        frame = frame[:4 + struct.unpack('>H', frame[2:4])[0]]
        clear = frame[:81] + bytes(16) + frame[97:]
        if hmac.new(kck, clear, hashlib.sha1).digest()[:16] != frame[81:97]:
            sys.exit('the MIC of message 3 is wrong')
        print('the MIC of message 3 holds', flush=True)
        # What only a station with four addresses sends.
        self.send(Raw(b''), type=2, subtype=4, FCfield='to-DS+from-DS', addr4=self.bssid)


Station(*sys.argv[1:]).join()
