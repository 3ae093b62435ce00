"""The family MAC80211_HWSIM as its clients use it: radios, and a program as the medium.

Run as a program, on a host through `airloom run`, it does one of:
  new [ATTRIBUTE=VALUE ...] [hold]  makes a radio; prints `radio N`; hold: stays until it is ended
  del ID | del NAME                 takes one away
  get ID | list                     prints one line a radio
  watch                             prints the events of group config
  medium [drop=N] [relay=MHZ,MHZ]   is the medium: forwards and acknowledges what every radio sends;
                                    relay: what is sent on one of the channels is heard on the other
                                    alone, and names that (a man in the middle)
"""

import struct
import sys

import genetlink
from genetlink import attribute

(REGISTER, FRAME, TX_INFO_FRAME, NEW_RADIO, DEL_RADIO, GET_RADIO, ADD_MAC_ADDR,
 DEL_MAC_ADDR) = range(1, 9)
(ADDR_RECEIVER, ADDR_TRANSMITTER, FRAME_ATTR, FLAGS, RX_RATE, SIGNAL, TX_INFO, COOKIE, CHANNELS,
 RADIO_ID, REG_HINT_ALPHA2, REG_CUSTOM_REG, REG_STRICT_REG, SUPPORT_P2P_DEVICE, USE_CHANCTX,
 DESTROY_RADIO_ON_CLOSE, RADIO_NAME, NO_VIF, FREQ, PAD, TX_INFO_FLAGS, PERM_ADDR, IFTYPE_SUPPORT,
 CIPHER_SUPPORT, MLO_SUPPORT) = range(1, 26)
CTL_NO_ACK, STAT_ACK = 2, 4
SIGNAL_DBM = -50
DS_PARAMETER_SET, HT_OPERATION = 3, 61

NUMBERS = {'channels': CHANNELS, 'custom_reg': REG_CUSTOM_REG, 'iftypes': IFTYPE_SUPPORT}
TEXTS = {'name': RADIO_NAME, 'country': REG_HINT_ALPHA2}
FLAG_NAMES = {'p2p': SUPPORT_P2P_DEVICE, 'chanctx': USE_CHANCTX, 'no_vif': NO_VIF,
              'strict': REG_STRICT_REG, 'destroy': DESTROY_RADIO_ON_CLOSE, 'mlo': MLO_SUPPORT}


def mac(text):
    return bytes(int(part, 16) for part in text.split(':'))


def mac_text(octets):
    return ':'.join(f'{octet:02x}' for octet in octets)


def parse_words(words):
    """Words of the command line as attributes of NEW_RADIO."""
    body = b''
    for word in words:
        key, _, value = word.partition('=')
        if key in FLAG_NAMES:
            body += attribute(FLAG_NAMES[key])
        elif key in NUMBERS:
            body += attribute(NUMBERS[key], int(value))
        elif key in TEXTS:
            body += attribute(TEXTS[key], value.encode())
        elif key == 'addr':
            body += attribute(PERM_ADDR, mac(value))
        elif key == 'ciphers':
            suites = [int(suite, 16) for suite in value.split(',')]
            body += attribute(CIPHER_SUPPORT, struct.pack(f'={len(suites)}I', *suites))
        else:
            raise SystemExit(f'hwsim: what is {word}?')
    return body


def describe(radio):
    words = [f'radio {struct.unpack("=I", radio[RADIO_ID])[0]}']
    if RADIO_NAME in radio:
        words.append(radio[RADIO_NAME].decode())
    for name, kind in {**NUMBERS, **FLAG_NAMES}.items():
        if kind in radio:
            value = radio[kind]
            words.append(f'{name}={struct.unpack("=I", value)[0]}' if value else name)
    if REG_HINT_ALPHA2 in radio:
        words.append(f'country={radio[REG_HINT_ALPHA2].decode()}')
    return ' '.join(words)


class Medium:
    """Everybody hears everybody; a unicast frame to a known address is acknowledged."""

    def __init__(self, client, drop, relay):
        self.client = client
        self.drop = drop  # every so-manieth data frame gets lost; 0: none
        self.relay = relay  # by frequency: where else it is heard; MHz
        self.frames = 0
        self.listens = {}  # by radio: the addresses it was said to listen to

    def run(self):
        self.client.ask(REGISTER)
        print('medium registered', flush=True)
        while True:
            try:
                received = self.client.receive()
            except TimeoutError:
                continue
            for command, told in received:
                self.handle(command, told)

    def handle(self, command, told):
        radio = told[ADDR_TRANSMITTER]
        if command == FRAME:
            self.listens.setdefault(radio, set())
            self.on_frame(radio, told)
            return
        address = told[ADDR_RECEIVER]
        print('address', '+' if command == ADD_MAC_ADDR else '-', mac_text(radio),
              mac_text(address), flush=True)
        addresses = self.listens.setdefault(radio, set())
        addresses.add(address) if command == ADD_MAC_ADDR else None

    def on_frame(self, radio, told):
        frame = told[FRAME_ATTR]
        self.frames += 1
        is_data = frame[0] & 0x0c == 0x08
        acked = False
        if not (self.drop and is_data and self.frames % self.drop == 0):
            frequency = struct.unpack('=I', told[FREQ])[0]
            if frequency in self.relay:
                frequency = self.relay[frequency]
                frame = move(frame, frequency)
            acked = self.forward(radio, frame, frequency)
        flags = struct.unpack('=I', told[FLAGS])[0]
        rates = bytearray(told[TX_INFO])
        rates[1] = 1
        self.client.send(TX_INFO_FRAME, attribute(ADDR_TRANSMITTER, radio)
                         + attribute(FLAGS, flags | (STAT_ACK if acked else 0))
                         + attribute(COOKIE, told[COOKIE])
                         + attribute(SIGNAL, SIGNAL_DBM & 0xffffffff)
                         + attribute(TX_INFO, bytes(rates)))
        if self.frames % 100 == 0:
            print('frames', self.frames, flush=True)

    def forward(self, radio, frame, frequency):
        receiver = frame[4:10]
        acked = False
        for other, addresses in self.listens.items():
            if other == radio:
                continue
            own = bytes([other[0] & ~0x40]) + other[1:]
            acked |= receiver == own or receiver in addresses
            self.client.send(FRAME, attribute(ADDR_RECEIVER, other) + attribute(FRAME_ATTR, frame)
                             + attribute(RX_RATE, 1) + attribute(SIGNAL, SIGNAL_DBM & 0xffffffff)
                             + attribute(FREQ, frequency))
        return acked and not receiver[0] & 1


def move(frame, frequency):
    """A beacon, probe or association response that names the channel at `frequency` as its own."""
    fixed = {0x80: 12, 0x50: 12, 0x10: 6, 0x30: 6}.get(frame[0])
    if fixed is None:
        return frame
    moved, at = bytearray(frame), 24 + fixed
    while at + 2 < len(moved):
        if moved[at] in (DS_PARAMETER_SET, HT_OPERATION):
            moved[at + 2] = (frequency - 2407) // 5
        at += 2 + moved[at + 1]
    return bytes(moved)


def make(client, words):
    hold = 'hold' in words
    client.ask(NEW_RADIO, parse_words([word for word in words if word != 'hold']))
    print('radio', client.value, flush=True)
    if hold:
        while True:
            client.socket.settimeout(None)
            client.receive()


def watch(client):
    client.join('config')
    print('watching', flush=True)
    client.socket.settimeout(None)
    while True:
        for command, told in client.receive():
            print({NEW_RADIO: 'new', DEL_RADIO: 'del'}[command], describe(told), flush=True)


def main(words):
    client = genetlink.Client('MAC80211_HWSIM')
    verb, rest = words[0], words[1:]
    try:
        if verb == 'new':
            make(client, rest)
        elif verb == 'del':
            kind = RADIO_ID if rest[0].isdigit() else RADIO_NAME
            client.ask(DEL_RADIO, attribute(kind, int(rest[0]) if rest[0].isdigit() else rest[0]))
        elif verb == 'get':
            for _, radio in client.ask(GET_RADIO, attribute(RADIO_ID, int(rest[0]))):
                print(describe(radio))
        elif verb == 'list':
            for _, radio in client.dump(GET_RADIO):
                print(describe(radio))
        elif verb == 'watch':
            watch(client)
        elif verb == 'medium':
            drop = [int(word[5:]) for word in rest if word.startswith('drop=')]
            relay = [tuple(map(int, word[6:].split(','))) for word in rest
                     if word.startswith('relay=')]
            Medium(client, drop[0] if drop else 0,
                   {a: b for pair in relay for a, b in (pair, pair[::-1])}).run()
        else:
            raise SystemExit(__doc__)
    except genetlink.Refused as refusal:
        print(f'refused {refusal.errno} at {refusal.offset}: {refusal.text}')
        raise SystemExit(3)


if __name__ == '__main__':
    main(sys.argv[1:])
