"""A router between two network namespaces that does to packets what tc's netem does, drawn from a
seed, on machines whose kernel lacks netem: some are lost, all but some are late, some come twice.

usage: bad_network.py PID_A PID_B [--delay MS] [--loss %] [--reorder %] [--duplicate %] [--mtu N]

Packets longer than the MTU do not get through, nor do parts of packets: whoever sends has to know.

Each process's namespace gets an interface net0, with 192.0.2.1/30 for A and 192.0.2.5/30 for B, and
a route to the other. Every packet is routed: its time to live goes down by one.
"""

import argparse
import ctypes
import fcntl
import heapq
import os
import random
import selectors
import struct
import subprocess
import time

TUNSETIFF = 0x400454ca
IFF_TUN_NO_PI = 0x1001
CLONE_NEWNET = 0x40000000
MORE_FRAGMENTS, FRAGMENT_OFFSET = 0x2000, 0x1fff
ADDRESS_A, ADDRESS_B = '192.0.2.1', '192.0.2.5'


def enter_network_of(pid):
    with open(f'/proc/{pid}/ns/net') as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f'the network namespace of {pid}')


def open_tun(pid, address, other, mtu):
    enter_network_of(pid)
    tun = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack('16sH22x', b'net0', IFF_TUN_NO_PI))
    for command in (f'link set net0 mtu {mtu} up', f'address add {address}/30 dev net0',
                    f'route add {other}/32 dev net0'):
        subprocess.run(['ip', *command.split()], check=True)
    return tun


def route(packet):
    """The packet one hop further, or None where it ends. [RFC 791 3.1, RFC 1624]"""
    if len(packet) < 20 or packet[0] >> 4 != 4 or packet[8] <= 1:
        return None
    if struct.unpack_from('!H', packet, 6)[0] & (MORE_FRAGMENTS | FRAGMENT_OFFSET):
        return None
    packet = bytearray(packet)
    packet[8] -= 1
    total = struct.unpack_from('!H', packet, 10)[0] + 0x0100
    struct.pack_into('!H', packet, 10, (total & 0xffff) + (total >> 16))
    return bytes(packet)


class Network:
    def __init__(self, options, ends):
        self.options = options
        self.random = random.Random(options.seed)
        self.ends = ends
        self.late = []  # (when, order, where to, packet)
        self.order = 0

    def happens(self, percent):
        return self.random.uniform(0, 100) < percent

    def carry(self, packet, to):
        packet = route(packet)
        if packet is None or self.happens(self.options.loss):
            return
        for _ in range(1 + self.happens(self.options.duplicate)):
            at_once = self.happens(self.options.reorder)
            when = time.monotonic() + (0 if at_once else self.options.delay / 1000)
            self.order += 1
            heapq.heappush(self.late, (when, self.order, to, packet))

    def deliver(self):
        """Hands on what is due; returns how long until more is, in seconds."""
        while self.late and self.late[0][0] <= time.monotonic():
            _, _, to, packet = heapq.heappop(self.late)
            try:
                os.write(to, packet)
            except OSError:
                pass  # its end has gone, or has no room
        return max(0, self.late[0][0] - time.monotonic()) if self.late else None

    def run(self):
        selector = selectors.DefaultSelector()
        a, b = self.ends
        for end, other in ((a, b), (b, a)):
            selector.register(end, selectors.EVENT_READ, other)
        while True:
            for key, _ in selector.select(self.deliver()):
                try:
                    self.carry(os.read(key.fd, 65536), key.data)
                except BlockingIOError:
                    pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('pids', nargs=2, type=int)
    for name in ('delay', 'loss', 'reorder', 'duplicate'):
        parser.add_argument(f'--{name}', type=float, default=0)
    parser.add_argument('--mtu', type=int, default=1500)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    a, b = options.pids
    ends = (open_tun(a, ADDRESS_A, ADDRESS_B, options.mtu),
            open_tun(b, ADDRESS_B, ADDRESS_A, options.mtu))
    print('the network is up', flush=True)
    Network(options, ends).run()


if __name__ == '__main__':
    main()
