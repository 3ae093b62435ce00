"""A radio with two channel contexts: an access point and a station on different channels."""

import pathlib
import unittest

from airloom_testing import SSID, WPA2_AP, WPA2_STATION, Scenario, connected

HWSIM = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent.parent / 'hwsim.py']


class ConcurrentChannelsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping')

    def start_repeater(self, lab, channels):
        """Host `both`, whose phy1 has wlan1, a station, and an access point `ap1` beside."""
        both = lab.host('both')
        both.run([*HWSIM, 'new', f'channels={channels}'])
        both.run(['iw', 'dev', 'wlan1', 'interface', 'add', 'ap1', 'type', '__ap'])
        both.run(['ip', 'link', 'set', 'ap1', 'address', '02:00:00:00:77:01'])
        return both

    def start_station(self, lab, both):
        config = lab.write_supplicant_config('both', **{**WPA2_STATION, 'scan_freq': 2437})
        return both.start(['wpa_supplicant', '-i', 'wlan1', '-D', 'nl80211', '-c', config])

    def test_two_channels_at_once(self):
        lab = self.start_lab()
        upstream, client = lab.host('upstream'), lab.host('client')
        upstream.hostapd(channel=6, **WPA2_AP)
        upstream.set_ip('10.9.6.1/24')
        both = self.start_repeater(lab, channels=2)
        connected(self.start_station(lab, both))
        both.set_ip('10.9.6.2/24', 'wlan1')
        both.hostapd(interface='ap1', channel=1, ssid='downstream', **WPA2_AP)
        both.set_ip('10.9.1.1/24', 'ap1')
        connected(client.wpa_supplicant(**{**WPA2_STATION, 'ssid': '"downstream"'}))
        client.set_ip('10.9.1.2/24')
        channels = both.run(['iw', 'dev'])
        self.assertIn('channel 1 (2412 MHz)', channels)
        self.assertIn('channel 6 (2437 MHz)', channels)

        both.run(['sysctl', '-w', 'net.ipv4.ip_forward=1'])
        client.run(['ip', 'route', 'add', 'default', 'via', '10.9.1.1'])
        upstream.run(['ip', 'route', 'add', '10.9.1.0/24', 'via', '10.9.6.2'])
        client.ping('10.9.6.1', count=5)
        # A scan leaves neither of them.
        flood = client.start(['ping', '-c', '20', '-i', '0.1', '-W', '5', '10.9.6.1'])
        found = both.scan('freq', '2412', '2437', '5180', interface='wlan1')
        self.assertIn(f'SSID: {SSID}', found)
        self.assertEqual(flood.wait(), 0)
        self.assertIn('20 received', flood.output())

    def test_one_context_refuses_the_second_channel(self):
        lab = self.start_lab()
        lab.host('upstream').hostapd(channel=6, **WPA2_AP)
        both = self.start_repeater(lab, channels=1)
        connected(self.start_station(lab, both))
        config = lab.write_hostapd_config('both', interface='ap1', channel=1, **WPA2_AP)
        hostapd = both.start(['hostapd', config])
        hostapd.wait_for_line('Failed to set beacon|Could not set channel|could not|Failed to')
        self.assertNotEqual(hostapd.wait(), 0)


if __name__ == '__main__':
    unittest.main()
