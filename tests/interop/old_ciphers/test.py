"""Peers that know nothing better: WPA with TKIP, and WPA and WPA2 mixed."""

import unittest

from airloom_testing import PASSPHRASE, Scenario, connected, start_pair

STATION = {'key_mgmt': 'WPA-PSK', 'psk': f'"{PASSPHRASE}"'}


class OldCiphersTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'ping')

    def join(self, access_point, station):
        return start_pair(self.start_lab(),
                          {'wpa_key_mgmt': 'WPA-PSK', 'wpa_passphrase': PASSPHRASE,
                           **access_point}, {**STATION, **station})

    def session(self, ap, station, pairwise, group):
        status = station.status()
        self.assertEqual(status['pairwise_cipher'], pairwise)
        self.assertEqual(status['group_cipher'], group)
        station.ping('10.9.0.1', count=5)
        ap.ping('10.9.0.2', count=5)
        with station.wpa_events() as events:
            ap.hostapd_cli('raw', 'REKEY_GTK')
            events.wait_for('Group rekeying completed')
        station.ping('10.9.0.1', count=3)

    def test_wpa_with_tkip(self):
        ap, station, _, _ = self.join({'wpa': 1, 'wpa_pairwise': 'TKIP', 'ieee80211n': 0},
                                      {'proto': 'WPA', 'pairwise': 'TKIP', 'group': 'TKIP'})
        self.session(ap, station, 'TKIP', 'TKIP')

    def test_wpa_and_wpa2_mixed(self):
        ap, station, _, _ = self.join({'wpa': 3, 'wpa_pairwise': 'TKIP', 'rsn_pairwise': 'CCMP'},
                                      {'proto': 'RSN', 'pairwise': 'CCMP', 'group': 'TKIP'})
        self.session(ap, station, 'CCMP', 'TKIP')
        old = self.lab.host('old')
        connected(old.wpa_supplicant(**STATION, proto='WPA', pairwise='TKIP', group='TKIP'))
        old.set_ip('10.9.0.3/24')
        self.session(ap, old, 'TKIP', 'TKIP')
        old.ping('10.9.0.2', count=3)  # from one cipher to the other


if __name__ == '__main__':
    unittest.main()
