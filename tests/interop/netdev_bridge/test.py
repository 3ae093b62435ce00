"""An access point in a bridge, the kernel's own, and VLAN tags over Wi-Fi."""

import json
import pathlib
import unittest

from air_capture import Capture, frames
from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, start_pair


TAGGED = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent / 'tagged.py']


class NetdevBridgeTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ip', 'bridge', 'ping')

    def test_hostapd_makes_a_bridge_and_traffic_crosses_it(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        hostapd = ap.hostapd(bridge='br0', **WPA2_AP)
        link = json.loads(ap.run(['ip', '-j', 'link', 'show', 'wlan0']))[0]
        self.assertEqual(link['master'], 'br0')
        ap.run(['ip', 'link', 'set', 'br0', 'up'])
        ap.set_ip('10.9.0.1/24', 'br0')
        connected(station.wpa_supplicant(**WPA2_STATION))
        hostapd.wait_for_line('AP-STA-CONNECTED')
        station.set_ip('10.9.0.2/24')
        station.ping('10.9.0.1')
        fdb = json.loads(ap.run(['bridge', '-j', 'fdb', 'show', 'br', 'br0']))
        ports = {entry['mac']: entry['ifname'] for entry in fdb}
        self.assertEqual(ports.get(station.address()), 'wlan0')
        self.assertEqual(hostapd.stop(), 0)
        links = [entry['ifname'] for entry in json.loads(ap.run(['ip', '-j', 'link']))]
        self.assertNotIn('br0', links)  # it made the bridge, and it takes it away
        self.assertIn('wlan0', links)

    def test_tagged_frames_cross_the_air_whole_and_by_their_priority(self):
        # By hand: not every kernel has 802.1Q. A device of its own is in vlan_kernel.
        lab = self.start_lab()
        capture = Capture(lab)
        ap, station, _, _ = start_pair(lab)
        sent = []
        for sender, receiver in ((ap, station), (station, ap)):
            for priority in (0, 1, 5, 7):
                tci = priority << 13 | 5
                listening = receiver.start([*TAGGED, 'receive', 'wlan0', tci], 'tagged')
                listening.wait_for_line('listening')
                sender.run([*TAGGED, 'send', 'wlan0', tci, receiver.address(), 'hello over there'])
                listening.wait_for_line(f'{sender.address()} hello over there')
                sent.append((sender.address(), str(priority), '5', str(priority), '1'))
        fields = ('wlan.sa', 'vlan.priority', 'vlan.id', 'wlan.qos.tid', 'wlan.fc.protected')
        self.assertEqual(frames(capture.end(), fields, 'vlan.id'), sent)


if __name__ == '__main__':
    unittest.main()
