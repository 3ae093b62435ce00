"""TCP segmentation and checksums that a TAP takes over: what arrives, and what the air carried."""

import json
import pathlib
import unittest

from air_capture import Capture, frames
from airloom_testing import SSID, Scenario, wait_until

PEER = pathlib.Path(__file__).with_name('peer.py')
OCTETS = 4_000_000
LAB = f'''
[host.ap]
address = "10.9.0.1/24"
[host.ap.access_point]
ssid = "{SSID}"
[host.sta]
address = "10.9.0.2/24"
[host.sta.station]
ssid = "{SSID}"
scan = [2412]
'''


class OffloadTest(Scenario):
    TOOLS = ('ip', 'tshark')

    def peer(self, host, *words):
        return host.run(['/usr/bin/python3', '-B', PEER, *words]).strip()

    def transfer(self, address):
        """Sends to the access point's address, which has to get what was sent."""
        server = self.ap.start(['/usr/bin/python3', '-B', PEER, 'serve', address])
        server.wait_for_line('ready')
        sent = self.peer(self.sta, 'send', address, OCTETS)
        server.wait_for_line(sent)
        server.stop()

    def set_up_hosts(self):
        """Both ends with IPv4 and IPv6."""
        lab = self.start_lab()
        lab.up(LAB)
        self.ap, self.sta = lab.host('ap'), lab.host('sta')
        for host, number in ((self.ap, 1), (self.sta, 2)):
            host.run(f'ip address add fd00::{number}/64 dev wlan0 nodad'.split())
        return lab

    def refused(self, lab):
        status = lab.start(['status', '--json'], 'status')
        self.assertEqual(status.wait(), 0)
        return {host['name']: host['refused'] for host in json.loads(status.output())['hosts']}

    def test_everything_arrives_and_the_air_carries_whole_frames(self):
        lab = self.set_up_hosts()
        self.assertEqual(self.peer(self.sta, 'features', 'wlan0'), 'tx tso')
        capture = Capture(lab)
        for address in ('10.9.0.1', 'fd00::1'):
            self.transfer(address)
        data = frames(capture.end(), ['frame.len', 'ipv6.version', 'tcp.checksum.status'], 'tcp',
                      preferences=['tcp.check_checksum:TRUE'])
        self.assertGreater(len(data), 2 * OCTETS // 1500)
        self.assertLess(max(int(length) for length, *_ in data), 1700)
        good = '1'
        self.assertEqual({fields[1:] for fields in data}, {('', good), ('6', good)})
        self.assertEqual(self.refused(lab), {'ap': 0, 'sta': 0})

    def test_segmentation_can_be_switched_off(self):
        self.set_up_hosts()
        self.peer(self.sta, 'set', 'wlan0', 'tso', '0')
        self.assertEqual(self.peer(self.sta, 'features', 'wlan0'), 'tx')
        self.transfer('10.9.0.1')

    def test_a_header_that_lies_is_refused_and_counted(self):
        lab = self.set_up_hosts()
        self.assertIn('sent', self.peer(self.sta, 'lie', 'wlan0'))
        wait_until(lambda: self.refused(lab)['sta'] > 0, 'a frame is refused')
        self.sta.ping('10.9.0.1', count=2)


if __name__ == '__main__':
    unittest.main()
