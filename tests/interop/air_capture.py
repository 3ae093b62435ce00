"""Captures what a lab does, and reads a capture of the air with tshark, which decrypts it with the
passphrase or another key."""

import os
import signal
import subprocess

from airloom_testing import PASSPHRASE, SSID, wait_until


class Capture:
    """`airloom capture` with these options, from the moment when it captures."""

    def __init__(self, lab, *options, path=None):
        """path: of the file; else it is the lab's, and goes with that."""
        self.path = path or lab.folder / f'capture-{len(lab.programs)}.pcapng'
        self.program = lab.start(['capture', *options, '-o', str(self.path)], 'capture')
        wait_until(self.path.exists, 'the capture has begun')

    def end(self):
        """Ends it as Ctrl-C does. Returns the path of the file, which is whole then."""
        status = self.program.stop(signal.SIGINT)
        if status != 0:
            raise AssertionError(f'the capture ended with {status}:\n{self.program.tail()}')
        return self.path


class LiveAir:
    """The frames on the air from now on, row by row as they come: tshark reads the capture while it
    is written. It runs on a host of the lab."""

    def __init__(self, host, fields):
        pipe = host.lab.folder / f'live-{len(host.lab.programs)}'
        os.mkfifo(pipe)
        self.reader = host.start(dissector(['-i', pipe, '-l'], fields))
        self.capture = Capture(host.lab, path=pipe)

    def rows(self):
        """All until now, each as a tuple of its fields ('' for none)."""
        return [tuple(line.split('\t')) for line in list(self.reader.lines) if '\t' in line]

    def end(self):
        self.capture.end()
        self.reader.wait()


def dissector(source, fields, display_filter='', key=('wpa-pwd', f'{PASSPHRASE}:{SSID}'),
              preferences=()):
    """The command of tshark that prints fields of what it reads from a source; see frames()."""
    command = ['tshark', '-n', *map(str, source), '-Y', display_filter, '-T', 'fields',
               '-o', 'wlan.enable_decryption:TRUE',
               '-o', f'uat:80211_keys:"{key[0]}","{key[1]}"']
    for preference in preferences:
        command += ['-o', preference]
    for field in fields:
        command += ['-e', field]
    return command


def frames(capture, fields, *options, **more):
    """The frames of a capture that pass a filter, each as a tuple of its fields ('' for none).

    Options of dissector(): display_filter; key: its type (wep, wpa-pwd, wpa-psk, tk) and value, as
    in tshark's table 80211_keys; preferences: tshark's, as 'tcp.check_checksum:TRUE'.
    """
    result = subprocess.run(dissector(['-r', capture], fields, *options, **more),
                            capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        raise AssertionError(f'tshark cannot read {capture}: {result.stderr}')
    return [tuple(line.split('\t')) for line in result.stdout.splitlines()]
