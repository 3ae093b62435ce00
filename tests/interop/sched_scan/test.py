"""Scheduled scans on a radio that makes them by itself (FullMAC): by iw, by wpa_supplicant, which
then leaves the waiting for its network to the radio, and by a program that is killed."""

import pathlib
import sys
import unittest

from airloom_testing import SSID, WPA2_AP, WPA2_STATION, Scenario, connected

FOLDER = pathlib.Path(__file__).parent
LAB = '''
[host.ap]
address = "10.9.0.1/24"
[host.sta]
driver = "fullmac"
address = "10.9.0.2/24"
'''
START = ['iw', 'dev', 'wlan0', 'scan', 'sched_start']
STOP = ['iw', 'dev', 'wlan0', 'scan', 'sched_stop']
EINPROGRESS, ENOENT, EOPNOTSUPP = '(-115)', '(-2)', '(-95)'


class SchedScanTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'wpa_cli', 'iw', 'ping')

    def setUp(self):
        super().setUp()
        self.lab = self.new_lab().start_daemon()
        self.lab.up(LAB)
        self.ap, self.sta = map(self.lab.host, ('ap', 'sta'))
        self.events = self.sta.iw_events()

    def owner(self, *words):
        """A program that owns a scan; returns it when it has begun."""
        owner = self.sta.start(['env', f'PYTHONPATH={FOLDER.parent}', sys.executable, '-B',
                                FOLDER / 'owner.py', *words])
        owner.wait_for_line('^started')
        return owner

    def test_capabilities(self):
        listing = self.sta.run(['iw', 'list'])
        self.assertIn('max # sched scan SSIDs: 4', listing)
        self.assertIn('max # match sets: 16', listing)
        self.assertIn('* start_sched_scan\n', listing)
        self.assertNotIn('start_sched_scan', self.ap.run(['iw', 'list']))

    def test_with_iw(self):
        self.sta.run(['ip', 'link', 'set', 'wlan0', 'up'])
        self.sta.run([*START, 'interval', '1000', 'freqs', '2412', 'matches', 'ssid', SSID,
                      'active', 'ssid', SSID])
        self.events.wait_for_line('scheduled scan started')
        self.assertIn(EINPROGRESS, self.sta.run([*START, 'interval', '1000'], status=None))
        self.ap.hostapd()
        self.events.wait_for_line('got scheduled scan results')
        self.assertIn(f'SSID: {SSID}', self.sta.run(['iw', 'dev', 'wlan0', 'scan', 'dump']))
        self.events.wait_for_line('got scheduled scan results')
        self.sta.run(STOP)
        self.events.wait_for_line('sched scan stopped')
        self.assertIn(ENOENT, self.sta.run(STOP, status=None))

        # It goes with its interface.
        self.sta.run([*START, 'scan_plans', '1:2', '2', 'freqs', '2412', 'passive'])
        self.events.wait_for_line('scheduled scan started')
        self.sta.run(['ip', 'link', 'set', 'wlan0', 'down'])
        self.events.wait_for_line('sched scan stopped')

    def test_a_radio_without_them_refuses(self):
        self.ap.run(['ip', 'link', 'set', 'wlan0', 'up'])
        self.assertIn(EOPNOTSUPP, self.ap.run([*START, 'interval', '1000'], status=None))

    def test_the_supplicant_leaves_the_waiting_to_the_radio(self):
        supplicant = self.sta.wpa_supplicant(**WPA2_STATION)
        self.events.wait_for_line('scheduled scan started')
        self.ap.hostapd(**WPA2_AP)
        self.events.wait_for_line('got scheduled scan results')
        connected(supplicant)
        self.events.wait_for_line('sched scan stopped')
        self.sta.ping('10.9.0.1')

    def test_ends_with_its_owner(self):
        self.sta.run(['ip', 'link', 'set', 'wlan0', 'up'])
        owner = self.owner()
        self.assertIn(ENOENT, self.sta.run(STOP, status=None))  # it is another's
        owner.kill()
        self.events.wait_for_line('sched scan stopped')
        self.assertIn(ENOENT, self.sta.run(STOP, status=None))

    def test_two_owners(self):
        self.sta.run(['ip', 'link', 'set', 'wlan0', 'up'])
        first, second = self.owner('multi'), self.owner('multi')
        self.assertEqual([first.lines, second.lines], [['started 1'], ['started 2']])
        self.assertIn(EINPROGRESS, self.sta.run([*START, 'interval', '1000'], status=None))
        for owner in (second, first):
            owner.kill()
            self.events.wait_for_line('sched scan stopped')
        self.sta.run([*START, 'interval', '1000', 'freqs', '2412', 'passive'])


if __name__ == '__main__':
    unittest.main()
