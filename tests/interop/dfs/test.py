"""Channel 52: hostapd listens for radar first, and leaves when there is some."""

import unittest

from airloom_testing import LONG, WPA2_AP, WPA2_STATION, Scenario, connected

DFS_AP = {**WPA2_AP, 'hw_mode': 'a', 'channel': 52, 'country_code': 'US', 'ieee80211d': 1,
          'ieee80211h': 1}
CHECK_SECONDS = 60
RADAR = '/sys/kernel/debug/ieee80211/phy0/hwsim/dfs_simulate_radar'


class DfsTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'iw', 'ping')

    def start(self):
        lab = self.start_lab()
        self.ap, self.station = lab.host('ap'), lab.host('sta')
        config = lab.write_hostapd_config('ap', **DFS_AP)
        self.hostapd = self.ap.start(['hostapd', config])
        self.hostapd.wait_for_line('DFS-CAC-START freq=5260')

    def states(self):
        return self.ap.run(['iw', 'phy', 'phy0', 'channels'])

    def test_the_check_starts_and_the_state_is_shown(self):
        self.start()
        self.assertIn('DFS state: usable', self.states())
        self.assertIn('channel 52 (5260 MHz)', self.ap.run(['iw', 'dev', 'wlan0', 'info']))
        self.hostapd.stop()
        self.assertIn('DFS state: usable', self.states())

    def test_a_check_asked_for_with_iw(self):
        lab = self.start_lab()
        self.ap = lab.host('ap')
        for command in ('iw reg set US', 'iw dev wlan0 set type __ap', 'ip link set wlan0 up'):
            self.ap.run(command.split())
        trigger = ['iw', 'dev', 'wlan0', 'cac', 'trigger', 'channel']
        self.assertIn('Invalid argument', self.ap.run([*trigger, '36'], status=None))  # no radar
        events = self.ap.iw_events()
        self.ap.run([*trigger, '52'])
        self.assertIn('channel 52 (5260 MHz)', self.ap.run(['iw', 'dev', 'wlan0', 'info']))
        self.assertIn('busy', self.ap.run([*trigger, '56'], status=None))
        self.ap.run(['sh', '-c', f'echo 1 > {RADAR}'])
        events.wait_for_line('5260 MHz: radar detected')
        self.assertIn('DFS state: unavailable', self.states())
        self.ap.run([*trigger, '56'])
        self.ap.run(['ip', 'link', 'set', 'wlan0', 'down'])
        events.wait_for_line('5280 MHz: CAC was aborted')

    @unittest.skipUnless(LONG, 'listening takes its minute')
    def test_the_access_point_starts_after_the_check_and_moves_from_radar(self):
        self.start()
        self.hostapd.wait_for_line('DFS-CAC-COMPLETED success=1', seconds=CHECK_SECONDS + 30)
        self.hostapd.wait_for_line('AP-ENABLED')
        self.assertIn('DFS state: available', self.states())
        self.ap.set_ip('10.9.0.1/24')
        supplicant = connected(self.station.wpa_supplicant(**WPA2_STATION, scan_freq=5260))
        self.station.set_ip('10.9.0.2/24')
        self.station.ping('10.9.0.1')
        self.ap.hostapd_cli('raw', 'RADAR', 'DETECTED', 'freq=5260', 'chan_width=1', 'cf1=5260')
        self.hostapd.wait_for_line('DFS-RADAR-DETECTED freq=5260')
        self.hostapd.wait_for_line('DFS-NEW-CHANNEL freq=')
        supplicant.wait_for_line('CTRL-EVENT-CHANNEL-SWITCH')
        self.station.ping('10.9.0.1')


if __name__ == '__main__':
    unittest.main()
