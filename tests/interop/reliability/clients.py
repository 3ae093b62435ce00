"""Clients of nl80211 that try a daemon's patience. Run on a host, through `airloom run`.

  sockets COUNT   opens sockets until it has COUNT or is refused one (`refused N: WORDS`), prints
                  `open N`, asks with each and prints `answered N`, and stays until it is ended
  deaf FIFO       joins every group, prints `listens` and reads nothing until FIFO has a writer;
                  then `lost` if its receive failed with ENOBUFS, else `complete`
  churn COUNT     adds and removes a monitor interface COUNT times
  scans           starts scans and does not wait for them, until it is ended
"""

import errno
import signal
import socket
import struct
import sys

import genetlink
from genetlink import attribute

GET_PROTOCOL_FEATURES, NEW_INTERFACE, DEL_INTERFACE, TRIGGER_SCAN = 95, 7, 8, 33
ATTR_WIPHY, ATTR_IFINDEX, ATTR_IFNAME, ATTR_IFTYPE = 1, 3, 4, 5
MONITOR = 6


def sockets(count):
    clients = []
    try:
        while len(clients) < int(count):
            clients.append(genetlink.Client('nl80211'))
    except OSError as error:
        print(f'refused {len(clients)}: {error.strerror}')
    print(f'open {len(clients)}', flush=True)
    answers = sum(len(client.ask(GET_PROTOCOL_FEATURES)) > 0 for client in clients)
    print(f'answered {answers}', flush=True)
    signal.pause()


def deaf(fifo):
    client = genetlink.Client('nl80211')
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for group in client.groups:
        client.join(group)
    print('listens', flush=True)
    open(fifo).read()
    client.socket.setblocking(False)
    outcome = 'complete'
    while True:
        try:
            client.socket.recv(65536)
        except BlockingIOError:
            break
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            outcome = 'lost'
    print(outcome, flush=True)


def churn(count):
    client = genetlink.Client('nl80211')
    for _ in range(int(count)):
        reply = client.ask(NEW_INTERFACE, attribute(ATTR_WIPHY, 0) + attribute(ATTR_IFNAME, 'mon')
                           + attribute(ATTR_IFTYPE, MONITOR))[0][1]
        index = struct.unpack('=I', reply[ATTR_IFINDEX])[0]
        client.ask(DEL_INTERFACE, attribute(ATTR_IFINDEX, index))


def scans():
    client = genetlink.Client('nl80211')
    index = socket.if_nametoindex('wlan0')
    print('begins', flush=True)
    while True:
        try:
            client.ask(TRIGGER_SCAN, attribute(ATTR_IFINDEX, index))
        except genetlink.Refused as refusal:
            if refusal.errno != errno.EBUSY:
                raise


if __name__ == '__main__':
    globals()[sys.argv[1]](*sys.argv[2:])
