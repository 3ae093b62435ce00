"""Monitor interfaces: tcpdump, tshark, airodump-ng and aircrack-ng find what they expect."""

import csv
import itertools
import signal
import unittest

from air_capture import Capture, frames
from airloom_testing import (PASSPHRASE, SSID, WPA2_AP, WPA2_STATION, Scenario, connected, iperf3,
                             wait_until)


def add_monitor(host, name='mon0', flags=()):
    host.run(['iw', 'dev', 'wlan0', 'interface', 'add', name, 'type', 'monitor',
              *(('flags', *flags) if flags else ())])
    host.run(['ip', 'link', 'set', name, 'up'])


def tcpdump(host, monitor, capture):
    program = host.start(['tcpdump', '-i', monitor, '-U', '-w', capture], f'tcpdump-{monitor}')
    program.wait_for_line('listening on')
    return program


class MonitorTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'tcpdump', 'tshark', 'airodump-ng',
             'aircrack-ng', 'iperf3')

    def start_network(self, lab):
        ap, station = lab.host('ap'), lab.host('sta')
        ap.hostapd(**WPA2_AP)
        ap.set_ip('10.9.0.1/24')
        connected(station.wpa_supplicant(**WPA2_STATION))
        station.set_ip('10.9.0.2/24')
        return ap, station

    def test_a_third_radio_sees_the_network(self):
        lab = self.start_lab()
        watcher = lab.host('watcher')
        add_monitor(watcher)
        watcher.run(['iw', 'dev', 'mon0', 'set', 'freq', '2412'])
        self.assertIn('channel 1 (2412 MHz)', watcher.run(['iw', 'dev', 'mon0', 'info']))
        capture = lab.folder / 'mon0.pcap'
        sniffer = tcpdump(watcher, 'mon0', capture)
        airodump = watcher.start(['airodump-ng', '--channel', '1', '--background', '1',
                                  '--write', lab.folder / 'dump', '--output-format', 'csv',
                                  '--write-interval', '1', 'mon0'])
        ap, station = self.start_network(lab)
        station.ping('10.9.0.1')
        wait_until(lambda: len(frames(capture, ['frame.number'],
                                      'wlan.fc.type_subtype == 0x28')) >= 20, 'data frames')
        self.check_radiotap(capture)
        self.check_airodump(lab, ap.address(), station.address())
        airodump.stop(signal.SIGINT)
        sniffer.stop()
        self.check_aircrack(lab, capture)

    def check_radiotap(self, capture):
        fields = ['radiotap.mactime', 'radiotap.channel.freq', 'radiotap.dbm_antsignal',
                  'radiotap.dbm_antnoise', 'radiotap.antenna', 'radiotap.datarate',
                  'radiotap.mcs.index']
        beacons = frames(capture, fields, 'wlan.fc.type_subtype == 8')
        self.assertGreater(len(beacons), 10)
        for time, *rest in beacons:
            self.assertTrue(time)
            self.assertEqual(rest, ['2412', '-30', '-92', '0', '1', ''])
        data = frames(capture, fields, 'wlan.fc.type_subtype == 0x28 && !eapol')
        for row in data:
            self.assertEqual(row[1:5], ('2412', '-30', '-92', '0'))
        self.assertTrue(any(row[-1] for row in data), 'HT rates')
        self.assertEqual(len(set(frames(capture, ['wlan_rsna_eapol.keydes.msgnr'], 'eapol'))), 4)
        self.assertTrue(frames(capture, ['frame.number'], 'wlan.fc.type_subtype == 0x1d'), 'ACKs')

    def check_airodump(self, lab, bssid, station):
        def rows():
            path = lab.folder / 'dump-01.csv'
            text = path.read_text() if path.exists() else ''
            return [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if row]

        def listed():
            found = {row[0].lower(): row for row in rows()}
            return bssid in found and station in found and found
        found = wait_until(listed, 'airodump-ng lists both')
        ap = found[bssid]
        self.assertEqual((ap[3], ap[5], ap[6], ap[7], ap[13]), ('1', 'WPA2', 'CCMP', 'PSK', SSID))
        self.assertEqual(found[station][5].lower(), bssid)

    def check_aircrack(self, lab, capture):
        words = lab.write('words', f'wrongpassword\n{PASSPHRASE}\n')
        report = lab.host('watcher').run(['aircrack-ng', '-w', words, '-e', SSID, capture])
        self.assertIn(f'KEY FOUND! [ {PASSPHRASE} ]', report)

    def test_own_frames_come_with_tx_flags_and_retries(self):
        lab = self.start_lab()
        station = lab.host('sta')
        add_monitor(station)
        capture = lab.folder / 'own.pcap'
        sniffer = tcpdump(station, 'mon0', capture)
        ap, _ = self.start_network(lab)
        station.ping('10.9.0.1')
        own = f'wlan.ta == {station.address()}'
        fields = ['radiotap.txflags', 'radiotap.data_retries', 'radiotap.mactime']
        wait_until(lambda: len(frames(capture, fields, f'{own} && wlan.fc.type == 2')) >= 10,
                   'own data frames')
        for what in ('wlan.fc.type_subtype == 11', 'wlan.fc.type_subtype == 0', 'eapol',
                     'wlan.fc.type_subtype == 0x28'):
            rows = frames(capture, fields, f'{own} && {what}')
            self.assertTrue(rows, what)
            self.assertEqual(set(rows), {('0x0000', '0', '')}, what)
        heard = frames(capture, fields, f'wlan.ta == {ap.address()}')
        self.assertTrue(heard)
        self.assertTrue(all(not flags and time for flags, _, time in heard))
        sniffer.stop()

    def test_frames_of_one_burst_are_one_ampdu(self):
        lab = self.start_lab()
        watcher = lab.host('watcher')
        add_monitor(watcher)
        watcher.run(['iw', 'dev', 'mon0', 'set', 'freq', '2412'])
        seen = lab.folder / 'mon0.pcap'
        sniffer = tcpdump(watcher, 'mon0', seen)
        capture = Capture(lab)
        ap, station = self.start_network(lab)
        iperf3(ap, station, '10.9.0.1', 1, '--bitrate', '20M')
        sniffer.stop()
        for path in (seen, capture.end()):
            rows = frames(path, ['radiotap.ampdu.reference', 'radiotap.ampdu.flags.last',
                                 'wlan.ta', 'wlan.qos.tid', 'radiotap.mcs.index'],
                          'wlan.fc.type_subtype == 0x28')
            self.check_ampdus([row for row in rows if row[0]])
            self.assertTrue(any(not row[0] for row in rows), 'some went alone')

    def check_ampdus(self, rows):
        """Each reference stands for one run of frames with all in common, the last one marked."""
        ampdus = [list(run) for _, run in itertools.groupby(rows, lambda row: row[0])]
        ampdus.pop()  # the capture may have ended within the last one
        self.assertGreater(len(ampdus), 10)
        self.assertEqual(len({run[0][0] for run in ampdus}), len(ampdus))
        for run in ampdus:
            self.assertEqual(len({(ta, tid, mcs) for _, _, ta, tid, mcs in run}), 1, run)
            self.assertEqual([last for _, last, *_ in run], ['0'] * (len(run) - 1) + ['1'])
            self.assertGreater(len(run), 1)

    def test_fcsfail_shows_what_has_bit_errors(self):
        lab = self.new_lab().start_daemon('--loss', '30')
        captures = {}
        for name, flags in (('curious', ['fcsfail', 'otherbss', 'control']), ('plain', [])):
            watcher = lab.host(name)
            add_monitor(watcher)
            watcher.run(['iw', 'dev', 'mon0', 'set', 'channel', '1'])
            if flags:
                watcher.run(['iw', 'dev', 'mon0', 'set', 'monitor', *flags])
            captures[name] = lab.folder / f'{name}.pcap'
            tcpdump(watcher, 'mon0', captures[name])
        ap = lab.host('ap')
        ap.hostapd(**WPA2_AP)
        fields = ['radiotap.flags.badfcs', 'wlan.bssid']
        wait_until(lambda: all(len(frames(path, fields)) >= 60 for path in captures.values()),
                   'beacons')
        damaged = frames(captures['curious'], ['frame.len'], 'radiotap.flags.badfcs == 1')
        whole = frames(captures['curious'], fields, 'radiotap.flags.badfcs == 0')
        self.assertGreater(len(damaged), 5)
        self.assertGreater(len(whole), len(damaged))
        self.assertEqual({bssid for _, bssid in whole}, {ap.address()})
        self.assertEqual(frames(captures['plain'], fields, 'radiotap.flags.badfcs == 1'), [])

    def check_address(self, host, monitor):
        """A monitor has the radio's address, wherever a program asks for it."""
        address = host.address('wlan0')
        self.assertIn(f'addr {address}', host.run(['iw', 'dev', monitor, 'info']))
        self.assertEqual(host.run(['cat', f'/sys/class/net/{monitor}/address']), address)
        asked = host.run(['/usr/bin/python3', '-c', f"""
import fcntl, socket, struct
request = struct.pack('16s24x', b'{monitor}')
answer = fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8927, request)
print(struct.unpack('<H', answer[16:18])[0], answer[18:24].hex(':'))"""])
        self.assertEqual(asked, f'803 {address}')

    def test_flags_and_changes_of_type(self):
        lab = self.start_lab()
        watcher = lab.host('watcher')
        add_monitor(watcher, 'mon7')
        self.check_address(watcher, 'mon7')
        watcher.run(['iw', 'dev', 'mon7', 'del'])
        watcher.run(['iw', 'dev', 'wlan0', 'set', 'type', 'monitor'])
        self.assertIn('ieee802.11/radiotap', watcher.run(['ip', 'link', 'show', 'wlan0']))
        add_monitor(watcher, 'mon1', ['control'])
        for name in ('wlan0', 'mon1'):
            watcher.run(['ip', 'link', 'set', name, 'up'])
        # A monitor that wants no other BSS, alone, hears what is for everybody or for it.
        watcher.run(['ip', 'link', 'set', 'wlan0', 'down'])
        watcher.run(['iw', 'dev', 'mon1', 'set', 'channel', '1'])
        capture = lab.folder / 'mon1.pcap'
        sniffer = tcpdump(watcher, 'mon1', capture)
        ap, station = self.start_network(lab)
        station.ping('10.9.0.1', count=3)
        wait_until(lambda: len(frames(capture, ['wlan.ra'], 'wlan.fc.type_subtype == 8')) >= 10,
                   'beacons')
        ours = (ap.address(), station.address())
        self.assertEqual([row for row in frames(capture, ['wlan.ra']) if row[0] in ours], [])
        sniffer.stop()
        watcher.run(['iw', 'dev', 'mon1', 'set', 'monitor', 'none'])
        # Whether it answers can only change while it is down.
        refused = watcher.run(['iw', 'dev', 'mon1', 'set', 'monitor', 'active'], status=None)
        self.assertIn('(-16)', refused)
        watcher.run(['ip', 'link', 'set', 'mon1', 'down'])
        watcher.run(['iw', 'dev', 'mon1', 'set', 'monitor', 'active'])
        watcher.run(['iw', 'dev', 'mon1', 'set', 'monitor', 'cook'])
        watcher.run(['iw', 'dev', 'mon1', 'del'])
        watcher.run(['iw', 'dev', 'wlan0', 'set', 'type', 'managed'])
        self.assertIn('link/ether', watcher.run(['ip', 'link', 'show', 'wlan0']))


if __name__ == '__main__':
    unittest.main()
