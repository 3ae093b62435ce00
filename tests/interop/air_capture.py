"""Captures what a lab does, and reads a capture of the air with tshark, which decrypts it with the
passphrase or another key."""

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


def frames(capture, fields, display_filter='', key=('wpa-pwd', f'{PASSPHRASE}:{SSID}'),
           preferences=()):
    """The frames of a capture that pass a filter, each as a tuple of its fields ('' for none).

    key: its type (wep, wpa-pwd, wpa-psk, tk) and value, as in tshark's table 80211_keys.
    preferences: tshark's, as 'tcp.check_checksum:TRUE'.
    """
    command = ['tshark', '-n', '-r', str(capture), '-Y', display_filter, '-T', 'fields',
               '-o', 'wlan.enable_decryption:TRUE',
               '-o', f'uat:80211_keys:"{key[0]}","{key[1]}"']
    for preference in preferences:
        command += ['-o', preference]
    for field in fields:
        command += ['-e', field]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        raise AssertionError(f'tshark cannot read {capture}: {result.stderr}')
    return [tuple(line.split('\t')) for line in result.stdout.splitlines()]
