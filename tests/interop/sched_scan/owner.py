"""Starts a scheduled scan that ends with this program, says so, and waits: owner.py [multi]."""

import signal
import socket
import struct
import sys

from genetlink import Client, attribute
from nl80211_names import attributes, commands

COMMANDS, ATTRIBUTES = commands(), attributes()


def named(name, value=b''):
    return attribute(ATTRIBUTES[name], value)


client = Client('nl80211')
client.join('scan')
body = (named('IFINDEX', socket.if_nametoindex('wlan0')) + named('SOCKET_OWNER')
        + named('SCHED_SCAN_INTERVAL', 1000)
        + named('SCAN_FREQUENCIES', attribute(1, 2412)))
if 'multi' in sys.argv:
    body += named('SCHED_SCAN_MULTI')
client.send(COMMANDS['START_SCHED_SCAN'], body)
while True:
    for command, event in client.receive():
        if command == COMMANDS['START_SCHED_SCAN']:
            print('started', struct.unpack('=Q', event[ATTRIBUTES['COOKIE']])[0], flush=True)
            signal.pause()
