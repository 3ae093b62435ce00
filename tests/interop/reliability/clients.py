"""Clients of nl80211 that try a daemon's patience. Run on a host, through `airloom run`.

  sockets COUNT   opens sockets until it has COUNT or is refused one (`refused N: WORDS`), prints
                  `open N`, asks with each and prints `answered N`, and stays until it is ended
  deaf FIFO       joins every group, prints `listens` and reads nothing until FIFO has a writer;
                  then `lost` if its receive failed with ENOBUFS, else `complete`
  churn COUNT     adds and removes a monitor interface COUNT times
  scans           starts scans and does not wait for them, until it is ended
  asks SECONDS    asks again and again, and prints `asked N`
  mute PATH HOST  asks the daemon at PATH, as a front end does, without ever reading an answer;
                  prints `unheard N` when it is not listened to any more, and stays until it is
                  ended
  join PATH HOST PARTICIPANT  tries to attach to HOST, and to open a socket of PARTICIPANT's there;
                  prints `refused: WORDS` or `let in` of each
"""

import errno
import select
import signal
import socket
import struct
import sys
import time

import genetlink
from genetlink import attribute

GET_PROTOCOL_FEATURES, NEW_INTERFACE, DEL_INTERFACE, TRIGGER_SCAN = 95, 7, 8, 33
ATTR_WIPHY, ATTR_IFINDEX, ATTR_IFNAME, ATTR_IFTYPE = 1, 3, 4, 5
MONITOR = 6

# The daemon protocol (src/interpose/protocol.h).
HEADER = struct.Struct('<HHIQQQ')
VERSION = 3
ATTACH, OPEN, SET_OPTION, REFUSED = 1, 2, 5, 17


class FrontEnd:
    """A connection with the daemon."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(path)

    def send(self, kind, body):
        self.socket.send(HEADER.pack(kind, VERSION, 0, 0, 0, 0) + body)

    def ask(self, kind, body):
        """Returns the type and the body of the answer."""
        self.send(kind, body)
        answer = self.socket.recv(65536)
        return HEADER.unpack_from(answer)[0], answer[HEADER.size:]

    def attach(self, host):
        text = b''.join(struct.pack('<H', len(words)) + words for words in (host.encode(), b'me'))
        return self.ask(ATTACH, text + struct.pack('<I', 1))

    def open(self, participant):
        return self.ask(OPEN, struct.pack('<II4xQ', participant, 1, 0))


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


def asks(seconds):
    client = genetlink.Client('nl80211')
    end, count = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        client.ask(GET_PROTOCOL_FEATURES)
        count += 1
    print(f'asked {count}')


def mute(path, host):
    run = FrontEnd(path)
    _, attached = run.attach(host)
    participant = struct.unpack_from('<I', attached, 1 + 8 + 8 + 8)[0]
    client = FrontEnd(path)
    client.open(participant)
    client.socket.setblocking(False)
    count = 0
    try:
        # A second in which nothing can be sent: nobody listens.
        while select.select([], [client.socket], [], 1)[1]:
            client.send(SET_OPTION, struct.pack('<BI', 0, 1))
            count += 1
    except BlockingIOError:
        pass
    print(f'unheard {count}', flush=True)
    signal.pause()


def join(path, host, participant):
    for kind, body in (FrontEnd(path).attach(host), FrontEnd(path).open(int(participant))):
        print(f'refused: {body[6:].decode()}' if kind == REFUSED else 'let in')


if __name__ == '__main__':
    globals()[sys.argv[1]](*sys.argv[2:])
