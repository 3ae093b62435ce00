"""PMF, BIP and beacon protection of airloom's own access point and station, each against the
unmodified other end."""

import unittest

from airloom_testing import OWN_AP, OWN_STATION, PASSPHRASE, Scenario, connected, lab_file

CIPHERS = ('AES-128-CMAC', 'BIP-CMAC-256', 'BIP-GMAC-128', 'BIP-GMAC-256')


class OwnApTest(Scenario):
    """The access point is airloom's, the station wpa_supplicant's."""

    TOOLS = ('wpa_supplicant', 'wpa_cli', 'ping')

    def start(self, access_point, **network):
        lab = self.start_lab()
        lab.up(lab_file(OWN_AP, **access_point))
        self.ap, station = lab.host('ap'), lab.host('sta')
        supplicant = connected(station.wpa_supplicant(psk=f'"{PASSPHRASE}"', **network))
        station.set_ip('10.9.0.2/24')
        lab.daemon.wait_for_line(r'ap: station \S+ joined')
        station.ping('10.9.0.1', count=3)
        self.ap.ping('10.9.0.2', count=3)
        return station, supplicant

    def test_each_setting_of_both_ends(self):
        for own, other, pmf in ((0, 1, None), (1, 0, None), (1, 1, '1'), (1, 2, '1'), (2, 1, '2')):
            with self.subTest(own=own, other=other):
                station, _ = self.start({'ieee80211w': own}, key_mgmt='WPA-PSK', ieee80211w=other)
                self.assertEqual(station.status().get('pmf'), pmf)
                self.doCleanups()

    def test_each_cipher_with_beacon_protection(self):
        for cipher in CIPHERS:
            with self.subTest(cipher=cipher):
                station, supplicant = self.start(
                    {'ieee80211w': 2, 'group_mgmt_cipher': cipher, 'beacon_prot': True,
                     'key_mgmt': ['WPA-PSK-SHA256']},
                    key_mgmt='WPA-PSK-SHA256', ieee80211w=2, beacon_prot=1, group_mgmt=cipher)
                status = station.status()
                self.assertEqual(status['key_mgmt'], 'WPA2-PSK-SHA256')
                self.assertEqual(status['mgmt_group_cipher'],
                                 'BIP' if cipher == CIPHERS[0] else cipher)
                self.assertNotIn('CTRL-EVENT-UNPROT-BEACON', supplicant.output())
                self.doCleanups()

    def test_a_station_that_crashed_is_queried_and_joins_again(self):
        station, supplicant = self.start({'ieee80211w': 2}, key_mgmt='WPA-PSK', ieee80211w=2)
        supplicant.kill()
        connected(station.wpa_supplicant(psk=f'"{PASSPHRASE}"', key_mgmt='WPA-PSK', ieee80211w=2))
        station.ping('10.9.0.1', count=3)


class OwnStationTest(Scenario):
    """The station is airloom's, the access point hostapd's."""

    TOOLS = ('hostapd', 'hostapd_cli', 'ping')

    def start(self, station, **ap):
        lab = self.start_lab()
        ap_host = lab.host('ap')
        hostapd = ap_host.hostapd(wpa=2, rsn_pairwise='CCMP', wpa_passphrase=PASSPHRASE, **ap)
        ap_host.set_ip('10.9.0.1/24')
        lab.up(lab_file(OWN_STATION, **station))
        hostapd.wait_for_line('AP-STA-CONNECTED')
        lab.daemon.wait_for_line('sta: connected to')
        lab.host('sta').ping('10.9.0.1', count=3)
        ap_host.ping('10.9.0.2', count=3)
        return ap_host, hostapd

    def test_each_setting_of_both_ends(self):
        for own, other, pmf in ((0, 1, False), (1, 0, False), (1, 1, True), (2, 1, True),
                                (1, 2, True)):
            with self.subTest(own=own, other=other):
                ap, _ = self.start({'ieee80211w': own}, wpa_key_mgmt='WPA-PSK', ieee80211w=other)
                self.assertEqual('[MFP]' in ap.hostapd_cli('all_sta'), pmf)
                self.doCleanups()

    def test_each_cipher_with_beacon_protection(self):
        for cipher in CIPHERS:
            with self.subTest(cipher=cipher):
                ap, hostapd = self.start(
                    {'ieee80211w': 2, 'beacon_prot': True, 'key_mgmt': ['WPA-PSK-SHA256']},
                    wpa_key_mgmt='WPA-PSK-SHA256', ieee80211w=2, beacon_prot=1,
                    group_mgmt_cipher=cipher)
                ap.hostapd_cli('raw', 'REKEY_GTK')
                hostapd.wait_for_line('group key handshake completed')
                # To everybody: only its Management MIC element makes the station believe it.
                ap.hostapd_cli('deauthenticate', 'ff:ff:ff:ff:ff:ff')
                self.lab.daemon.wait_for_line('sta: disconnected, reason 2')
                self.lab.daemon.wait_for_line('sta: connected to')
                self.doCleanups()


if __name__ == '__main__':
    unittest.main()
