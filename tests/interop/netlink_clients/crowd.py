"""crowd.py CLIENTS SECONDS: so many processes at once, each a short life of a netlink client.

A client connects, joins groups, dumps, and ends in one of the ways that programs end. One that was
not killed half way checks what it was told; what was wrong is counted.
"""

import os
import random
import signal
import sys
import time

from genetlink import Client
from nl80211_names import attributes, commands

COMMANDS, ATTRIBUTES = commands(), attributes()
WRONG = 3


def live(seed):
    """One life; its exit status."""
    chance = random.Random(seed)
    client = Client('nl80211')
    for group in chance.sample(sorted(client.groups), chance.randint(0, len(client.groups))):
        client.join(group)
    for _ in range(chance.randint(1, 4)):
        wiphys = {values.get(ATTRIBUTES['WIPHY_NAME']) for _, values in
                  client.ask(COMMANDS['GET_WIPHY'], flags=0x300)}
        interfaces = {values[ATTRIBUTES['IFNAME']] for _, values in
                      client.dump(COMMANDS['GET_INTERFACE']) if ATTRIBUTES['IFNAME'] in values}
        if wiphys != {b'phy0\0'} or b'wlan0\0' not in interfaces:
            return WRONG
    how = chance.choice(['close', 'leave', 'unread', 'kill'])
    if how == 'unread':  # with an answer that nobody reads
        client.send(COMMANDS['GET_WIPHY'], flags=0x300)
    if how == 'kill':
        os.kill(os.getpid(), signal.SIGKILL)
    if how == 'close':
        client.socket.close()
    return 0


def start(seed):
    pid = os.fork()
    if pid == 0:
        status = WRONG
        try:
            status = live(seed)
        finally:
            os._exit(status)
    return pid


def main(clients, seconds):
    ends = time.monotonic() + seconds
    chance = random.Random(1)
    running = {start(number) for number in range(clients)}
    lives, wrong = clients, 0
    while running:
        if chance.random() < 0.2:
            try:
                os.kill(chance.choice(sorted(running)), signal.SIGKILL)
            except ProcessLookupError:
                pass
        pid, status = os.wait()
        running.discard(pid)
        wrong += os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
        if time.monotonic() < ends:
            running.add(start(lives))
            lives += 1
    print(f'{lives} lives, {wrong} wrong answers')


main(*map(int, sys.argv[1:]))
