"""Protected management frames: who connects with whom, and what becomes of an attacker's frames.

Usage: matrix.py [PART ...]; the parts are negotiation, ciphers and attacks. It runs as root where
wlan0, wlan1 and wlan2 are: on airloom (test.py), and on the kernel of record, whose answers are in
tests/vectors/linux-6.1/pmf. hostapd has wlan0, wpa_supplicant wlan1, and wlan2 is the attacker's.

Prints lines `PART: CASE: OUTCOME`. The outcome of an attack says
- kept, lost or moved: the association, and whether the station begins to follow a channel switch;
- which of EVENTS programs heard of; UNPROT_BEACON, which is rate-limited, once a network;
- how many frames with marked data were delivered.
"""

import atexit
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import insider
from attacker import (ALL, ATTACKS, CHANNEL_SWITCH, DEAUTHENTICATION, ETHERTYPE, FAR, FROM_DS,
                      MARK, PRIOR_REASON, QOS_DATA, DATA, Radio, Scene, mme)

PASSPHRASE, SSID = 'correcthorsebattery', 'matrix'
EVENTS = ('UNPROT_DEAUTHENTICATE', 'UNPROT_DISASSOCIATE', 'UNPROT_BEACON',
          'CH_SWITCH_STARTED_NOTIFY')
CIPHERS = ('AES-128-CMAC', 'BIP-CMAC-256', 'BIP-GMAC-128', 'BIP-GMAC-256')
WAIT_SECONDS = 120
# What the kernel leaves to a work queue comes after the sentinel: 0.3 there, nothing here.
SETTLE_SECONDS = float(os.environ.get('MATRIX_SETTLE_SECONDS', '0'))
FOLDER = pathlib.Path(tempfile.mkdtemp())


def run(command):
    return subprocess.run(command.split(), check=True, capture_output=True, text=True).stdout


def wait_for(condition, what):
    deadline = time.monotonic() + WAIT_SECONDS
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise SystemExit(f'after {WAIT_SECONDS} s still not: {what}')
        time.sleep(0.02)
    return value


class Program:
    """hostapd or wpa_supplicant with its log; mark() says from where search() looks."""

    def __init__(self, name, *command):
        self.name, self.path = name, FOLDER / f'{name}.log'
        self.seen = 0
        with open(self.path, 'wb') as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        atexit.register(self.stop)

    def text(self):
        return self.path.read_bytes()[self.seen:].decode(errors='replace')

    def mark(self):
        self.seen = self.path.stat().st_size

    def wait_for(self, pattern):
        return wait_for(lambda: re.search(pattern, self.text()), f'{self.name}: {pattern}')

    def events(self):
        return [name for name in re.findall(r'Drv Event \d+ \(NL80211_CMD_(\w+)\)', self.text())
                if name in EVENTS]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Network:
    """hostapd's and wpa_supplicant's; with `ap` and `station` as lines of their configuration."""

    def __init__(self, radio, ap, station):
        self.radio = radio
        (FOLDER / 'ap.conf').write_text(
            'interface=wlan0\ndriver=nl80211\nhw_mode=g\nchannel=1\nieee80211n=1\nwmm_enabled=1\n'
            f'ctrl_interface={FOLDER}/hostapd\nssid={SSID}\nwpa=2\n'
            'wpa_group_rekey=0\nwpa_strict_rekey=0\n' + ''.join(f'{line}\n' for line in ap))
        (FOLDER / 'sta.conf').write_text(
            f'ctrl_interface={FOLDER}/wpa_supplicant\nnetwork={{\n ssid="{SSID}"\n scan_freq=2412\n'
            + ''.join(f' {line}\n' for line in station) + '}\n')
        self.hostapd = Program('hostapd', 'hostapd', '-ddK', f'{FOLDER}/ap.conf')
        self.hostapd.wait_for('AP-ENABLED')
        self.supplicant = Program('wpa_supplicant', 'wpa_supplicant', '-ddK', '-i', 'wlan1', '-D',
                                  'nl80211', '-c', f'{FOLDER}/sta.conf')

    def is_connected(self):
        """Whether wpa_supplicant connected, or found nothing to connect with."""
        found = self.supplicant.wait_for(
            'CTRL-EVENT-CONNECTED|CTRL-EVENT-ASSOC-REJECT|skip .*(MFP|mgmt frame prot)')
        if 'CONNECTED' not in found.group():
            return False
        self.hostapd.wait_for('AP-STA-CONNECTED')
        return True

    def status(self):
        text = run(f'wpa_cli -p {FOLDER}/wpa_supplicant -i wlan1 status')
        return dict(line.split('=', 1) for line in text.splitlines() if '=' in line)

    def stop(self):
        self.supplicant.stop()
        self.hostapd.stop()


def address(interface):
    return pathlib.Path(f'/sys/class/net/{interface}/address').read_text().strip()


def marked_socket(interface):
    """Hears what an interface delivers of marked data and EAPOL."""
    heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    heard.bind((interface, 0))
    heard.setblocking(False)
    return heard


def count_marked(heard):
    count = 0
    while True:
        try:
            frame, source = heard.recvfrom(4096)
        except BlockingIOError:
            return count
        count += MARK in frame and source[2] != socket.PACKET_OUTGOING


class Battle:
    """One network, and attacks on it. A network that was hit is replaced."""

    def __init__(self, radio, ap, station):
        self.radio, self.options = radio, (ap, station)
        self.network, self.serial, self.hit = None, 0x4000, False
        self.told_of_beacon = False
        self.connect()

    def connect(self):
        if self.network:
            self.network.stop()
        self.radio.forget()
        self.network = Network(self.radio, *self.options)
        if not self.network.is_connected():
            raise SystemExit('the station does not connect')
        self.sockets = {'station': marked_socket('wlan1'), 'access point': marked_socket('wlan0')}
        self.scene = Scene(self.radio, address('wlan0'), address('wlan1'))
        self.scene.send_genuine = self.send_genuine
        self.scene.keys = self.group_keys()
        self.scene.message_3 = self.radio.hear(self.is_message_3)
        self.scene.beacon()
        self.wait_for_traffic()

    def group_keys(self):
        """The group's keys by index, as hostapd says that it installs them; GTK, IGTK, BIGTK."""
        found = re.findall(r'key_idx=(\d) set_tx=1 .*key_flag=0x1a\n(?:.*\n)?'
                           r'nl80211: KEY_DATA - hexdump\(len=\d+\): (.*)',
                           self.network.hostapd.text())
        return {int(index): bytes.fromhex(octets) for index, octets in found}

    def is_message_3(self, frame):
        """EAPOL-Key of the access point with Secure and Install set, in clear."""
        if frame[0] not in (DATA, QOS_DATA) or not frame[1] & FROM_DS:
            return False
        at = frame.find(b'\x88\x8e')
        return at > 0 and int.from_bytes(frame[at + 7:at + 9], 'big') & 0x2c0 == 0x2c0

    def send_genuine(self, payload=MARK):
        to, source = (bytes.fromhex(address(name).replace(':', '')) for name in ('wlan0', 'wlan1'))
        self.sockets['station'].send(to + source + ETHERTYPE.to_bytes(2, 'big') + payload)

    def wait_for_traffic(self):
        def passes():
            self.send_genuine()
            time.sleep(0.05)
            return count_marked(self.sockets['access point'])
        wait_for(passes, 'data passes')
        time.sleep(0.1)
        self.drain()

    def drain(self):
        for heard in self.sockets.values():
            count_marked(heard)

    def sentinel(self, program, to_ap):
        """A forged goodbye that says who it is: once heard of, all before it was dealt with."""
        self.serial += 1
        reason = self.serial.to_bytes(2, 'little')
        make = self.scene.from_station if to_ap else self.scene.management
        self.radio.send(make(DEAUTHENTICATION, reason))
        end = ' '.join(f'{octet:02x}' for octet in reason)
        program.wait_for(rf'MLME event frame - hexdump\(len=26\):.* {end}\n|CTRL-EVENT-DISCONNECTED'
                         '|AP-STA-DISCONNECTED')

    def attack(self, victim, make):
        """Returns the outcome in words."""
        if self.hit:
            self.connect()
        to_ap = victim == 'access point'
        program = self.network.hostapd if to_ap else self.network.supplicant
        frames = make(self.scene)
        self.drain()
        self.network.hostapd.mark()
        self.network.supplicant.mark()
        for frame in frames:
            self.radio.send(frame)
        self.sentinel(program, to_ap)
        time.sleep(SETTLE_SECONDS)
        events = program.events()
        if 'UNPROT_DEAUTHENTICATE' in events:
            events.remove('UNPROT_DEAUTHENTICATE')  # the sentinel
        if 'UNPROT_BEACON' in events and self.told_of_beacon:
            events.remove('UNPROT_BEACON')
        self.told_of_beacon = self.told_of_beacon or 'UNPROT_BEACON' in events
        words = [self.fate(events)] + sorted(set(events))
        delivered = count_marked(self.sockets[victim])
        words += [f'delivered {delivered}'] if delivered else []
        self.hit = words[0] != 'kept'
        return ', '.join(words)

    def fate(self, events):
        if 'CH_SWITCH_STARTED_NOTIFY' in events:
            return 'moved'  # and will be lost
        lost = ('CTRL-EVENT-DISCONNECTED' in self.network.supplicant.text()
                or 'AP-STA-DISCONNECTED' in self.network.hostapd.text())
        return 'lost' if lost else 'kept'


def negotiation(radio):
    """ieee80211w of hostapd by that of wpa_supplicant, and whether a forged goodbye works."""
    for ap in range(3):
        for station in range(3):
            network = Network(radio, ['wpa_key_mgmt=WPA-PSK', 'rsn_pairwise=CCMP',
                                      f'wpa_passphrase={PASSPHRASE}', f'ieee80211w={ap}'],
                              ['key_mgmt=WPA-PSK', f'psk="{PASSPHRASE}"', f'ieee80211w={station}'])
            outcome = 'refused'
            if network.is_connected():
                status = network.status()
                scene = Scene(radio, address('wlan0'), address('wlan1'))
                network.supplicant.mark()
                radio.send(scene.management(DEAUTHENTICATION, PRIOR_REASON))
                found = network.supplicant.wait_for(
                    'CTRL-EVENT-DISCONNECTED|NL80211_CMD_UNPROT_DEAUTHENTICATE').group()
                outcome = (f'PMF {status.get("pmf", "0")}, '
                           f'group management {status.get("mgmt_group_cipher", "none")}, '
                           + ('lost' if 'DISCONNECTED' in found else 'kept'))
            network.stop()
            yield f'access point {ap}, station {station}', outcome


def sae_network(cipher, protection):
    return (['wpa_key_mgmt=SAE', 'rsn_pairwise=CCMP', f'sae_password={PASSPHRASE}', 'ieee80211w=2',
             f'group_mgmt_cipher={cipher}', f'beacon_prot={protection}'],
            ['key_mgmt=SAE', f'sae_password="{PASSPHRASE}"', 'ieee80211w=2',
             f'group_mgmt={cipher}', f'beacon_prot={protection}'])


def ciphers(radio):
    """Each cipher with and without beacon protection, and whom forged frames deceive."""
    for cipher in CIPHERS:
        for protection in range(2):
            battle = Battle(radio, *sae_network(cipher, protection))
            case = f'{cipher}, beacon protection {protection}'
            yield case, battle.network.status()['mgmt_group_cipher']
            element = battle.scene.beacon()[1]
            yield f'{case}: MME', f'key id {element[2]}' if element else 'none'
            mic = 8 if cipher == 'AES-128-CMAC' else 16
            yield f'{case}: deauthentication of all, wrong MIC', battle.attack(
                'station', lambda s: [s.management(DEAUTHENTICATION, PRIOR_REASON
                                                   + mme(4, FAR, b'\x11' * mic), to=ALL)])
            yield f'{case}: beacon, channel switch, no MME', battle.attack(
                'station', lambda s: [s.beacon()[0] + CHANNEL_SWITCH])
            battle.network.stop()


def attacks(radio):
    battle = Battle(radio, *sae_network('AES-128-CMAC', 1))
    for name, (victim, make) in {**ATTACKS, **insider.ATTACKS}.items():
        yield name, battle.attack(victim, make)
    battle.network.stop()


def main(names):
    for command in ('ip link set wlan2 down', 'iw dev wlan2 set type monitor',
                    'ip link set wlan2 up', 'iw dev wlan2 set freq 2412'):
        run(command)
    radio = Radio('wlan2')
    atexit.register(shutil.rmtree, FOLDER)
    parts = {part.__name__: part for part in (negotiation, ciphers, attacks)}
    for name in names or parts:
        for case, outcome in parts[name](radio):
            print(f'{name}: {case}: {outcome}', flush=True)
    print('end of the matrix')


if __name__ == '__main__':
    main(sys.argv[1:])
