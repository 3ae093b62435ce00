"""An access point moves to another channel and its stations come along."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, start_pair


class ChannelSwitchTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'iw', 'ping')

    def switch(self, *words):
        self.assertIn('OK', self.ap.hostapd_cli('chan_switch', *words))

    def expect_move(self, mhz):
        """Both ends announce, make and finish the switch; nobody is disconnected."""
        self.supplicant.wait_for_line(f'CTRL-EVENT-STARTED-CHANNEL-SWITCH freq={mhz}')
        self.supplicant.wait_for_line(f'CTRL-EVENT-CHANNEL-SWITCH freq={mhz}')
        self.hostapd.wait_for_line(f'AP-CSA-FINISHED freq={mhz}')
        self.assertEqual(self.station.status()['freq'], str(mhz))
        self.assertEqual(self.station.status()['wpa_state'], 'COMPLETED')
        for host in (self.ap, self.station):
            self.assertIn(f'({mhz} MHz)', host.run(['iw', 'dev', 'wlan0', 'info']))
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', self.supplicant.output())
        self.station.ping('10.9.0.1')

    def test_the_station_follows_within_2_4_ghz(self):
        lab = self.start_lab()
        self.ap, self.station, self.hostapd, self.supplicant = start_pair(lab)
        self.station.ping('10.9.0.1')
        events = self.station.iw_events()
        self.switch('5', '2437', 'ht')
        self.expect_move(2437)
        events.wait_for_line('wlan0: channel switch freq=2437 width="20 MHz" type="HT20"')
        # Quiet until the switch, and back.
        self.switch('4', '2412', 'ht', 'blocktx')
        self.expect_move(2412)
        self.assertIn('freq: 2412', self.station.run(['iw', 'dev', 'wlan0', 'scan', 'dump']))

    def test_the_station_follows_to_80_mhz(self):
        lab = self.start_lab()
        self.ap, self.station, self.hostapd, self.supplicant = start_pair(
            lab, ap={**WPA2_AP, 'hw_mode': 'a', 'channel': 36, 'country_code': 'US',
                     'ieee80211ac': 1, 'ht_capab': '[HT40+]'},
            station={**WPA2_STATION, 'scan_freq': 5180})
        self.switch('5', '5745', 'sec_channel_offset=1', 'center_freq1=5775', 'bandwidth=80',
                    'vht')
        self.expect_move(5745)
        self.assertIn('width: 80 MHz', self.station.run(['iw', 'dev', 'wlan0', 'info']))

    def test_a_switch_to_nowhere_is_refused(self):
        lab = self.start_lab()
        self.ap, self.station, self.hostapd, self.supplicant = start_pair(lab)
        self.assertIn('FAIL', self.ap.hostapd_cli('chan_switch', '5', '2400', 'ht'))
        self.assertIn('FAIL', self.ap.hostapd_cli('chan_switch', '5', '2412', 'ht'))
        self.station.ping('10.9.0.1')


if __name__ == '__main__':
    unittest.main()
