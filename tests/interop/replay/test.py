"""airloom capture: what no radio could know, a part of the air, and back on the air."""

import struct
import subprocess
import unittest

from air_capture import Capture, LiveAir, frames
from airloom_testing import AIRLOOM, WPA2_AP, Scenario, start_pair, wait_until


class ReplayTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'tcpdump', 'tshark')

    def test_a_capture_goes_back_on_the_air(self):
        lab = self.start_lab()
        everywhere = Capture(lab)
        watcher = lab.host('watcher')
        watcher.run(['true'])
        part = Capture(lab, '--host', 'watcher')
        ap, station, hostapd, supplicant = start_pair(lab)
        address, bssid = station.address(), ap.address()
        station.ping('10.9.0.1', count=5)
        whole = everywhere.end()
        self.assertEqual(frames(part.end(), ['frame.number']), [], 'its radio is off')

        comments = frames(whole, ['frame.comment'], f'wlan.ta == {address} && eapol')
        self.assertTrue(comments)
        for (comment,) in comments:
            self.assertEqual(comment, 'heard by ap/phy0 (-30 dBm, SNR 62 dB)')
        supplicant.stop()
        hostapd.stop()
        self.check_replay(lab, watcher, whole, bssid, address)

    def check_replay(self, lab, watcher, whole, bssid, address):
        watcher.run(['iw', 'dev', 'wlan0', 'interface', 'add', 'mon0', 'type', 'monitor'])
        watcher.run(['ip', 'link', 'set', 'mon0', 'up'])
        watcher.run(['iw', 'dev', 'mon0', 'set', 'channel', '1'])
        heard = lab.folder / 'heard.pcap'
        sniffer = watcher.start(['tcpdump', '-i', 'mon0', '-U', '-w', heard])
        sniffer.wait_for_line('listening on')
        replay = lab.start(['capture', '--replay', str(whole)], 'replay')
        self.assertEqual(replay.wait(), 0, replay.tail())
        fields = ['frame.time_epoch', 'wlan.fc', 'wlan.ta', 'wlan.seq', 'wlan.fcs', 'frame.len',
                  'radiotap.length']
        mine = f'wlan.ta == {bssid} || wlan.ta == {address}'
        sent = frames(whole, fields, mine)
        wait_until(lambda: len(frames(heard, fields, mine)) >= len(sent), 'everything is heard')
        got = frames(heard, fields, mine)
        self.assertIn(f'{len(frames(whole, ["frame.number"]))} frames replayed', replay.output())

        def content(row):
            return (*row[1:4], int(row[5]) - int(row[6]))
        self.assertEqual([content(row) for row in got], [content(row) for row in sent])
        # Each at its time, but for what a busy machine adds.
        for i in range(1, len(sent)):
            was, now = (float(rows[i][0]) - float(rows[0][0]) for rows in (sent, got))
            self.assertLess(abs(was - now), 0.5, f'frame {i}')
        # A station finds in its scan a network that is no more.
        again = lab.start(['capture', '--replay', str(whole)], 'replay')
        watcher.run(['ip', 'link', 'set', 'mon0', 'down'])
        watcher.run(['ip', 'link', 'set', 'wlan0', 'up'])
        # Passive, so that the radio stays for longer than a beacon interval.
        wait_until(lambda: bssid in watcher.scan('freq', '2412', 'passive'),
                   'the scan finds it', seconds=20)
        self.assertEqual(again.wait(), 0)
        sniffer.stop()

    def test_a_part_of_the_air_is_captured(self):
        lab = self.start_lab()
        ap, other = lab.host('ap'), lab.host('other')
        ap.hostapd(**WPA2_AP)
        other.hostapd(**WPA2_AP, channel=6)
        bssids = {ap.address(), other.address()}
        everything = Capture(lab)
        parts = [Capture(lab, *options) for options in (
            ('--radio', 'ap/phy0'), ('--host', 'ap'), ('--host', 'ap', '--radio', 'phy0'))]
        seen = LiveAir(ap, ['wlan.ta', 'wlan.seq'])
        wait_until(lambda: {row[0] for row in seen.rows()} >= bssids, 'beacons of both')
        seen.end()
        for part in parts:
            self.assertEqual({row[0] for row in frames(part.end(), ['wlan.ta'])}, {ap.address()})
        self.assertEqual({row[0] for row in frames(everything.end(), ['wlan.ta'])}, bssids)

    def test_a_part_of_the_air_that_is_not_there_is_refused(self):
        lab = self.start_lab()
        lab.host('ap').run(['true'])
        for options, sentence in (
                (['--host', 'none'], "there is no host 'none'; there is: ap"),
                (['--radio', 'phy1'], "there is no radio 'phy1' on the air"),
                (['--host', 'ap', '--radio', 'phy1'],
                 "host 'ap' has no radio 'phy1' on the air")):
            path = lab.folder / 'refused.pcapng'
            capture = lab.start(['capture', *options, '-o', str(path)], 'capture')
            self.assertEqual(capture.wait(), 1)
            self.assertEqual(capture.output().strip(), f'airloom: {sentence}')
            self.assertFalse(path.exists())

    def test_a_capture_is_read_live_through_a_pipe(self):
        lab = self.start_lab()
        lab.host('ap').hostapd(**WPA2_AP)
        with subprocess.Popen([AIRLOOM, 'capture', '-o', '-'], env=lab.env,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as capture:
            reader = subprocess.run(
                ['tshark', '-n', '-l', '-i', '-', '-c', '5', '-T', 'fields',
                 '-e', 'wlan.fc.type_subtype', '-e', 'frame.interface_name'],
                stdin=capture.stdout, capture_output=True, text=True, timeout=60)
            self.assertIsNone(capture.poll(), 'it still captures')
            capture.terminate()
        self.assertEqual([row.split('\t') for row in reader.stdout.splitlines()],
                         [['0x0008', 'ap/phy0']] * 5)

    def test_what_cannot_be_replayed_is_said_in_a_sentence(self):
        lab = self.start_lab()
        header = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 127)

        def pcap(name, packet, link_type=127):
            path = lab.folder / name
            path.write_bytes(header[:20] + struct.pack('<I', link_type)
                             + struct.pack('<IIII', 1, 0, len(packet), len(packet)) + packet)
            return str(path)
        ack = bytes.fromhex('d4000000020000000000')
        for path, sentence in (
                (str(lab.folder / 'none'), 'No such file'),
                (str(lab.write('text', 'no capture')), 'neither pcap nor pcapng'),
                (pcap('bad', bytes([0, 0, 99, 0, 0, 0, 0, 0]) + ack), 'malformed radiotap'),
                (pcap('short', bytes([0, 0, 8, 0, 0, 0, 0, 0]) + ack[:9]), 'shorter than'),
                (pcap('nowhere', ack, 105), 'give --freq MHZ')):
            replay = lab.start(['capture', '--replay', path], 'replay')
            self.assertEqual(replay.wait(), 1)
            self.assertIn(sentence, replay.output())
        path = pcap('good', ack, 105)
        good = lab.start(['capture', '--freq', '2412', '--replay', path], 'replay')
        self.assertEqual(good.wait(), 0, good.tail())
        self.assertIn('1 frames replayed', good.output())


if __name__ == '__main__':
    unittest.main()
