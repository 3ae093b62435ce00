"""Two radios of one host, as `modprobe mac80211_hwsim` gives them: hostapd and wpa_supplicant."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected


class TwoRadiosTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'unshare', 'nsenter')

    def test_both_ends_on_one_host(self):
        lab = self.start_lab()
        lab.up('[host.both]\nradios = 2\n')
        both = lab.host('both')
        events = both.iw_events()
        hostapd = both.hostapd(**WPA2_AP)
        config = lab.write_supplicant_config('both-sta', **WPA2_STATION)
        supplicant = connected(
            both.start(['wpa_supplicant', '-i', 'wlan1', '-D', 'nl80211', '-c', config]))
        hostapd.wait_for_line('AP-STA-CONNECTED')
        events.wait_for_line(r'wlan1 \(phy #1\): connected to ' + both.address('wlan0'))
        link = both.run(['iw', 'dev', 'wlan1', 'link'])
        self.assertIn(f'Connected to {both.address("wlan0")} (on wlan1)', link)
        supplicant.stop()

        # IP between the two needs two stacks: the station's radio moves to its own.
        inside = both.start(['unshare', '--net', 'sh', '-c', 'echo in $$; exec sleep 1000'],
                            'namespace')
        pid = inside.wait_for_line(r'in (\d+)')[1]
        both.run(['iw', 'phy', 'phy1', 'set', 'netns', pid])
        there = ['nsenter', f'--net=/proc/{pid}/ns/net', '--']
        connected(both.start([*there, 'wpa_supplicant', '-i', 'wlan1', '-D', 'nl80211',
                              '-c', config]))
        both.set_ip('10.9.0.1/24')
        both.run([*there, 'ip', 'address', 'add', '10.9.0.2/24', 'dev', 'wlan1'])
        both.run([*there, 'ping', '-c', '3', '-i', '0.1', '-W', '5', '10.9.0.1'])


if __name__ == '__main__':
    unittest.main()
