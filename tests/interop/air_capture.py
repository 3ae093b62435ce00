"""Reads a capture of the air with tshark, which decrypts it with the passphrase or another key."""

import subprocess

from airloom_testing import PASSPHRASE, SSID


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
