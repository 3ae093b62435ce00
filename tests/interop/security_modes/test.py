"""What hostapd and wpa_supplicant can agree on beyond a PSK: OWE, transition modes, EAP with
hostapd's own server, 192-bit security, FT over the air, OCV, PMKSA caching and pairwise rekeys."""

import re
import signal
import unittest

from air_capture import Capture, frames
from airloom_testing import (PASSPHRASE, WPA2_AP, WPA2_STATION, Scenario, connected,
                             start_pair, wait_until)

SAE_AP = {'wpa': 2, 'wpa_key_mgmt': 'SAE', 'rsn_pairwise': 'CCMP', 'sae_password': PASSPHRASE,
          'ieee80211w': 2}
SAE_STATION = {'key_mgmt': 'SAE', 'sae_password': f'"{PASSPHRASE}"', 'ieee80211w': 2}

KEY_HOLDERS = '0f' * 32  # the secret of the access points of a mobility domain

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

    def test_ft_over_the_air(self):
        lab = self.start_lab()
        aps = [lab.host('one'), lab.host('two')]
        for ap in aps:
            ap.hostapd(wpa=2, wpa_key_mgmt='FT-PSK', rsn_pairwise='CCMP',
                       wpa_passphrase=PASSPHRASE, ieee80211w=1, mobility_domain='a1b2',
                       nas_identifier=f'{ap.name}.example', ft_psk_generate_local=1,
                       ft_over_ds=0)
            ap.set_ip(f'10.9.0.{11 + aps.index(ap)}/24')
        capture = Capture(lab)
        station = lab.host('sta')
        supplicant = connected(station.wpa_supplicant(
            key_mgmt='FT-PSK', psk=f'"{PASSPHRASE}"', ieee80211w=1))
        station.set_ip('10.9.0.2/24')
        addresses = [ap.address() for ap in aps]
        for _ in range(4):
            there = 1 - addresses.index(station.status()['bssid'])
            supplicant.skip_to_now()
            self.assertEqual(station.wpa_cli('roam', addresses[there]).strip(), 'OK')
            connected(supplicant)
            self.assertEqual(station.status()['bssid'], addresses[there])
            self.assertEqual(station.status()['key_mgmt'], 'FT-PSK')
            station.ping(f'10.9.0.{11 + there}', count=3)
        algorithms = frames(capture.end(), ['wlan.fixed.auth.alg'], 'wlan.fc.type_subtype == 11')
        self.assertEqual(algorithms, [('0',)] * 2 + [('2',)] * 8)  # open once, then FT

    def start_ft_sae(self, **more):
        """Two access points of a mobility domain in one hostapd, which hand keys over; a station.

        `more` are options of both ends. self.addresses are theirs; each has its own subnet.
        """
        self.lab = lab = self.start_lab()
        lab.up('[host.aps]\nradios = 2\n')
        self.aps, interfaces = lab.host('aps'), ('wlan0', 'wlan1')
        self.addresses = [self.aps.address(interface) for interface in interfaces]
        configs = []
        for number, interface in enumerate(interfaces):
            other = self.addresses[1 - number]
            configs.append(lab.write_hostapd_config(interface, **{
                **SAE_AP, 'wpa_key_mgmt': 'FT-SAE', 'interface': interface,
                'ctrl_interface': lab.control('aps'), 'mobility_domain': 'a1b2',
                'nas_identifier': f'{interface}.example', 'ft_over_ds': 0,
                'r0kh': f'{other} {interfaces[1 - number]}.example {KEY_HOLDERS}',
                'r1kh': f'{other} {other} {KEY_HOLDERS}', **more}))
        hostapd = self.aps.start(['hostapd', *configs])
        for number, interface in enumerate(interfaces):
            hostapd.wait_for_line('AP-ENABLED')
            self.aps.set_ip(f'10.9.{number}.1/24', interface)
        self.capture = Capture(lab)
        self.sta = lab.host('sta')
        self.supplicant = connected(self.sta.wpa_supplicant(
            **{**SAE_STATION, 'key_mgmt': 'FT-SAE', **more}))
        for number in range(2):
            self.sta.set_ip(f'10.9.{number}.2/24')
        wait_until(self.hears_both, 'the station hears both access points')

    def hears_both(self):
        self.sta.wpa_cli('scan', 'freq=2412')
        heard = self.sta.wpa_cli('scan_results')
        return all(address in heard for address in self.addresses)

    def roam(self):
        """To the other access point, whose number this returns."""
        there = 1 - self.addresses.index(self.sta.status()['bssid'])
        self.supplicant.skip_to_now()
        self.assertEqual(self.sta.wpa_cli('roam', self.addresses[there]).strip(), 'OK')
        connected(self.supplicant)
        status = self.sta.status()
        self.assertEqual((status['bssid'], status['key_mgmt'], status['pmf']),
                         (self.addresses[there], 'FT-SAE', '2'))
        self.sta.ping(f'10.9.{there}.1', count=3)
        return there

    def test_ft_over_the_air_with_sae_and_pmf(self):
        self.start_ft_sae()
        for _ in range(3):
            self.roam()
        algorithms = frames(self.capture.end(), ['wlan.fixed.auth.alg'],
                            'wlan.fc.type_subtype == 11')
        self.assertEqual(algorithms, [('3',)] * 4 + [('2',)] * 6)  # SAE once, then FT
        # The IGTK of the FTE: the station believes what is said to all.
        self.supplicant.skip_to_now()
        there = self.addresses.index(self.sta.status()['bssid'])
        self.aps.run(['hostapd_cli', '-p', self.lab.control('aps'), '-i', f'wlan{there}',
                      'deauthenticate', 'ff:ff:ff:ff:ff:ff'])
        self.supplicant.wait_for_line(
            r'CTRL-EVENT-DISCONNECTED .*reason=2\b(?!.*locally_generated)')

    def test_ft_with_beacon_protection(self):
        self.start_ft_sae(beacon_prot=1)
        there = self.roam()
        # hostapd 2.10 wraps the IGTK where the FTE has the BIGTK: no beacon verifies by that.
        self.supplicant.wait_for_line(f'CTRL-EVENT-UNPROT-BEACON {self.addresses[there]}')
        air = self.capture.end()
        ((kinds, igtk, unknown),) = frames(
            air, ['wlan.ft.subelem.id', 'wlan.ft.subelem.igtk.key', 'wlan.ft.subelem.data'],
            'wlan.fc.type_subtype == 3')
        self.assertEqual(kinds, '1,3,2,4,6')  # of R1KH and R0KH, GTK, IGTK, BIGTK
        self.assertTrue(unknown.endswith(igtk), (igtk, unknown))
        bad = 'sta/phy0 dropped it: rx-bad-mic'
        said = self.beacons(air, there)
        self.assertTrue([comment for comment in said if bad in comment], said)
        # The group key handshake brings the true one.
        with self.sta.wpa_events() as events:
            self.aps.run(['hostapd_cli', '-p', self.lab.control('aps'), '-i', f'wlan{there}',
                          'raw', 'REKEY_GTK'])
            events.wait_for('Group rekeying completed')
        capture = Capture(self.lab)
        self.sta.ping(f'10.9.{there}.1', count=5)
        said = self.beacons(capture.end(), there)
        self.assertTrue(said)
        self.assertFalse([comment for comment in said if bad in comment], said)

    def beacons(self, air, number):
        """What the capture says of the protected beacons of an access point."""
        return [comment for (comment,) in frames(
            air, ['frame.comment'], 'wlan.fc.type_subtype == 8 && wlan.mmie.keyid >= 6 && '
            f'wlan.ta == {self.addresses[number]}')]

    def test_ocv(self):
        for ap, station in ((1, 1), (1, 0), (0, 1)):
            with self.subTest(ap=ap, station=station):
                lab = self.start_lab()
                capture = Capture(lab)
                _, sta, _, _ = start_pair(lab, {**SAE_AP, 'ocv': ap},
                                          {**SAE_STATION, 'ocv': station})
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
                _, sta, _, _ = start_pair(lab, {**SAE_AP, 'sae_pwe': method},
                                          {**SAE_STATION, 'sae_pwe': method})
                sta.ping('10.9.0.1', count=3)
                self.assertEqual(sta.status()['sae_h2e'], str(method))
                # A commit by hash-to-element has status 126.
                commits = frames(capture.end(), ['wlan.fixed.status_code'],
                                 'wlan.fixed.auth_seq == 1 && wlan.fixed.auth.alg == 3')
                self.assertEqual({int(status, 0) for (status,) in commits}, {126 * method})

    def test_pmksa_caching_of_sae(self):
        lab = self.start_lab()
        capture = Capture(lab)
        ap, station, _, supplicant = start_pair(lab, SAE_AP, SAE_STATION)
        self.assertIn(ap.address(), station.wpa_cli('pmksa'))
        station.wpa_cli('disconnect')
        supplicant.skip_to_now()
        station.wpa_cli('reconnect')
        connected(supplicant)
        station.ping('10.9.0.1', count=3)
        algorithms = frames(capture.end(), ['wlan.fixed.auth.alg'], 'wlan.fc.type_subtype == 11')
        # SAE once; then the cached key, for which an open authentication does.
        self.assertEqual(algorithms, [('3',)] * 4 + [('0',)] * 2)

    def test_pairwise_rekeys(self):
        for side in ('ap', 'station'):
            with self.subTest(side=side):
                lab = self.start_lab()
                rekeys = {'wpa_ptk_rekey': 2}
                _, station, hostapd, supplicant = start_pair(
                    lab, {**WPA2_AP, **(rekeys if side == 'ap' else {})},
                    {**WPA2_STATION, **(rekeys if side == 'station' else {})})
                ping = station.start(['ping', '-i', '0.2', '10.9.0.1'])
                for _ in range(2):
                    supplicant.wait_for_line('WPA: Key negotiation completed')
                ping.stop(signal.SIGINT)
                station.ping('10.9.0.1', count=3)
                self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())
                self.assertEqual(hostapd.output().count('AP-STA-CONNECTED'), 1)

    def test_pairwise_rekeys_of_sae_with_pmf(self):
        for side in ('ap', 'station'):
            with self.subTest(side=side):
                lab = self.start_lab()
                rekeys = {'wpa_ptk_rekey': 2}
                ap, station, hostapd, supplicant = start_pair(
                    lab, {**SAE_AP, **(rekeys if side == 'ap' else {})},
                    {**SAE_STATION, **(rekeys if side == 'station' else {})})
                ping = station.start(['ping', '-i', '0.2', '10.9.0.1'])
                for _ in range(2):
                    supplicant.wait_for_line('WPA: Key negotiation completed')
                ping.stop(signal.SIGINT)
                sent, received = re.search(r'(\d+) packets transmitted, (\d+) received',
                                           ping.output()).groups()
                # What is on its way while one side has the new key alone may get lost.
                self.assertLessEqual(int(sent) - int(received), 2)
                station.ping('10.9.0.1', count=3)
                self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())
                self.assertEqual(hostapd.output().count('AP-STA-CONNECTED'), 1)
                # The new key protects management frames, too: the station believes this one.
                ap.hostapd_cli('deauthenticate', station.address())
                supplicant.wait_for_line(
                    r'CTRL-EVENT-DISCONNECTED .*reason=2\b(?!.*locally_generated)')


if __name__ == '__main__':
    unittest.main()
