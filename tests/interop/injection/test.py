"""What programs write to a monitor: the real tools find that it works, and octet by octet."""

import json
import pathlib
import struct
import unittest

from airloom_testing import PASSPHRASE, SSID, WPA2_AP, Scenario, wait_until

HERE = pathlib.Path(__file__).parent
PYTHON = '/usr/bin/python3'  # the one that scapy's package is for
FRAMES = 2000


def add_monitor(host, *flags):
    """A monitor on channel 1; returns its address."""
    host.run(['iw', 'phy', 'phy0', 'interface', 'add', 'mon0', 'type', 'monitor',
              *(('flags', *flags) if flags else ())])
    host.run(['ip', 'link', 'set', 'mon0', 'up'])
    host.run(['iw', 'dev', 'mon0', 'set', 'channel', '1'])
    info = host.run(['iw', 'dev', 'mon0', 'info'])
    return next(line.split()[1] for line in info.splitlines() if line.strip().startswith('addr'))


def packets(path):
    """The packets of a pcap file, radiotap taken off."""
    octets = path.read_bytes()
    at = 24
    while at + 16 <= len(octets):
        length = struct.unpack('<I', octets[at + 8:at + 12])[0]
        if at + 16 + length > len(octets):
            return  # still being written
        packet = octets[at + 16:at + 16 + length]
        yield packet[struct.unpack('<H', packet[2:4])[0]:]
        at += 16 + length


class InjectionTest(Scenario):
    TOOLS = ('hostapd', 'iw', 'ip', 'aireplay-ng', 'tcpdump')

    def test_aireplay_finds_that_injection_works(self):
        lab = self.start_lab()
        lab.host('ap').hostapd(**WPA2_AP)
        attacker = lab.host('attacker')
        add_monitor(attacker)
        report = attacker.run(['aireplay-ng', '--test', 'mon0'])
        self.assertIn('Injection is working!', report)
        self.assertIn('Found 1 AP', report)
        self.assertIn(SSID, report)
        self.assertIn('30/30: 100%', report)

    def test_a_station_of_scapy_gets_a_handshake(self):
        lab = self.start_lab()
        ap = lab.host('ap')
        config = lab.write_hostapd_config('ap', **WPA2_AP)
        hostapd = ap.start(['hostapd', '-d', config])
        hostapd.wait_for_line('AP-ENABLED')
        attacker = lab.host('attacker')
        address = add_monitor(attacker, 'active')
        report = attacker.run([PYTHON, '-B', HERE / 'station.py', 'mon0', address, ap.address(),
                               SSID, PASSPHRASE])
        self.assertIn('the MIC of message 3 holds', report)
        hostapd.wait_for_line(f'STA {address} IEEE 802.11: associated')
        hostapd.wait_for_line('NL80211_CMD_UNEXPECTED_4ADDR_FRAME')

    def drops(self, lab, host, reason):
        program = lab.start(['status', '--json'], 'status')
        self.assertEqual(program.wait(), 0)
        status = json.loads(program.output())
        radio = next(one for one in status['hosts'] if one['name'] == host)['radios'][0]
        return radio.get('drops', {}).get(reason, 0)

    def test_random_frames_go_out_as_written_or_not_at_all(self):
        lab = self.start_lab()
        writer, reader = lab.host('writer'), lab.host('reader')
        for host in (writer, reader):
            add_monitor(host)
        writer.run(['ip', 'link', 'set', 'wlan0', 'up'])  # so that its address is one of ours
        capture = lab.folder / 'heard.pcap'
        sniffer = reader.start(['tcpdump', '-i', 'mon0', '-B', '65536', '-U', '-w', capture])
        sniffer.wait_for_line('listening on')
        for seed in (1, 2):
            before = self.drops(lab, 'writer', 'tx-malformed')
            heard_before = len(list(packets(capture))) if capture.exists() else 0
            lines = writer.run([PYTHON, '-B', HERE / 'octets.py', 'mon0', seed, FRAMES,
                                writer.address()]).splitlines()
            invalid = int(lines.pop().split()[1])
            self.assertGreater(invalid, FRAMES // 20)
            wait_until(lambda: len(list(packets(capture))) - heard_before >= len(lines),
                       'every valid frame is heard')
            heard = list(packets(capture))[heard_before:]
            self.assertEqual(len(heard), len(lines))
            for number, (frame, line) in enumerate(zip(heard, lines)):
                if len(line) >= 48 and line[44:48] == '2e2e':  # Sequence Control is the stack's
                    frame = frame[:22] + b'..' + frame[24:]
                self.assertEqual(frame.hex(), line, f'frame {number}')
            self.assertEqual(self.drops(lab, 'writer', 'tx-malformed') - before, invalid)


if __name__ == '__main__':
    unittest.main()
