"""Prints START_AP and STOP_AP as they come, COUNT of them: listen.py COUNT."""

import socket
import sys

from genetlink import Client
from nl80211_names import attributes, commands, first_names

SO_RCVBUFFORCE = 33  # Python has no name for it
NAMES = first_names(commands())
SSID = attributes()['SSID']

client = Client('nl80211')
client.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
client.join('mlme')
print('listening', flush=True)
left = int(sys.argv[1])
while left:
    for command, values in client.receive():
        name = NAMES[command]
        if name not in ('START_AP', 'STOP_AP'):
            continue
        print(' '.join([name, *([values[SSID].decode()] if SSID in values else [])]))
        left -= 1
