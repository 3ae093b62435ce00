"""airloom tap: a netdev with a radio's raw frames, plain or behind radiotap, for other programs."""

import json
import pathlib
import signal
import unittest

from airloom_testing import OPEN_STATION, SSID, Scenario, connected, wait_until

HERE = pathlib.Path(__file__).parent
PYTHON = '/usr/bin/python3'
LINK_TYPES = {105: 'ieee802.11', 127: 'ieee802.11/radiotap'}


class RawTapTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ip', 'iw', 'tshark')

    def start_tap(self, lab, dlt, *options):
        tap = lab.start(['tap', '--dlt', str(dlt), '--host', 'other', *options, 'raw0'], 'tap')
        tap.wait_for_line('raw0 on other/phy0')
        return tap

    def test_other_programs_read_and_write_frames(self):
        lab = self.start_lab()
        lab.host('ap').hostapd()
        other = lab.host('other')
        other.run(['true'])
        for dlt in (105, 127):
            with self.subTest(dlt=dlt):
                tap = self.start_tap(lab, dlt, '--freq', '2412')
                link = json.loads(other.run(['ip', '-j', 'link', 'show', 'raw0']))[0]
                self.assertEqual((link['link_type'], 'UP' in link['flags']),
                                 (LINK_TYPES[dlt], True))
                report = other.run([PYTHON, '-B', HERE / 'prober.py', 'raw0', dlt, SSID])
                self.assertIn(f'probe response of {lab.host("ap").address()}: {SSID}', report)
                self.assertEqual(tap.stop(signal.SIGINT), 0)
                self.assertNotIn('raw0', other.run(['ip', '-o', 'link']))

    def test_data_frames_are_header_llc_and_payload(self):
        lab = self.start_lab()
        ap, station, other = lab.host('ap'), lab.host('sta'), lab.host('other')
        ap.hostapd()
        ap.set_ip('10.9.0.1/24')
        other.run(['true'])
        tap = self.start_tap(lab, 105, '--radio', 'phy0', '--freq', '2412')
        capture = lab.folder / 'raw0.pcapng'
        sniffer = other.start(['tshark', '-i', 'raw0', '-w', capture, '-q'])
        wait_until(capture.exists, 'the capture has begun')
        connected(station.wpa_supplicant(**OPEN_STATION))
        station.set_ip('10.9.0.2/24')
        station.ping('10.9.0.1', count=3)

        def echoes():
            reader = other.start(['tshark', '-n', '-r', capture, '-Y', 'icmp && llc', '-T',
                                  'fields', '-e', 'wlan.ta', '-e', 'ip.dst'], 'reader')
            reader.wait()
            return reader.output()
        wait_until(lambda: f'{station.address()}\t10.9.0.1' in echoes(), 'pings behind LLC')
        sniffer.stop(signal.SIGINT)
        self.assertEqual(tap.stop(), 0)

    def test_what_cannot_be_is_said_in_a_sentence(self):
        lab = self.start_lab()
        lab.host('other').run(['true'])
        for words, sentence in (
                (['--host', 'nowhere', 'raw0'], "there is no host 'nowhere'"),
                (['--radio', 'phy7', 'raw0'], "host 'other' has no radio 'phy7'"),
                (['wlan0'], "the name 'wlan0' is taken"),
                (['--freq', '1', 'raw0'], 'other/phy0 has no channel at 1 MHz')):
            tap = lab.start(['tap', *words], 'tap')
            self.assertEqual(tap.wait(), 1)
            self.assertIn(sentence, tap.output())
        self.assertEqual(lab.start(['tap', '--dlt', '1', 'raw0'], 'tap').wait(), 2)
        self.assertNotIn('raw0', lab.host('other').run(['ip', '-o', 'link']))


if __name__ == '__main__':
    unittest.main()
