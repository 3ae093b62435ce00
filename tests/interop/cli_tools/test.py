"""hostapd_cli and wpa_cli as people use them, their text against the kernel of record's."""

import unittest

from airloom_testing import Scenario, connected, fields, start_pair
from golden import differences


class CliToolsTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'wpa_cli')

    def setUp(self):
        super().setUp()
        self.ap, self.station, self.hostapd, self.supplicant = start_pair(self.start_lab())

    def test_status_and_stations(self):
        addresses = {self.ap.address(): 'ap', self.station.address(): 'sta'}
        problems = differences('hostapd_cli status', 'wpa2/hostapd_cli-status.txt',
                               self.ap.hostapd_cli('status'), addresses)
        problems += differences('hostapd_cli all_sta', 'wpa2/hostapd_cli-all_sta.txt',
                                self.ap.hostapd_cli('all_sta'), addresses)
        problems += differences('wpa_cli status', 'wpa2/wpa_cli-status.txt',
                                self.station.wpa_cli('status'), addresses)
        self.assertEqual(problems, [], '\n'.join(problems))

    def test_scan_and_its_results(self):
        with self.station.wpa_events() as events:
            self.assertEqual(self.station.wpa_cli('scan', 'freq=2412').strip(), 'OK')
            events.wait_for('CTRL-EVENT-SCAN-RESULTS')
        header, *rows = self.station.wpa_cli('scan_results').splitlines()
        self.assertEqual(header, 'bssid / frequency / signal level / flags / ssid')
        self.assertEqual([row.split('\t') for row in rows], [
            [self.ap.address(), '2412', '-30', '[WPA2-PSK-CCMP][ESS]', 'oracle']])

    def test_disconnect_and_reconnect(self):
        self.assertEqual(self.station.wpa_cli('disconnect').strip(), 'OK')
        self.hostapd.wait_for_line('AP-STA-DISCONNECTED')
        self.assertEqual(self.station.status()['wpa_state'], 'DISCONNECTED')
        self.assertEqual(self.ap.hostapd_cli('list_sta').strip(), '')
        self.assertEqual(self.station.wpa_cli('reconnect').strip(), 'OK')
        connected(self.supplicant)
        self.station.ping('10.9.0.1', count=3)

    def test_a_deauthenticated_station_comes_back(self):
        command = ('deauthenticate', self.station.address())
        self.assertEqual(self.ap.hostapd_cli(*command).strip(), 'OK')
        self.supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED.*reason=2')
        connected(self.supplicant)
        self.station.ping('10.9.0.1', count=3)

    def test_signal_poll(self):
        poll = fields(self.station.wpa_cli('signal_poll'))
        self.assertEqual(poll['RSSI'], '-30')
        self.assertEqual(poll['FREQUENCY'], '2412')
        self.assertEqual(poll['NOISE'], '9999')  # unknown: hwsim reports none
        self.assertGreater(int(poll['LINKSPEED']), 0)


if __name__ == '__main__':
    unittest.main()
