"""iwd, unmodified, as station and as access point: with hostapd, wpa_supplicant and itself."""

import unittest

from airloom_testing import (PASSPHRASE, SSID, WPA2_AP, WPA2_STATION, Scenario, connected)
from dbus_programs import Iwd, psk_profile

WPA3_AP = {'wpa': 2, 'wpa_key_mgmt': 'SAE', 'rsn_pairwise': 'CCMP', 'ieee80211w': 2,
           'sae_password': PASSPHRASE}


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

    def iwd_station(self):
        return Iwd(self.lab, 'sta', profiles={f'{SSID}.psk': psk_profile()})

    def iwd_access_point(self):
        iwd = Iwd(self.lab, 'ap')
        iwd.wait_for_device()
        iwd.iwctl('device', 'wlan0', 'set-property', 'Mode', 'ap')
        iwd.wait_for_device('ap')
        iwd.iwctl('ap', 'wlan0', 'start', SSID, PASSPHRASE)
        return iwd

    def test_station_of_hostapd_wpa2(self):
        hostapd = self.ap.hostapd(**WPA2_AP)
        iwd = self.iwd_station()
        hostapd.wait_for_line('AP-STA-CONNECTED')
        iwd.wait_until_connected()
        self.assertIn('AKMSuiteSelector=00-0f-ac-2', self.ap.hostapd_cli('all_sta'))
        self.check_traffic()
        self.check_leaving(iwd, hostapd)

    def check_leaving(self, iwd, hostapd):
        iwd.iwctl('station', 'wlan0', 'disconnect')
        hostapd.wait_for_line('AP-STA-DISCONNECTED')
        iwd.iwctl('station', 'wlan0', 'connect', SSID)
        hostapd.wait_for_line('AP-STA-CONNECTED')
        self.station.ping('10.9.0.1', count=3)

    def test_station_of_hostapd_wpa3(self):
        hostapd = self.ap.hostapd(**WPA3_AP)
        iwd = self.iwd_station()
        hostapd.wait_for_line('AP-STA-CONNECTED')
        iwd.wait_until_connected()
        self.assertIn('AKMSuiteSelector=00-0f-ac-8', self.ap.hostapd_cli('all_sta'))
        self.check_traffic()

    def test_access_point_for_wpa_supplicant(self):
        iwd = self.iwd_access_point()
        connected(self.station.wpa_supplicant(**WPA2_STATION, scan_freq=None))
        self.assertEqual(self.station.status()['key_mgmt'], 'WPA2-PSK')
        self.check_traffic()
        iwd.iwctl('ap', 'wlan0', 'stop')

    def test_both_ends(self):
        self.iwd_access_point()
        iwd = self.iwd_station()
        iwd.wait_until_connected()
        self.check_traffic()

    def test_without_the_control_port_over_nl80211(self):
        self.ap.hostapd(**WPA2_AP, driver_params='control_port=0')
        iwd = Iwd(self.lab, 'sta', profiles={f'{SSID}.psk': psk_profile()},
                  settings='[General]\nControlPortOverNL80211=false\n')
        iwd.wait_until_connected()
        self.check_traffic()


if __name__ == '__main__':
    unittest.main()
