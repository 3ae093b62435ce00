"""Starts and stops an access point on wlan0: flip.py COUNT SSID SSID.

Of four, two end because the socket that owns them closes, two by its owner's STOP_AP.
"""

import socket
import struct
import sys

from genetlink import Client, attribute
from nl80211_names import attributes, commands

COMMANDS, ATTRIBUTES = commands(), attributes()
IFINDEX = attribute(ATTRIBUTES['IFINDEX'], socket.if_nametoindex('wlan0'))


def beacon_head(ssid):
    address = bytes.fromhex(open('/sys/class/net/wlan0/address').read().strip().replace(':', ''))
    return (bytes.fromhex('80000000ffffffffffff') + address * 2 + bytes(10)
            + bytes.fromhex('64000104') + bytes([0, len(ssid)]) + ssid
            + bytes.fromhex('010402040b16030101'))


def start_ap(client, ssid):
    values = {'BEACON_HEAD': beacon_head(ssid), 'BEACON_INTERVAL': 100, 'DTIM_PERIOD': 2,
              'SSID': ssid, 'WIPHY_FREQ': 2412, 'SOCKET_OWNER': b''}
    client.ask(COMMANDS['START_AP'], IFINDEX + b''.join(
        attribute(ATTRIBUTES[name], value) for name, value in values.items()))


owner = None
for number in range(int(sys.argv[1])):
    if owner is None:
        owner = Client('nl80211')
    start_ap(owner, sys.argv[2 + number % 2].encode())
    if number % 4 < 2:
        owner.socket.close()
        owner = None
    else:
        owner.ask(COMMANDS['STOP_AP'], IFINDEX)
