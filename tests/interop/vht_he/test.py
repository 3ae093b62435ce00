"""HT, VHT and HE: what both ends agree on, and the rates that follow."""

import re
import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, start_pair, wait_until

VHT80 = {**WPA2_AP, 'hw_mode': 'a', 'channel': 36, 'country_code': 'US', 'ht_capab': '[HT40+]',
         'ieee80211ac': 1, 'vht_oper_chwidth': 1, 'vht_oper_centr_freq_seg0_idx': 42}


class RatesTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'wpa_cli', 'iw', 'ping')

    def connect(self, frequency, **ap):
        self.ap, self.station, _, _ = start_pair(
            self.start_lab(), ap=ap, station={**WPA2_STATION, 'scan_freq': frequency})
        self.station.ping('10.9.0.1', count=30)

    def bitrates(self, host):
        """(receive, transmit) of `iw station dump`."""
        dump = host.run(['iw', 'dev', 'wlan0', 'station', 'dump'])
        return [re.search(rf'{way} bitrate:\s*(.*)', dump)[1] for way in ('rx', 'tx')]

    def flags(self):
        return self.ap.hostapd_cli('all_sta')

    def test_vht_80_mhz(self):
        self.connect(5180, **VHT80)
        for host in (self.ap, self.station):
            self.assertIn('width: 80 MHz, center1: 5210 MHz',
                          host.run(['iw', 'dev', 'wlan0', 'info']))
        for rate in self.bitrates(self.station):
            self.assertRegex(rate, r'MBit/s VHT-MCS \d 80MHz.* VHT-NSS \d')
        self.assertRegex(self.station.run(['iw', 'dev', 'wlan0', 'link']),
                         r'tx bitrate: .* VHT-MCS \d 80MHz')
        self.assertIn('[VHT]', self.flags())
        self.assertEqual(self.station.status()['wifi_generation'], '5')
        # A mask leaves no other rate.
        self.station.run(['iw', 'dev', 'wlan0', 'set', 'bitrates', 'vht-mcs-5', '1:3'])
        self.station.ping('10.9.0.1', count=20)
        wait_until(lambda: re.search('VHT-MCS 3 80MHz.* VHT-NSS 1',
                                     self.bitrates(self.station)[1]),
                   'the station sends at VHT-MCS 3')

    def test_ht_40_mhz(self):
        self.connect(5180, **{**VHT80, 'ieee80211ac': 0, 'vht_oper_chwidth': 0})
        self.assertIn('width: 40 MHz', self.station.run(['iw', 'dev', 'wlan0', 'info']))
        for rate in self.bitrates(self.station):
            self.assertRegex(rate, r'MBit/s MCS \d+ 40MHz')
        self.assertEqual(self.station.status()['wifi_generation'], '4')

    def test_he_in_both_bands(self):
        self.connect(5180, **VHT80, ieee80211ax=1, he_oper_chwidth=1,
                     he_oper_centr_freq_seg0_idx=42)
        self.assertIn('[HE]', self.flags())
        self.assertEqual(self.station.status()['wifi_generation'], '6')
        # minstrel knows no HE rates, in the kernel neither.
        self.assertRegex(self.bitrates(self.station)[1], 'VHT-MCS')

    def test_he_at_2_4_ghz(self):
        self.connect(2412, **WPA2_AP, ieee80211ax=1)
        self.assertIn('[HE]', self.flags())
        self.assertNotIn('[VHT]', self.flags())
        self.assertEqual(self.station.status()['wifi_generation'], '6')
        self.assertRegex(self.bitrates(self.station)[1], r'MBit/s MCS \d+')

    def test_a_station_may_do_without(self):
        lab = self.start_lab()
        self.ap, self.station, _, _ = start_pair(
            lab, ap=VHT80, station={**WPA2_STATION, 'scan_freq': 5180, 'disable_vht': 1})
        self.station.ping('10.9.0.1', count=30)
        self.assertIn('width: 40 MHz', self.station.run(['iw', 'dev', 'wlan0', 'info']))
        self.assertNotIn('[VHT]', self.flags())
        self.assertRegex(self.bitrates(self.station)[1], r'MBit/s MCS \d+ 40MHz')


if __name__ == '__main__':
    unittest.main()
