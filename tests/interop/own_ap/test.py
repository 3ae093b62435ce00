"""airloom's own access point against an unmodified wpa_supplicant."""

import unittest

from airloom_testing import OPEN_STATION, PASSPHRASE, SSID, WPA2_STATION, Scenario, connected

LAB = '''
[host.ap]
address = "10.9.0.1/24"
[host.ap.access_point]
ssid = "{ssid}"
{more}
'''
WPA2 = f'passphrase = "{PASSPHRASE}"\n'


class OwnApTest(Scenario):
    TOOLS = ('wpa_supplicant', 'wpa_cli', 'ping')

    def start(self, more, **network):
        """The access point, and wpa_supplicant connected to it: (host sta, wpa_supplicant)."""
        lab = self.start_lab()
        lab.up(LAB.format(ssid=SSID, more=more))
        self.ap, station = lab.host('ap'), lab.host('sta')
        supplicant = connected(station.wpa_supplicant(**network))
        station.set_ip('10.9.0.2/24')
        lab.daemon.wait_for_line(r'ap: station \S+ joined')
        return station, supplicant

    def ping_both_ways(self, station):
        station.ping('10.9.0.1')
        self.ap.ping('10.9.0.2')

    def test_wpa2(self):
        station, _ = self.start(WPA2, **WPA2_STATION)
        status = station.status()
        self.assertEqual(status['key_mgmt'], 'WPA2-PSK')
        self.assertEqual(status['pairwise_cipher'], 'CCMP')
        self.assertEqual(status['bssid'], self.ap.address())
        self.ping_both_ways(station)

    def test_open(self):
        station, _ = self.start('', **OPEN_STATION)
        self.assertEqual(station.status()['key_mgmt'], 'NONE')
        self.ping_both_ways(station)

    def test_hidden(self):
        station, _ = self.start(WPA2 + 'hidden = true\nfrequency = 2437\n', scan_freq=2437,
                                scan_ssid=1, **WPA2_STATION)
        self.assertEqual(station.status()['freq'], '2437')
        self.ping_both_ways(station)

    def test_a_channel_on_which_it_may_not_start_fails_at_once(self):
        lab = self.start_lab()
        text = LAB.format(ssid=SSID, more='frequency = 5180\n')  # listen only, worldwide
        up = lab.start(['up', str(lab.write('lab.toml', text))], 'up')
        self.assertNotEqual(up.wait(seconds=20), 0)
        self.assertIn('ap: set channel', up.tail())
        status = lab.start(['status'], 'status')
        self.assertEqual(status.wait(), 0)
        self.assertNotIn('ap', status.output().split())  # undone

    def test_disconnect_and_reconnect(self):
        station, supplicant = self.start(WPA2, **WPA2_STATION)
        self.assertEqual(station.wpa_cli('disconnect').strip(), 'OK')
        self.lab.daemon.wait_for_line(r'ap: station \S+ left')
        self.assertEqual(station.wpa_cli('reconnect').strip(), 'OK')
        connected(supplicant)
        self.ping_both_ways(station)

    def test_a_station_that_crashed_joins_again(self):
        station, supplicant = self.start(WPA2, **WPA2_STATION)
        supplicant.kill()
        connected(station.wpa_supplicant(**WPA2_STATION))
        self.ping_both_ways(station)

    def test_a_wrong_passphrase_is_refused_with_wpa_supplicants_own_words(self):
        lab = self.start_lab()
        lab.up(LAB.format(ssid=SSID, more=WPA2))
        wrong = {**WPA2_STATION, 'psk': '"incorrecthorse"'}
        supplicant = lab.host('sta').wpa_supplicant(**wrong)
        supplicant.wait_for_line('pre-shared key may be incorrect')
        self.assertFalse([line for line in lab.daemon.lines if 'joined' in line])


if __name__ == '__main__':
    unittest.main()
