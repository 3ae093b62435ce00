"""Asks for more events than a listener's receive buffer holds, and tells what the listener gets:
some events, news of the loss, by a dump how things are now, and then events again."""

import errno
import socket

from genetlink import Client, attribute

REQ_SET_REG, GET_REG, REG_ALPHA2 = 27, 31, 33
CHANGES = 600


def change_country(client, count):
    for number in range(count):
        client.ask(REQ_SET_REG, attribute(REG_ALPHA2, ('DE', 'US')[number % 2]))


def take_all(listener):
    """What waits, in order: 'e' for an event and 'o' for a loss."""
    order = ''
    listener.socket.setblocking(False)
    while True:
        try:
            order += 'e' * len(listener.receive())
        except BlockingIOError:
            return order
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            order += 'o'


def main():
    listener, client = Client('nl80211'), Client('nl80211')
    listener.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.join('regulatory')
    change_country(client, CHANGES)
    order = take_all(listener)
    print('lost some:', order.count('e') < CHANGES, 'got some:', 'e' in order,
          'told:', order.count('o'))
    listener.socket.settimeout(20)
    print('now:', *{reply[REG_ALPHA2].decode() for _, reply in listener.dump(GET_REG)})
    change_country(client, 2)
    then = 0
    while then < 2:
        then += len(listener.receive())
    print('then:', then, take_all(listener))


if __name__ == '__main__':
    main()
