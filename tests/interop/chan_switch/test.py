"""An access point moves to another channel and its stations come along, or changes its width."""

import errno
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

    def set_channel(self, *words, error=0):
        """iw's SET_CHANNEL on the access point."""
        self.ap.run(['iw', 'dev', 'wlan0', 'set', 'channel', *words], status=-error & 0xff)

    def expect_width(self, mhz, center):
        """Of the access point; the station has 20 MHz, and is still there."""
        for host, width in ((self.ap, f'width: {mhz} MHz, center1: {center} MHz'),
                            (self.station, 'width: 20 MHz, center1: 2437 MHz')):
            self.assertIn(f'channel 6 (2437 MHz), {width}',
                          host.run(['iw', 'dev', 'wlan0', 'info']))
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', self.supplicant.output())
        self.station.ping('10.9.0.1')

    def test_the_width_changes_without_an_announcement(self):
        lab = self.start_lab()
        self.ap, self.station, self.hostapd, self.supplicant = start_pair(
            lab, ap={**WPA2_AP, 'channel': 6}, station={**WPA2_STATION, 'scan_freq': 2437})
        self.set_channel('6', 'HT40+')
        self.expect_width(40, 2447)
        # To the other side only by way of 20 MHz, as on Linux 6.1.192.
        self.set_channel('6', 'HT40-', error=errno.EINVAL)
        self.expect_width(40, 2447)
        self.set_channel('6', 'HT20')
        self.set_channel('6', 'HT40-')
        self.expect_width(40, 2427)
        for width, error in (('NOHT', errno.EINVAL), ('5MHz', errno.EINVAL), ('HT40-', 0)):
            self.set_channel('6', width, error=error)
        self.set_channel('1', 'HT20', error=errno.EBUSY)
        self.expect_width(40, 2427)
        self.set_channel('6', 'HT20')
        self.expect_width(20, 2437)
        # Who is about to move the radio keeps it as it is until then.
        self.switch('10', '2412', 'ht')
        self.set_channel('6', 'HT40+', error=errno.EBUSY)
        self.set_channel('6', 'HT20')
        self.expect_move(2412)

    def test_a_switch_to_nowhere_is_refused(self):
        lab = self.start_lab()
        self.ap, self.station, self.hostapd, self.supplicant = start_pair(lab)
        self.assertIn('FAIL', self.ap.hostapd_cli('chan_switch', '5', '2400', 'ht'))
        self.assertIn('FAIL', self.ap.hostapd_cli('chan_switch', '5', '2412', 'ht'))
        self.station.ping('10.9.0.1')


if __name__ == '__main__':
    unittest.main()
