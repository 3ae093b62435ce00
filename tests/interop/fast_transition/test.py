"""FT over the air between access points of one mobility domain: with a PSK, and with SAE, PMF and
beacon protection."""

import unittest

from air_capture import Capture, frames
from airloom_testing import PASSPHRASE, WPA3_AP, WPA3_STATION, Scenario, connected, wait_until

SAE_AP = {**WPA3_AP, 'wpa_key_mgmt': 'FT-SAE', 'mobility_domain': 'a1b2', 'ft_over_ds': 0}
SAE_STATION = {**WPA3_STATION, 'key_mgmt': 'FT-SAE'}
KEY_HOLDERS = '0f' * 32  # the secret of the access points of a mobility domain


class FastTransitionTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'wpa_cli', 'ping', 'tshark')

    def test_psk(self):
        self.lab = lab = self.start_lab()
        aps = [lab.host('one'), lab.host('two')]
        for number, ap in enumerate(aps):
            ap.hostapd(wpa=2, wpa_key_mgmt='FT-PSK', rsn_pairwise='CCMP',
                       wpa_passphrase=PASSPHRASE, ieee80211w=1, mobility_domain='a1b2',
                       nas_identifier=f'{ap.name}.example', ft_psk_generate_local=1,
                       ft_over_ds=0)
            ap.set_ip(f'10.9.{number}.1/24')
        self.addresses = [ap.address() for ap in aps]
        self.join(key_mgmt='FT-PSK', psk=f'"{PASSPHRASE}"', ieee80211w=1)
        for _ in range(4):
            self.roam('FT-PSK')
        self.assertEqual(self.algorithms(), [('0',)] * 2 + [('2',)] * 8)  # open once, then FT

    def join(self, **network):
        """A station joins one of the two access points, and hears of the other."""
        self.capture = Capture(self.lab)
        self.sta = self.lab.host('sta')
        self.supplicant = connected(self.sta.wpa_supplicant(**network))
        for number in range(2):
            self.sta.set_ip(f'10.9.{number}.2/24')
        wait_until(self.hears_both, 'the station hears both access points')

    def hears_both(self):
        self.sta.wpa_cli('scan', 'freq=2412')
        heard = self.sta.wpa_cli('scan_results')
        return all(address in heard for address in self.addresses)

    def roam(self, akm):
        """To the other access point, whose number this returns."""
        there = 1 - self.addresses.index(self.sta.status()['bssid'])
        self.supplicant.skip_to_now()
        self.assertEqual(self.sta.wpa_cli('roam', self.addresses[there]).strip(), 'OK')
        connected(self.supplicant)
        status = self.sta.status()
        self.assertEqual((status['bssid'], status['key_mgmt']), (self.addresses[there], akm))
        self.sta.ping(f'10.9.{there}.1', count=3)
        return there

    def algorithms(self):
        """Of each authentication frame since the beginning."""
        return frames(self.capture.end(), ['wlan.fixed.auth.alg'], 'wlan.fc.type_subtype == 11')

    def start_sae(self, **more):
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
                **SAE_AP, 'interface': interface, 'ctrl_interface': lab.control('aps'),
                'nas_identifier': f'{interface}.example',
                'r0kh': f'{other} {interfaces[1 - number]}.example {KEY_HOLDERS}',
                'r1kh': f'{other} {other} {KEY_HOLDERS}', **more}))
        hostapd = self.aps.start(['hostapd', *configs])
        for number, interface in enumerate(interfaces):
            hostapd.wait_for_line('AP-ENABLED')
            self.aps.set_ip(f'10.9.{number}.1/24', interface)
        self.join(**SAE_STATION, **more)

    def command(self, number, *words):
        """Of hostapd_cli to one of the access points in one hostapd."""
        self.aps.run(['hostapd_cli', '-p', self.lab.control('aps'), '-i', f'wlan{number}', *words])

    def test_sae_with_pmf(self):
        self.start_sae()
        for _ in range(3):
            there = self.roam('FT-SAE')
        self.assertEqual(self.sta.status()['pmf'], '2')
        self.assertEqual(self.algorithms(), [('3',)] * 4 + [('2',)] * 6)  # SAE once, then FT
        # By the IGTK of the FTE the station believes what is said to all.
        self.supplicant.skip_to_now()
        self.command(there, 'deauthenticate', 'ff:ff:ff:ff:ff:ff')
        self.supplicant.wait_for_line(
            r'CTRL-EVENT-DISCONNECTED .*reason=2\b(?!.*locally_generated)')

    def test_beacon_protection(self):
        self.start_sae(beacon_prot=1)
        there = self.roam('FT-SAE')
        # hostapd 2.10 wraps the IGTK where the FTE has the BIGTK: no beacon verifies by that.
        self.supplicant.wait_for_line(f'CTRL-EVENT-UNPROT-BEACON {self.addresses[there]}')
        air = self.capture.end()
        ((kinds, igtk, unknown),) = frames(
            air, ['wlan.ft.subelem.id', 'wlan.ft.subelem.igtk.key', 'wlan.ft.subelem.data'],
            'wlan.fc.type_subtype == 3 && wlan.fc.retry == 0')
        self.assertEqual(kinds, '1,3,2,4,6')  # of R1KH and R0KH, GTK, IGTK, BIGTK
        self.assertTrue(unknown.endswith(igtk), (igtk, unknown))
        bad = 'sta/phy0 dropped it: rx-bad-mic'
        said = self.beacons(air, there)
        self.assertTrue([comment for comment in said if bad in comment], said)
        # The group key handshake brings the true one.
        with self.sta.wpa_events() as events:
            self.command(there, 'raw', 'REKEY_GTK')
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


if __name__ == '__main__':
    unittest.main()
