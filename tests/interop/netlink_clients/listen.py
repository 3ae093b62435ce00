"""Prints the interfaces that come and go, until it is ended."""

import socket

from genetlink import Client
from nl80211_names import attributes, commands, first_names

SO_RCVBUFFORCE = 33  # Python has no name for it
NAMES = first_names(commands())
IFNAME = attributes()['IFNAME']

client = Client('nl80211')
client.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
client.socket.settimeout(None)
client.join('config')
print('listening', flush=True)
while True:
    for command, values in client.receive():
        name = NAMES[command].removesuffix('_INTERFACE')
        print(name, values[IFNAME].rstrip(b'\0').decode(), flush=True)
