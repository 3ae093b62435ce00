"""iw sets what a radio has settings for, reads it back, and is refused as Linux refuses."""

import errno
import pathlib
import re
import unittest

from air_capture import Capture, frames
from airloom_testing import WPA2_AP, Scenario, refused, start_pair


VENDOR = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent / 'vendor.py']


class WiphySettingsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'tshark')

    def setUp(self):
        super().setUp()
        self.lab = self.start_lab()

    def phy(self, *words, status=0):
        return self.host.run(['iw', 'phy', 'phy0', *words], status=status)

    def shown(self, pattern):
        """What `iw phy info` has there."""
        text = self.phy('info')
        found = re.search(pattern, text)
        self.assertTrue(found, text)
        return found.group(1)

    def power(self):
        info = self.host.run(['iw', 'dev', 'wlan0', 'info'])
        return re.search(r'txpower (\S+) dBm', info).group(1)

    def test_the_simulators_vendor_command(self):
        self.host = self.lab.host('one')
        self.host.run(['ip', 'link', 'set', 'wlan0', 'up'])
        events = self.host.iw_events()
        self.assertEqual(self.host.run([*VENDOR, 'wlan0', 5]), 'answer 7, event 6')
        events.wait_for_line(r'wlan0 \(phy #0\): vendor event 001374:1')
        # iw does not say that its data is nested, which the kernel wants to hear; nor is there a
        # second command.
        number = ('0x08', '0x00', '0x08', '0x00', '0x05', '0x00', '0x00', '0x00')
        iw = ['iw', 'dev', 'wlan0', 'vendor', 'recv', '0x001374']
        self.assertIn('kernel reports: expected nested data',
                      self.host.run([*iw, '0x1', *number], status=refused(errno.EINVAL)))
        self.host.run([*iw, '0x2', *number], status=refused(errno.EOPNOTSUPP))

    def test_settings_are_read_back(self):
        self.host = self.lab.host('one')
        self.host.run(['ip', 'link', 'set', 'wlan0', 'up'])
        self.phy('set', 'retry', 'short', 31, 'long', 30)
        self.assertEqual(self.shown(r'Retry short limit: (\d+)'), '31')
        self.assertEqual(self.shown(r'Retry long limit: (\d+)'), '30')
        self.phy('set', 'retry', 'short', 32, status=refused(errno.EINVAL))
        self.phy('set', 'retry', 'long', 255, status=refused(errno.EINVAL))
        self.assertEqual(self.shown(r'Retry short limit: (\d+)'), '31')
        self.assertEqual(self.shown(r'Retry long limit: (\d+)'), '30')

        # Fragments are even.
        for word, name, taken in (('rts', 'RTS', '501'), ('frag', 'Fragmentation', '500')):
            self.assertNotIn(f'{name} threshold', self.phy('info'))
            self.phy('set', word, 501)
            self.assertEqual(self.shown(name + r' threshold: (\d+)'), taken)
            self.phy('set', word, 'off')
            self.assertNotIn(f'{name} threshold', self.phy('info'))
        self.phy('set', 'frag', 255, status=refused(errno.EINVAL))

        for words in (('coverage', 1), ('distance', 500), ('distance', 'auto')):
            self.phy('set', *words, status=refused(errno.EOPNOTSUPP))
        self.assertEqual(self.shown(r'Coverage class: (\d+)'), '0')
        # mac80211_hwsim names no antennas.
        self.phy('set', 'antenna', 'all', status=refused(errno.EOPNOTSUPP))
        self.phy('set', 'antenna', 1, 1, status=refused(errno.EOPNOTSUPP))

        automatic = self.power()
        self.phy('set', 'txpower', 'fixed', 700)
        self.assertEqual(self.power(), '7.00')
        self.host.run(['iw', 'dev', 'wlan0', 'set', 'txpower', 'limit', 300])
        self.assertEqual(self.power(), '3.00')
        for mbm in (350, -100):
            self.phy('set', 'txpower', 'fixed', mbm, status=refused(errno.EOPNOTSUPP))
        self.assertEqual(self.power(), '3.00')
        self.host.run(['iw', 'dev', 'wlan0', 'set', 'txpower', 'auto'])
        self.assertEqual(self.power(), automatic)

    def test_an_associated_station_sends_fragments(self):
        # Without 802.11n: what goes under a block-ack agreement is never fragmented.
        _, station, _, _ = start_pair(self.lab, ap={**WPA2_AP, 'ieee80211n': 0})
        self.host = station
        capture = Capture(self.lab)
        index = re.search(r'wiphy (\d+)', station.run(['iw', 'dev', 'wlan0', 'info'])).group(1)
        station.run(['iw', 'phy', f'phy{index}', 'set', 'frag', 256])
        station.run(['ping', '-c', 3, '-i', '0.2', '-W', '5', '-s', 1000, '10.9.0.1'])
        sent = frames(capture.end(), ['frame.len'],
                      f'wlan.fc.type == 2 && wlan.ta == {station.address()} && wlan.fc.frag == 1')
        self.assertGreaterEqual(len(sent), 3 * 3)


if __name__ == '__main__':
    unittest.main()
