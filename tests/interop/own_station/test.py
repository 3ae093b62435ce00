"""airloom's own station against an unmodified hostapd."""

import unittest

from airloom_testing import PASSPHRASE, SSID, WPA2_AP, Scenario

LAB = '''
[host.sta]
address = "10.9.0.2/24"
[host.sta.station]
ssid = "{ssid}"
scan = [2412]
{more}
'''
WPA2 = f'passphrase = "{PASSPHRASE}"\n'


class OwnStationTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'ping')

    def start(self, more, **ap):
        """hostapd, and the station connected to it: (host ap, host sta, hostapd)."""
        lab = self.start_lab()
        ap_host = lab.host('ap')
        hostapd = ap_host.hostapd(**ap)
        ap_host.set_ip('10.9.0.1/24')
        lab.up(LAB.format(ssid=SSID, more=more))
        hostapd.wait_for_line('AP-STA-CONNECTED')
        lab.daemon.wait_for_line('sta: connected to')
        return ap_host, lab.host('sta'), hostapd

    def ping_both_ways(self, ap, station):
        station.ping('10.9.0.1')
        ap.ping('10.9.0.2')

    def test_wpa2(self):
        ap, station, hostapd = self.start(WPA2, **WPA2_AP)
        self.ping_both_ways(ap, station)
        stations = ap.hostapd_cli('all_sta')
        self.assertIn(station.address(), stations)
        self.assertIn('[AUTHORIZED]', stations)

    def test_open(self):
        ap, station, _ = self.start('')
        self.ping_both_ways(ap, station)

    def test_it_comes_back_when_hostapd_restarts(self):
        for stop in (lambda program: program.stop(), lambda program: program.kill()):
            with self.subTest():
                self.comes_back_after(stop)

    def comes_back_after(self, stop):
        ap, station, hostapd = self.start(WPA2, **WPA2_AP)
        stop(hostapd)
        self.lab.daemon.wait_for_line('sta: disconnected')
        hostapd = ap.hostapd(**WPA2_AP)
        ap.set_ip('10.9.0.1/24')
        hostapd.wait_for_line('AP-STA-CONNECTED')
        self.lab.daemon.wait_for_line('sta: connected to')
        self.ping_both_ways(ap, station)

    def test_it_comes_back_when_deauthenticated(self):
        ap, station, hostapd = self.start(WPA2, **WPA2_AP)
        for word in ('deauthenticate', 'disassociate'):
            self.assertEqual(ap.hostapd_cli(word, station.address()).strip(), 'OK')
            self.lab.daemon.wait_for_line('sta: disconnected, reason 2')
            hostapd.wait_for_line('AP-STA-CONNECTED')
            self.lab.daemon.wait_for_line('sta: connected to')
            self.ping_both_ways(ap, station)

    def test_a_wrong_passphrase_is_told(self):
        lab = self.start_lab()
        hostapd = lab.host('ap').hostapd(**WPA2_AP)
        lab.start(['up', str(lab.write('lab.toml', LAB.format(
            ssid=SSID, more='passphrase = "incorrecthorse"\n')))], 'up')
        hostapd.wait_for_line('AP-STA-POSSIBLE-PSK-MISMATCH')
        lab.daemon.wait_for_line('sta: the passphrase seems to be wrong')


if __name__ == '__main__':
    unittest.main()
