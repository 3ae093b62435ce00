"""iwd, unmodified, as station and as access point: with hostapd, wpa_supplicant and itself."""

import re
import unittest

from air_capture import Capture
from airloom_testing import (PASSPHRASE, SSID, WPA2_AP, WPA2_STATION, WPA3_AP, Scenario,
                             connected)
from control_port_road import Road
from dbus_programs import Iwd, psk_profile

PSK, SAE = '00-0f-ac-2', '00-0f-ac-8'
BY_NETDEV = '[General]\nControlPortOverNL80211=false\n'


class IwdTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'dbus-daemon', 'iwctl', 'ping')

    def setUp(self):
        super().setUp()
        self.lab = self.start_lab()
        self.ap, self.station = self.lab.host('ap'), self.lab.host('sta')

    def check_traffic(self):
        self.ap.set_ip('10.9.0.1/24')
        self.station.set_ip('10.9.0.2/24')
        self.station.ping('10.9.0.1')

    def iwd_station(self, settings=''):
        return Iwd(self.lab, 'sta', profiles={f'{SSID}.psk': psk_profile()}, settings=settings)

    def iwd_in_ap_mode(self):
        iwd = Iwd(self.lab, 'ap')
        iwd.wait_for_device()
        iwd.iwctl('device', 'wlan0', 'set-property', 'Mode', 'ap')
        iwd.wait_for_device('ap')
        return iwd

    def start_access_point(self, iwd):
        iwd.iwctl('ap', 'wlan0', 'start', SSID, PASSPHRASE)

    def check_road(self, road, over_nl80211):
        """Messages 1 to 4 of the handshake (or more, if one was sent again), all on that road."""
        self.assertTrue(road.asked)
        for asked in road.asked:
            self.assertEqual('OVER_NL80211' in asked, over_nl80211)
        self.assertEqual((len(road.sent) >= 2, len(road.received) >= 2), (over_nl80211,) * 2)

    def connect_to_hostapd(self, options, akm, over_nl80211=True):
        """A connection that the trace is checked of. Returns iwd and hostapd."""
        capture = Capture(self.lab, '--nl80211')
        hostapd = self.ap.hostapd(**options,
                                  **({} if over_nl80211 else {'driver_params': 'control_port=0'}))
        iwd = self.iwd_station('' if over_nl80211 else BY_NETDEV)
        hostapd.wait_for_line('AP-STA-CONNECTED')
        iwd.wait_until_connected()
        self.assertIn(f'AKMSuiteSelector={akm}', self.ap.hostapd_cli('all_sta'))
        self.check_traffic()
        path = capture.end()
        for host in ('ap', 'sta'):
            self.check_road(Road(path, host), over_nl80211)
        return iwd, hostapd

    def test_station_of_hostapd_wpa2(self):
        iwd, hostapd = self.connect_to_hostapd(WPA2_AP, PSK)
        iwd.iwctl('station', 'wlan0', 'disconnect')
        hostapd.wait_for_line('AP-STA-DISCONNECTED')
        iwd.iwctl('station', 'wlan0', 'connect', SSID)
        hostapd.wait_for_line('AP-STA-CONNECTED')
        self.station.ping('10.9.0.1', count=3)

    def test_station_of_hostapd_wpa3(self):
        self.connect_to_hostapd(WPA3_AP, SAE)

    def test_station_of_hostapd_wpa2_by_the_netdev(self):
        self.connect_to_hostapd(WPA2_AP, PSK, over_nl80211=False)

    def test_station_of_hostapd_wpa3_by_the_netdev(self):
        self.connect_to_hostapd(WPA3_AP, SAE, over_nl80211=False)

    # As an access point iwd 2.3 has no key management but PSK (src/ap.c, ap_set_rsn_info()), and
    # always asks for the control port over nl80211.
    def test_access_point_for_wpa_supplicant(self):
        iwd = self.iwd_in_ap_mode()
        for over_nl80211 in (True, False):
            capture = Capture(self.lab, '--nl80211')
            self.start_access_point(iwd)
            config = self.lab.write_supplicant_config('sta', **WPA2_STATION, scan_freq=None)
            config.write_text(f'driver_param=control_port={int(over_nl80211)}\n'
                              + config.read_text())
            supplicant = connected(self.station.start(
                ['wpa_supplicant', '-i', 'wlan0', '-D', 'nl80211', '-c', config]))
            self.assertEqual(self.station.status()['key_mgmt'], 'WPA2-PSK')
            self.check_traffic()
            found = self.station.run(['iw', 'dev', 'wlan0', 'scan', 'dump'])
            self.assertEqual(re.findall(r'Authentication suites: (.*)', found), ['PSK'])
            supplicant.stop()
            iwd.iwctl('ap', 'wlan0', 'stop')
            path = capture.end()
            self.check_road(Road(path, 'ap'), True)
            self.check_road(Road(path, 'sta'), over_nl80211)

    def test_both_ends(self):
        self.start_access_point(self.iwd_in_ap_mode())
        iwd = self.iwd_station()
        iwd.wait_until_connected()
        self.check_traffic()


if __name__ == '__main__':
    unittest.main()
