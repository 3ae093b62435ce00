"""What keeps a lab apart from whatever else runs on the machine, and finds what it leaves there."""

import ctypes
import functools
import os
import pathlib
import socket
import subprocess

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
NAMED_NAMESPACES = pathlib.Path('/run/netns')


def processes_with(mark):
    """Yields (pid, command line) of live processes with mark in their environment, not our own."""
    for entry in pathlib.Path('/proc').iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if mark.encode() in (entry / 'environ').read_bytes():
                words = (entry / 'cmdline').read_bytes().decode('utf8', 'replace')
                command = words.replace('\0', ' ')
                if command:  # a zombie has none
                    yield int(entry.name), command
        except OSError:
            continue  # it ended while we looked


@functools.cache
def enter_own_namespaces():
    """Puts the test into a network and a mount namespace of its own, where `ip netns` has none.

    So whatever a lab leaves behind outside its own folder is this lab's, whoever else tests on the
    machine, and goes with the test. Once for a process.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def call(function, *arguments):
        if function(*arguments) != 0:
            raise OSError(ctypes.get_errno(), function.__name__)

    call(libc.unshare, CLONE_NEWNS | CLONE_NEWNET)
    call(libc.mount, None, b'/', None, MS_REC | MS_PRIVATE, None)
    NAMED_NAMESPACES.mkdir(exist_ok=True)
    call(libc.mount, b'none', bytes(NAMED_NAMESPACES), b'tmpfs', 0, None)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)


def interfaces_and_namespaces():
    """What a lab must not leave behind outside its own folder."""
    return {f'interface {name}' for _, name in socket.if_nameindex() if name != 'lo'} | {
        f'namespace {path.name}' for path in NAMED_NAMESPACES.iterdir()}
