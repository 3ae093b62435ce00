"""hwsim0: the netdev at which every host sees the whole air, with radiotap."""

import json
import signal
import unittest

from air_capture import frames
from airloom_testing import Scenario, start_pair, wait_until


class HwsimMonitorTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ip', 'ping', 'tshark')

    def test_the_air_of_all_hosts(self):
        lab = self.start_lab()
        watcher = lab.host('watcher')
        link = json.loads(watcher.run(['ip', '-j', 'link', 'show', 'hwsim0']))[0]
        self.assertEqual(link['link_type'], 'ieee802.11/radiotap')
        self.assertEqual(link['operstate'], 'DOWN')
        watcher.run(['ip', 'link', 'set', 'hwsim0', 'up'])
        capture = lab.folder / 'hwsim0.pcapng'
        capturing = watcher.start(['tshark', '-i', 'hwsim0', '-w', capture, '-q'], 'tshark')
        wait_until(capture.exists, 'the capture has begun')
        ap, station, _, _ = start_pair(lab)
        station.ping('10.9.0.1')

        def seen(what):
            return frames(capture, ['radiotap.channel.freq'], what)
        wait_until(lambda: len(seen('wlan.fc.type_subtype == 0x28')) >= 20, 'data frames')
        capturing.stop(signal.SIGINT)
        for what in ('wlan.fc.type_subtype == 8', 'eapol', 'wlan.fc.type_subtype == 0x1d',
                     f'wlan.ta == {station.address()}', f'wlan.ta == {ap.address()}'):
            rows = seen(what)
            self.assertTrue(rows, what)
            self.assertEqual({row[0] for row in rows}, {'2412'}, what)
        self.assertTrue(frames(capture, ['radiotap.mactime'], 'wlan.fc.type_subtype == 8')[0][0])


if __name__ == '__main__':
    unittest.main()
