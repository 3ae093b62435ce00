"""The one vendor command of simulated radios: vendor.py INTERFACE NUMBER. Prints the numbers that
come back: in the answer, and in the event."""

import socket
import struct
import sys

from genetlink import Client, attribute, attributes

NL80211_CMD_VENDOR = 103
NL80211_ATTR_IFINDEX, VENDOR_ID, VENDOR_SUBCMD, VENDOR_DATA = 3, 195, 196, 197
NLA_F_NESTED = 0x8000
TEST_OUI, TEST_SUBCMD, TEST_NUMBER = 0x001374, 1, 8


def number_in(message):
    nest = dict(attributes(message[1][VENDOR_DATA]))
    return struct.unpack('=I', nest[TEST_NUMBER])[0]


asking, listening = Client('nl80211'), Client('nl80211')
listening.join('vendor')
answer = asking.ask(NL80211_CMD_VENDOR, b''.join((
    attribute(NL80211_ATTR_IFINDEX, socket.if_nametoindex(sys.argv[1])),
    attribute(VENDOR_ID, TEST_OUI), attribute(VENDOR_SUBCMD, TEST_SUBCMD),
    attribute(VENDOR_DATA | NLA_F_NESTED, attribute(TEST_NUMBER, int(sys.argv[2]))))))
print(f'answer {number_in(answer[0])}, event {number_in(listening.receive()[0])}')
