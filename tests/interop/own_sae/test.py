"""WPA3-SAE of airloom's own access point and station, each against the unmodified other end."""

import unittest

from air_capture import Capture, frames
from airloom_testing import OWN_AP, OWN_STATION, PASSPHRASE, Scenario, connected, lab_file

SAE = {'key_mgmt': ['SAE'], 'ieee80211w': 2, 'beacon_prot': True}


class OwnApTest(Scenario):
    """The access point is airloom's, the station wpa_supplicant's."""

    TOOLS = ('wpa_supplicant', 'wpa_cli', 'ping', 'tshark')

    def start(self, access_point, password=PASSPHRASE, **network):
        lab = self.start_lab()
        lab.up(lab_file(OWN_AP, **access_point))
        self.ap, station = lab.host('ap'), lab.host('sta')
        supplicant = station.wpa_supplicant(key_mgmt='SAE', sae_password=f'"{password}"',
                                            ieee80211w=2, beacon_prot=1, **network)
        return station, supplicant

    def connect(self, access_point, **network):
        station, supplicant = self.start(access_point, **network)
        connected(supplicant)
        station.set_ip('10.9.0.2/24')
        self.lab.daemon.wait_for_line(r'ap: station \S+ joined')
        station.ping('10.9.0.1', count=3)
        self.ap.ping('10.9.0.2', count=3)
        self.assertEqual(station.status()['key_mgmt'], 'SAE')
        self.assertEqual(station.status()['pmf'], '2')
        return station, supplicant

    def test_each_method(self):
        for own, other, h2e in ((0, 0, '0'), (2, 0, '0'), (0, 2, '0'), (1, 1, '1'), (1, 2, '1'),
                                (2, 1, '1'), (2, 2, '1')):
            with self.subTest(own=own, other=other):
                station, supplicant = self.connect({**SAE, 'sae_pwe': own}, sae_pwe=other)
                self.assertEqual(station.status()['sae_h2e'], h2e)
                self.assertNotIn('CTRL-EVENT-UNPROT-BEACON', supplicant.output())
                self.doCleanups()

    def test_each_group(self):
        for group in (20, 21):
            with self.subTest(group=group):
                station, _ = self.connect({**SAE, 'sae_groups': [group]}, sae_pwe=2)
                self.assertEqual(station.status()['sae_group'], str(group))
                self.doCleanups()

    def test_the_cache_spares_the_second_exchange(self):
        station, supplicant = self.connect(SAE, sae_pwe=2)
        station.wpa_cli('disconnect')
        supplicant.skip_to_now()
        capture = Capture(self.lab)
        station.wpa_cli('reconnect')
        connected(supplicant)
        station.ping('10.9.0.1', count=3)
        algorithms = frames(capture.end(), ['wlan.fixed.auth.alg'], 'wlan.fc.type_subtype == 11')
        self.assertEqual(set(algorithms), {('0',)})  # open: no SAE

    def test_a_wrong_password_is_refused(self):
        _, supplicant = self.start(SAE, password='incorrecthorse', sae_pwe=2)
        supplicant.wait_for_line('CTRL-EVENT-SSID-TEMP-DISABLED')
        self.assertFalse([line for line in self.lab.daemon.lines if 'joined' in line])


class OwnStationTest(Scenario):
    """The station is airloom's, the access point hostapd's."""

    TOOLS = ('hostapd', 'hostapd_cli', 'ping')

    def start(self, station, **ap):
        lab = self.start_lab()
        ap_host = lab.host('ap')
        hostapd = ap_host.hostapd(wpa=2, wpa_key_mgmt='SAE', rsn_pairwise='CCMP',
                                  sae_password=PASSPHRASE, ieee80211w=2, beacon_prot=1, **ap)
        ap_host.set_ip('10.9.0.1/24')
        lab.up(lab_file(OWN_STATION, **station))
        hostapd.wait_for_line('AP-STA-CONNECTED')
        lab.daemon.wait_for_line('sta: connected to')
        lab.host('sta').ping('10.9.0.1', count=3)
        ap_host.ping('10.9.0.2', count=3)
        self.assertIn('[MFP]', ap_host.hostapd_cli('all_sta'))
        return ap_host, hostapd

    def test_each_method(self):
        for own, other in ((0, 0), (2, 0), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2)):
            with self.subTest(own=own, other=other):
                self.start({**SAE, 'sae_pwe': own}, sae_pwe=other)
                self.doCleanups()

    def test_groups_are_tried_in_turn(self):
        for group in (20, 21):
            with self.subTest(group=group):
                self.start({**SAE, 'sae_groups': [19, group]}, sae_pwe=2, sae_groups=group)
                self.doCleanups()

    def test_a_token_is_brought_when_asked_for(self):
        for method in (0, 1):
            with self.subTest(method=method):
                self.start({**SAE, 'sae_pwe': method}, sae_pwe=method,
                           sae_anti_clogging_threshold=0)
                self.doCleanups()

    def test_it_comes_back_by_the_cache(self):
        ap, hostapd = self.start(SAE, sae_pwe=2)
        sta = self.lab.host('sta').address()
        for _ in range(2):
            self.assertEqual(ap.hostapd_cli('deauthenticate', sta).strip(), 'OK')
            self.lab.daemon.wait_for_line('sta: disconnected')
            hostapd.wait_for_line('AP-STA-CONNECTED')
            self.lab.daemon.wait_for_line('sta: connected to')
            ap.ping('10.9.0.2', count=3)

    def test_a_wrong_password_is_told(self):
        lab = self.start_lab()
        lab.host('ap').hostapd(wpa=2, wpa_key_mgmt='SAE', rsn_pairwise='CCMP',
                               sae_password='incorrecthorse', ieee80211w=2, sae_pwe=2)
        lab.start(['up', str(lab.write('lab.toml', lab_file(OWN_STATION, **SAE)))], 'up')
        lab.daemon.wait_for_line('sta: the passphrase seems to be wrong')


if __name__ == '__main__':
    unittest.main()
