"""WPA3-SAE with PMF and beacon protection over every pairwise cipher and all four of BIP; and with
a PSK, by which tshark reads what was on the air."""

import unittest

from air_capture import Capture, frames
from airloom_testing import PASSPHRASE, WPA3_AP, WPA3_STATION, Scenario, connected, start_pair

# hostapd's words: (pairwise, group management)
SUITES = [('CCMP', 'AES-128-CMAC'), ('GCMP', 'BIP-GMAC-128'),
          ('CCMP-256', 'BIP-CMAC-256'), ('GCMP-256', 'BIP-GMAC-256')]
STATUS = {'AES-128-CMAC': 'BIP'}  # where wpa_cli has another word


class PmfCiphersTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping', 'tshark')

    def join(self, pairwise, group_management):
        return start_pair(
            self.start_lab(),
            {**WPA3_AP, 'rsn_pairwise': pairwise, 'group_mgmt_cipher': group_management,
             'beacon_prot': 1},
            {**WPA3_STATION, 'pairwise': pairwise, 'group': pairwise,
             'group_mgmt': group_management, 'beacon_prot': 1})

    def session(self, pairwise, group_management):
        ap, station, hostapd, supplicant = self.join(pairwise, group_management)
        hostapd.wait_for_line('AP-STA-CONNECTED')
        status = station.status()
        self.assertEqual(status['pairwise_cipher'], pairwise)
        self.assertEqual(status['mgmt_group_cipher'],
                         STATUS.get(group_management, group_management))
        station.ping('10.9.0.1', count=3)
        with station.wpa_events() as events:
            ap.hostapd_cli('raw', 'REKEY_GTK')
            events.wait_for('Group rekeying completed')
        station.ping('10.9.0.1', count=3)
        # To everybody: only its Management MIC element makes the station believe it.
        supplicant.skip_to_now()
        ap.hostapd_cli('deauthenticate', 'ff:ff:ff:ff:ff:ff')
        supplicant.wait_for_line(r'CTRL-EVENT-DISCONNECTED .*reason=2\b(?!.*locally_generated)')
        connected(supplicant)
        station.ping('10.9.0.1', count=3)
        self.assertNotIn('CTRL-EVENT-UNPROT-BEACON', supplicant.output())

    def check_with_tshark(self, pairwise, group_management):
        """Protected beacons end in an MME, packet numbers rise, and tshark decrypts the data."""
        lab = self.start_lab()
        capture = Capture(lab)
        _, station, _, _ = start_pair(
            lab,
            {'wpa': 2, 'wpa_key_mgmt': 'WPA-PSK-SHA256', 'wpa_passphrase': PASSPHRASE,
             'rsn_pairwise': pairwise, 'group_mgmt_cipher': group_management, 'ieee80211w': 2,
             'beacon_prot': 1},
            {'key_mgmt': 'WPA-PSK-SHA256', 'psk': f'"{PASSPHRASE}"', 'pairwise': pairwise,
             'group': pairwise, 'group_mgmt': group_management, 'ieee80211w': 2, 'beacon_prot': 1})
        station.ping('10.9.0.1', count=5)
        air = capture.end()
        beacons = frames(air, ['wlan.mmie.ipn', 'wlan.tag.number', 'wlan.tag.length'],
                         'wlan.fc.type_subtype == 8 && wlan.mmie.keyid == 6')
        size = 16 if group_management == 'AES-128-CMAC' else 24
        self.assertEqual({(tags.split(',')[-1], lengths.split(',')[-1])
                          for _, tags, lengths in beacons}, {('76', str(size))})
        numbers = [int.from_bytes(bytes.fromhex(number), 'little') for number, _, _ in beacons]
        # One after the other, but once from 1 again: hostapd makes new keys for its first station.
        begins = [at for at, number in enumerate(numbers) if number == 1]
        self.assertLessEqual(len(begins), 2)
        self.assertEqual([at for at in range(1, len(numbers))
                          if numbers[at] != numbers[at - 1] + 1], begins[1:])
        echoes = frames(air, ['icmp.type'], 'icmp && wlan.fc.protected == 1')
        self.assertEqual(sorted(echoes), [('0',)] * 5 + [('8',)] * 5)

    def test_ccmp_with_cmac_128(self):
        self.session(*SUITES[0])

    def test_ccmp_with_cmac_128_by_tshark(self):
        self.check_with_tshark(*SUITES[0])

    def test_gcmp_with_gmac_128(self):
        self.session(*SUITES[1])

    def test_gcmp_with_gmac_128_by_tshark(self):
        self.check_with_tshark(*SUITES[1])

    def test_ccmp_256_with_cmac_256(self):
        self.session(*SUITES[2])

    def test_ccmp_256_with_cmac_256_by_tshark(self):
        self.check_with_tshark(*SUITES[2])

    def test_gcmp_256_with_gmac_256(self):
        self.session(*SUITES[3])

    def test_gcmp_256_with_gmac_256_by_tshark(self):
        self.check_with_tshark(*SUITES[3])


if __name__ == '__main__':
    unittest.main()
