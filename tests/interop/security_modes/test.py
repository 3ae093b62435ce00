"""What hostapd and wpa_supplicant can agree on beyond a PSK: OWE, transition modes, EAP with
hostapd's own server, 192-bit security, OCV, PMKSA caching and pairwise rekeys."""

import re
import signal
import unittest

from air_capture import Capture, frames
from airloom_testing import (PASSPHRASE, WPA2_AP, WPA2_STATION, WPA3_AP, WPA3_STATION, Scenario,
                             connected, start_pair)

OWE_TRANSITION = '''interface=wlan0
driver=nl80211
ctrl_interface={control}
ssid=airport
hw_mode=g
channel=1
ieee80211n=1
wmm_enabled=1
owe_transition_ifname=wlan0_1

bss=wlan0_1
bssid={bssid}
ssid=airport-owe
ignore_broadcast_ssid=1
wmm_enabled=1
wpa=2
wpa_key_mgmt=OWE
rsn_pairwise=CCMP
ieee80211w=2
owe_transition_ifname=wlan0
'''


class SecurityModesTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping', 'openssl', 'tshark')

    def join(self, ap, station):
        self.ap, self.sta, self.hostapd, self.supplicant = start_pair(
            self.start_lab(), ap, station)
        self.sta.ping('10.9.0.1', count=3)
        return self.sta.status()

    def test_owe(self):
        status = self.join({'wpa': 2, 'wpa_key_mgmt': 'OWE', 'rsn_pairwise': 'CCMP',
                            'ieee80211w': 2},
                           {'key_mgmt': 'OWE', 'ieee80211w': 2})
        self.assertEqual(status['key_mgmt'], 'OWE')

    def test_owe_in_another_group(self):
        status = self.join({'wpa': 2, 'wpa_key_mgmt': 'OWE', 'rsn_pairwise': 'CCMP',
                            'ieee80211w': 2, 'owe_groups': '20 21'},
                           {'key_mgmt': 'OWE', 'ieee80211w': 2})
        self.assertEqual(status['key_mgmt'], 'OWE')

    def test_owe_transition_takes_both_kinds_of_stations(self):
        lab = self.start_lab()
        ap = lab.host('ap')
        own = ap.address()
        hidden = '02' + own[2:-2] + 'f1'
        config = lab.write('hostapd.conf', OWE_TRANSITION.format(control=lab.control('ap'),
                                                                 bssid=hidden))
        ap.start(['hostapd', config]).wait_for_line('wlan0: AP-ENABLED')
        ap.set_ip('10.9.0.1/24')
        ap.set_ip('10.9.1.1/24', 'wlan0_1')
        for name, network, bssid, akm, subnet in (
                ('old', {'key_mgmt': 'NONE'}, own, 'NONE', 0),
                ('new', {'key_mgmt': 'OWE', 'ieee80211w': 2}, hidden, 'OWE', 1)):
            station = lab.host(name)
            connected(station.wpa_supplicant(ssid='"airport"', **network))
            status = station.status()
            self.assertEqual((status['bssid'], status['key_mgmt']), (bssid, akm))
            station.set_ip(f'10.9.{subnet}.2/24')
            station.ping(f'10.9.{subnet}.1', count=3)

    def test_transition_takes_both_kinds_of_stations(self):
        lab = self.start_lab()
        ap = lab.host('ap')
        ap.hostapd(wpa=2, wpa_key_mgmt='WPA-PSK SAE', rsn_pairwise='CCMP',
                   wpa_passphrase=PASSPHRASE, ieee80211w=1, sae_require_mfp=1)
        ap.set_ip('10.9.0.1/24')
        old = {'key_mgmt': 'WPA-PSK', 'psk': f'"{PASSPHRASE}"'}
        new = {'key_mgmt': 'WPA-PSK SAE', 'psk': f'"{PASSPHRASE}"', 'ieee80211w': 1}
        for name, network, akm, ip in (('old', old, 'WPA2-PSK', '10.9.0.2/24'),
                                       ('new', new, 'SAE', '10.9.0.3/24')):
            station = lab.host(name)
            connected(station.wpa_supplicant(**network))
            station.set_ip(ip)
            self.assertEqual(station.status()['key_mgmt'], akm)
            station.ping('10.9.0.1', count=3)

    def eap_users(self, lab):
        return lab.write('eap_user', '"user" PEAP,TTLS,TLS\n"user" MSCHAPV2 "secret" [2]\n'
                                     '"client" TLS\n')

    def make_certificates(self, lab, *options):
        """A certificate that signs itself, of server and client alike."""
        key, cert = lab.folder / 'key.pem', lab.folder / 'cert.pem'
        lab.host('ap').run(['openssl', 'req', '-x509', '-nodes', '-days', '2', '-subj',
                            '/CN=airloom', '-keyout', key, '-out', cert, *options])
        return key, cert

    def test_eap_with_hostapds_own_server(self):
        lab = self.start_lab()
        key, cert = self.make_certificates(lab, '-newkey', 'rsa:2048')
        _, station, _, supplicant = start_pair(
            lab,
            {'wpa': 2, 'wpa_key_mgmt': 'WPA-EAP-SHA256', 'rsn_pairwise': 'CCMP', 'ieee8021x': 1,
             'eap_server': 1, 'eap_user_file': self.eap_users(lab), 'server_cert': cert,
             'private_key': key, 'ieee80211w': 2},
            {'key_mgmt': 'WPA-EAP-SHA256', 'eap': 'PEAP', 'identity': '"user"',
             'password': '"secret"', 'ca_cert': f'"{cert}"', 'phase2': '"auth=MSCHAPV2"',
             'ieee80211w': 2})
        self.assertEqual(station.status()['EAP state'], 'SUCCESS')
        station.ping('10.9.0.1', count=3)
        # The next association goes by the PMKSA cache, without EAP.
        station.wpa_cli('disconnect')
        supplicant.skip_to_now()
        station.wpa_cli('reconnect')
        connected(supplicant)
        station.ping('10.9.0.1', count=3)
        self.assertEqual(supplicant.output().count('CTRL-EVENT-EAP-SUCCESS'), 1)

    def test_192_bit(self):
        lab = self.start_lab()
        key, cert = self.make_certificates(lab, '-newkey', 'ec', '-pkeyopt',
                                           'ec_paramgen_curve:secp384r1', '-sha384')
        _, station, _, _ = start_pair(
            lab,
            {'wpa': 2, 'wpa_key_mgmt': 'WPA-EAP-SUITE-B-192', 'rsn_pairwise': 'GCMP-256',
             'group_cipher': 'GCMP-256', 'group_mgmt_cipher': 'BIP-GMAC-256', 'ieee8021x': 1,
             'eap_server': 1, 'eap_user_file': self.eap_users(lab), 'ca_cert': cert,
             'server_cert': cert, 'private_key': key, 'ieee80211w': 2, 'beacon_prot': 1,
             'openssl_ciphers': 'SUITEB192'},
            {'key_mgmt': 'WPA-EAP-SUITE-B-192', 'pairwise': 'GCMP-256', 'group': 'GCMP-256',
             'group_mgmt': 'BIP-GMAC-256', 'eap': 'TLS', 'identity': '"client"',
             'ca_cert': f'"{cert}"', 'client_cert': f'"{cert}"', 'private_key': f'"{key}"',
             'openssl_ciphers': '"SUITEB192"', 'ieee80211w': 2, 'beacon_prot': 1})
        status = station.status()
        self.assertEqual(status['pairwise_cipher'], 'GCMP-256')
        self.assertEqual(status['mgmt_group_cipher'], 'BIP-GMAC-256')
        station.ping('10.9.0.1', count=3)

    def test_ocv(self):
        for ap, station in ((1, 1), (1, 0), (0, 1)):
            with self.subTest(ap=ap, station=station):
                lab = self.start_lab()
                capture = Capture(lab)
                _, sta, _, _ = start_pair(lab, {**WPA3_AP, 'ocv': ap},
                                          {**WPA3_STATION, 'ocv': station})
                sta.ping('10.9.0.1', count=3)
                # Bit 14 of the RSN capabilities: each says what it wants, whatever the other does.
                said = {kind: {bool(int(capabilities, 0) & 0x4000) for (capabilities,) in frames(
                    air, ['wlan.rsn.capabilities'], f'wlan.fc.type_subtype == {kind}')}
                    for air in [capture.end()] for kind in (0, 8)}
                self.assertEqual(said, {0: {bool(station)}, 8: {bool(ap)}})

    def test_the_methods_of_sae(self):
        for method in (0, 1):
            with self.subTest(sae_pwe=method):
                lab = self.start_lab()
                capture = Capture(lab)
                _, sta, _, _ = start_pair(lab, {**WPA3_AP, 'sae_pwe': method},
                                          {**WPA3_STATION, 'sae_pwe': method})
                sta.ping('10.9.0.1', count=3)
                self.assertEqual(sta.status()['sae_h2e'], str(method))
                # A commit by hash-to-element has status 126.
                commits = frames(capture.end(), ['wlan.fixed.status_code'],
                                 'wlan.fixed.auth_seq == 1 && wlan.fixed.auth.alg == 3')
                self.assertEqual({int(status, 0) for (status,) in commits}, {126 * method})

    def test_pmksa_caching_of_sae(self):
        lab = self.start_lab()
        capture = Capture(lab)
        ap, station, _, supplicant = start_pair(lab, WPA3_AP, WPA3_STATION)
        self.assertIn(ap.address(), station.wpa_cli('pmksa'))
        station.wpa_cli('disconnect')
        supplicant.skip_to_now()
        station.wpa_cli('reconnect')
        connected(supplicant)
        station.ping('10.9.0.1', count=3)
        algorithms = frames(capture.end(), ['wlan.fixed.auth.alg'], 'wlan.fc.type_subtype == 11')
        # SAE once; then the cached key, for which an open authentication does.
        self.assertEqual(algorithms, [('3',)] * 4 + [('0',)] * 2)

    def ping_across_rekeys(self, side, ap, station):
        """Pings across two pairwise rekeys that this side begins.

        Returns the hosts, the supplicant and how many echoes were lost.
        """
        rekeys = {'wpa_ptk_rekey': 2}
        ap_host, station_host, hostapd, supplicant = start_pair(
            self.start_lab(), {**ap, **(rekeys if side == 'ap' else {})},
            {**station, **(rekeys if side == 'station' else {})})
        ping = station_host.start(['ping', '-i', '0.2', '10.9.0.1'])
        for _ in range(2):
            supplicant.wait_for_line('WPA: Key negotiation completed')
        ping.stop(signal.SIGINT)
        sent, received = re.search(r'(\d+) packets transmitted, (\d+) received',
                                   ping.output()).groups()
        station_host.ping('10.9.0.1', count=3)
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())
        self.assertEqual(hostapd.output().count('AP-STA-CONNECTED'), 1)
        return ap_host, station_host, supplicant, int(sent) - int(received)

    def test_pairwise_rekeys(self):
        for side in ('ap', 'station'):
            with self.subTest(side=side):
                self.ping_across_rekeys(side, WPA2_AP, WPA2_STATION)

    def test_pairwise_rekeys_of_sae_with_pmf(self):
        for side in ('ap', 'station'):
            with self.subTest(side=side):
                ap, station, supplicant, lost = self.ping_across_rekeys(
                    side, WPA3_AP, WPA3_STATION)
                # What is on its way while one side has the new key alone may get lost.
                self.assertLessEqual(lost, 2)
                # The new key protects management frames, too: the station believes this one.
                ap.hostapd_cli('deauthenticate', station.address())
                supplicant.wait_for_line(
                    r'CTRL-EVENT-DISCONNECTED .*reason=2\b(?!.*locally_generated)')


if __name__ == '__main__':
    unittest.main()
