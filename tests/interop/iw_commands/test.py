"""What iw asks of a connected station, on the air: a stay elsewhere, a scan that is given up,
frames without acknowledgement, and a choice of rates."""

import errno
import re
import unittest

from air_capture import Capture, frames
from airloom_testing import WPA2_AP, Scenario, refused, start_pair

ELSEWHERE = 2437
STAY_MS = 400


class IwCommandsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'sysctl', 'tshark')

    def setUp(self):
        super().setUp()
        lab = self.start_lab()
        for name in ('ap', 'sta'):
            lab.host(name).silence()
        self.ap, self.station, _, _ = start_pair(lab, {**WPA2_AP, 'wmm_enabled': 1})
        self.station.ping('10.9.0.1', count=1)
        self.events = self.station.iw_events()
        self.capture = Capture(lab)

    def iw(self, *words, status=0):
        return self.station.run(['iw', 'dev', 'wlan0', *words], status=status)

    def sent_data(self, *fields):
        """Rows of the station's data frames while the capture ran."""
        return frames(self.capture.end(), fields, 'wlan.fc.type_subtype == 0x28 && wlan.ta == '
                      f'{self.station.address()}')

    def test_a_stay_elsewhere(self):
        ping = self.ap.start(['ping', '-i', '0.02', '-W', '5', '10.9.0.2'])
        ping.wait_for_line('icmp_seq=3 ')
        self.iw('offchannel', ELSEWHERE, STAY_MS)
        self.events.wait_for_line(f'remain on freq {ELSEWHERE} ')
        self.events.wait_for_line(f'done with remain on freq {ELSEWHERE} ')
        # What came meanwhile was kept for it.
        late = float(ping.wait_for_line(r'time=(\d{3,}[.\d]*) ms').group(1))
        self.assertGreater(late, 100)
        ping.skip_to_now()
        ping.wait_for_line('bytes from')
        ping.stop()
        numbers = [int(number) for number in re.findall(r'icmp_seq=(\d+) ', ping.output())]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)), 'none is lost')
        nulls = frames(self.capture.end(), ['wlan.fc.pwrmgt'],
                       'wlan.fc.type_subtype == 0x24 || wlan.fc.type_subtype == 0x2c')
        self.assertEqual([sleeps for (sleeps,) in nulls], ['1', '0'])

    def test_a_scan_is_given_up(self):
        self.iw('scan', 'abort', status=refused(errno.ENOENT))
        self.iw('scan', 'trigger', 'passive')
        self.events.wait_for_line('scan started')
        self.iw('scan', 'abort')
        self.events.wait_for_line('scan aborted')
        self.iw('scan', 'abort', status=refused(errno.ENOENT))
        self.station.ping('10.9.0.1', count=2)

    def test_frames_without_acknowledgement(self):
        self.station.ping('10.9.0.1', count=2)
        self.iw('set', 'noack_map', '0xffff')
        self.station.ping('10.9.0.1', count=3)
        self.iw('set', 'noack_map', '0x0000')
        self.station.ping('10.9.0.1', count=2)
        policies = [policy for (policy,) in self.sent_data('wlan.qos.ack')]
        self.assertEqual(re.sub(r'(.)\1+', r'\1', ''.join(str(int(p, 0)) for p in policies)),
                         '010')

    def test_a_choice_of_rates(self):
        self.iw('set', 'bitrates', 'ht-mcs-2.4', 3, 'lgi-2.4')
        self.station.ping('10.9.0.1', count=3)
        self.assertIn('tx bitrate:\t26.0 MBit/s MCS 3', self.iw('station', 'dump'))
        self.iw('set', 'bitrates', 'legacy-2.4', 5.5, 'ht-mcs-2.4')
        self.station.ping('10.9.0.1', count=3)
        self.assertIn('tx bitrate:\t5.5 MBit/s', self.iw('station', 'dump'))
        self.iw('set', 'bitrates')
        self.assertEqual({rate for (rate,) in self.sent_data('radiotap.datarate')}, {'26', '5.5'})


if __name__ == '__main__':
    unittest.main()
