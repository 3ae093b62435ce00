"""Writes frames at random to a monitor, and says what is to be heard of them.

Usage: octets.py MONITOR SEED COUNT OWN_ADDRESS. Prints the frames that are valid as hexadecimal,
one a line, Sequence Control blanked where the stack may set it, then `invalid N`.
"""

import random
import socket
import struct
import sys

NO_SEQUENCE = 0x10
FCS_AT_END = 0x10
HARD_HEADER = 14  # what the netdev's socket wants at least


def header_length(frame):
    """Of the header that Frame Control implies. [802.11-2020 9.2.3]"""
    kind, subtype = frame[0] >> 2 & 3, frame[0] >> 4
    if kind == 3:
        return 10
    if kind == 1:
        return 10 if subtype in (12, 13) else 16
    qos = kind == 2 and subtype & 8
    length = 24 + (6 if kind == 2 and frame[1] & 3 == 3 else 0) + (2 if qos else 0)
    return length + (4 if frame[1] & 0x80 and (qos or kind == 0) else 0)


def random_frame(dice, own):
    length = dice.choice((dice.randrange(10, 30), dice.randrange(10, 1400)))
    frame = bytearray(dice.randbytes(length))
    frame[0] &= 0xfc
    if frame[0] == 0xd4:  # no ACK that could be taken for a radio's own
        frame[0] = 0x08
    frame[9] = 0x77  # to nobody
    if dice.random() < 0.25 and len(frame) >= 16:
        frame[10:16] = own
    return bytes(frame)


def radiotap(dice):
    """(octets, tx flags, whether an FCS follows the frame)"""
    present, fields, tx_flags, has_fcs = 0, b'', 0, False
    if dice.random() < 0.5:  # Flags, Rate: one octet each
        has_fcs = dice.random() < 0.3
        present |= 1 << 1 | 1 << 2
        fields += bytes([FCS_AT_END if has_fcs else 0, dice.randrange(256)])
    if dice.random() < 0.5:  # TX flags: two octets, aligned
        tx_flags = dice.choice((0, 8, NO_SEQUENCE, NO_SEQUENCE | 8, 0x20))
        present |= 1 << 15
        fields += struct.pack('<H', tx_flags)
    return struct.pack('<BBHI', 0, 0, 8 + len(fields), present) + fields, tx_flags, has_fcs


def main():
    monitor, seed, count, own = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    own = bytes.fromhex(own.replace(':', ''))
    dice, invalid = random.Random(seed), 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((monitor, 0))
        for _ in range(count):
            frame = random_frame(dice, own)
            header, tx_flags, has_fcs = radiotap(dice)
            valid = len(frame) >= header_length(frame)
            octets = header + frame + (b'\xfc' * 4 if has_fcs else b'')
            if dice.random() < 0.2:
                valid = False
                octets = dice.choice((b'\1' + octets[1:], octets[:3] + b'\x80' + octets[4:],
                                      octets[:2] + b'\7\0' + octets[4:]))
            out.send(octets.ljust(HARD_HEADER, b'\0'))
            if not valid:
                invalid += 1
                continue
            if frame[10:16] == own and not tx_flags & NO_SEQUENCE and len(frame) >= 24:
                frame = frame[:22] + b'..' + frame[24:]
            print(frame.hex())
    print(f'invalid {invalid}')


main()
