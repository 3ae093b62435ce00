"""The demo that script/demo runs: unmodified hostapd and wpa_supplicant form a WPA2 network.

Prints who did what when, a ping across, a table of the frames the air carried, and where the
capture lies. Ends with status 0 only if all of it worked and nothing is left behind.
"""

import collections
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from air_capture import Capture, frames  # noqa: E402
from airloom_testing import PASSPHRASE, Lab, require, start_pair  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
CAPTURE = ROOT / 'build/demo/wpa2.pcapng'
WORTH_TELLING = re.compile(r'AP-ENABLED|Trying to|Associated with|CTRL-EVENT-CONNECTED'
                           r'|IEEE 802.11: |AP-STA-CONNECTED|Key negotiation completed'
                           r'|pairwise key handshake completed')
FRAME_NAMES = {
    0x00: 'Association Request', 0x01: 'Association Response', 0x04: 'Probe Request',
    0x05: 'Probe Response', 0x08: 'Beacon', 0x0a: 'Disassociation', 0x0b: 'Authentication',
    0x0c: 'Deauthentication', 0x0d: 'Action', 0x18: 'BlockAck Request', 0x19: 'BlockAck',
    0x1d: 'Ack', 0x20: 'Data', 0x24: 'Null', 0x28: 'QoS Data', 0x2c: 'QoS Null'}


class Story:
    """Prints each line worth telling with the time since the beginning."""

    def __init__(self):
        self.begin = time.monotonic()

    def tell(self, who, what):
        print(f'{time.monotonic() - self.begin:7.3f} s  {who:<19} {what}', flush=True)

    def on_line(self, who, line):
        if WORTH_TELLING.search(line):
            self.tell(who, line)


def carry_out(lab, story):
    """The network, the ping and the capture of both."""
    lab.start_daemon()
    story.tell('airloom', 'daemon is up; two hosts will have a simulated radio each')
    CAPTURE.parent.mkdir(parents=True, exist_ok=True)
    CAPTURE.unlink(missing_ok=True)
    capture = Capture(lab, path=CAPTURE)
    ap, station, _, _ = start_pair(lab)
    story.tell('airloom', f'AP {ap.address()}, station {station.address()}')
    ping = station.ping('10.9.0.1', count=10)
    story.tell('sta-ping', next(line for line in ping.splitlines() if 'transmitted' in line))
    capture.end()


def frame_rows():
    """(what, from, to) of each captured frame, decrypted with the passphrase."""
    fields = ['wlan.fc.type_subtype', 'wlan.sa', 'wlan.da', 'wlan.ra',
              'wlan_rsna_eapol.keydes.msgnr', 'icmp.type', 'arp.opcode']
    for subtype, source, destination, receiver, message, icmp, arp in frames(CAPTURE, fields):
        what = FRAME_NAMES.get(int(subtype, 0), f'type/subtype {subtype}')
        if message:
            what = f'EAPOL-Key message {message} of 4'
        elif icmp:
            what += f', ICMP echo {"request" if icmp == "8" else "reply"} inside'
        elif arp:
            what += ', ARP inside'
        yield what, source or '-', destination or receiver


def print_table(rows):
    """The frames, in order of first appearance; returns {what: count}."""
    print(f'\n{"frame":<42} {"from":<18} {"to":<18} {"count":>5}')
    for (what, source, destination), count in collections.Counter(rows).items():
        print(f'{what:<42} {source:<18} {destination:<18} {count:>5}')


def check(rows):
    """The capture has to show what the demo claims."""
    counts = collections.Counter(what for what, _, _ in rows)
    for message in range(1, 5):
        if not counts[f'EAPOL-Key message {message} of 4']:
            raise AssertionError(f'message {message} of the 4-way handshake is not in the capture')
    for kind in ('request', 'reply'):
        seen = counts[f'QoS Data, ICMP echo {kind} inside']
        if seen < 10:
            raise AssertionError(f'{seen} ICMP echo {kind} frames decrypt, not 10')


def main():
    require('hostapd', 'wpa_supplicant', 'ping', 'tshark')
    story = Story()
    lab = Lab(on_line=story.on_line)
    try:
        carry_out(lab, story)
    finally:
        problems = lab.close()
        for program in lab.programs:
            program.kill()
    problems += [f'left behind: {leak}' for leak in lab.leaks()]
    if problems:
        raise AssertionError('\n'.join(problems))
    rows = list(frame_rows())
    print_table(rows)
    check(rows)
    print(f'\nThe capture, which the passphrase {PASSPHRASE} opens: {CAPTURE}')


if __name__ == '__main__':
    try:
        main()
    except AssertionError as error:
        sys.exit(f'demo: {error}')
