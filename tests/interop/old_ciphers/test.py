"""Peers that know nothing better: WEP, WPA with TKIP, and WPA and WPA2 mixed."""

import pathlib
import unittest

from air_capture import Capture, frames
from airloom_testing import PASSPHRASE, Scenario, connected, start_pair

WEP_AP = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent / 'wep_ap.py']
INJECT = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent / 'inject.py']
TKIP_AP = {'wpa': 1, 'wpa_pairwise': 'TKIP', 'ieee80211n': 0}
TKIP_STATION = {'proto': 'WPA', 'pairwise': 'TKIP', 'group': 'TKIP'}

STATION = {'key_mgmt': 'WPA-PSK', 'psk': f'"{PASSPHRASE}"'}


class OldCiphersTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'iw', 'ip', 'ping', 'tshark')

    def join(self, access_point, station):
        return start_pair(self.lab or self.start_lab(),
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
        capture = Capture(self.start_lab())
        ap, station, _, _ = self.join(TKIP_AP, TKIP_STATION)
        self.session(ap, station, 'TKIP', 'TKIP')
        # tshark judges: with IV, extended IV, Michael MIC or ICV elsewhere it would not decrypt.
        air = capture.end()
        echoes = frames(air, ['icmp.type', 'wlan.fc.protected', 'icmp.checksum.status'], 'icmp')
        self.assertEqual(sorted(echoes), [('0', '1', '1')] * 13 + [('8', '1', '1')] * 13)
        for host in (ap, station):
            counters = [int(number, 16) for (number,) in frames(
                air, ['wlan.tkip.extiv'], f'icmp && wlan.ta == {host.address()}')]
            self.assertEqual(counters, sorted(set(counters)))  # never one twice
        to_all = frames(air, ['wlan.ta', 'wlan.wep.key'], 'arp && wlan.ra == ff:ff:ff:ff:ff:ff')
        self.assertIn((ap.address(), '1'), to_all)  # by the group key
    def test_wpa_and_wpa2_mixed(self):
        ap, station, _, _ = self.join({'wpa': 3, 'wpa_pairwise': 'TKIP', 'rsn_pairwise': 'CCMP'},
                                      {'proto': 'RSN', 'pairwise': 'CCMP', 'group': 'TKIP'})
        self.session(ap, station, 'CCMP', 'TKIP')
        old = self.lab.host('old')
        connected(old.wpa_supplicant(**STATION, **TKIP_STATION))
        old.set_ip('10.9.0.3/24')
        self.session(ap, old, 'TKIP', 'TKIP')
        old.ping('10.9.0.2', count=3)  # from one cipher to the other

    def wep(self, key, algorithm, *connect):
        """iw joins an access point with WEP."""
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        for host, address in ((ap, '10.9.0.1/24'), (station, '10.9.0.2/24')):
            host.set_ip(address)
            if host is ap:
                host.run(['iw', 'dev', 'wlan0', 'set', 'type', '__ap'])
            host.run(['ip', 'link', 'set', 'wlan0', 'up'])
        program = ap.start([*WEP_AP, 'wlan0', 'old', key, algorithm])
        program.wait_for_line('serving')
        capture = Capture(lab)
        events = station.iw_events()
        station.run(['iw', 'dev', 'wlan0', 'connect', 'old', '2412', *connect])
        events.wait_for_line('connected to')
        program.wait_for_line('admitted')
        station.ping('10.9.0.1', count=3)
        ap.ping('10.9.0.2', count=3)
        air = capture.end()
        echoes = frames(air, ['icmp.type', 'wlan.wep.key'], 'icmp', key=('wep', key.encode().hex()))
        self.assertEqual(len(echoes), 12, echoes)
        self.assertEqual({index for _, index in echoes}, {'1'})
        algorithms = frames(air, ['wlan.fixed.auth.alg', 'wlan.fc.protected'],
                            'wlan.fc.type_subtype == 11')
        return algorithms

    def test_wep_40_with_open_system_authentication(self):
        algorithms = self.wep('abcde', 'open', 'key', 'd:1:abcde')
        self.assertEqual(algorithms, [('0', '0'), ('0', '0')])

    def test_wep_104_with_shared_key_authentication(self):
        algorithms = self.wep('abcdefghijklm', 'shared', 'auth', 'shared', 'key',
                              'd:1:abcdefghijklm')
        self.assertEqual(algorithms, [('1', '0'), ('1', '0'), ('', '1'), ('1', '0')])

    def attacker(self):
        host = self.lab.host('attacker')
        for command in ('iw dev wlan0 set type monitor', 'ip link set wlan0 up',
                        'iw dev wlan0 set freq 2412'):
            host.run(command.split())
        return host

    def michael(self, attacker, source, events, to):
        """Has the attacker repeat one frame of `source` at another priority: its receiver hears of
        a wrong Michael MIC, by the sender's address."""
        inject = attacker.start([*INJECT, 'wlan0', source.address(), 1])
        inject.wait_for_line('listening')
        source.run(['ping', '-c', 1, '-W', 5, to])
        inject.wait_for_line('sent')
        events.wait_for_line(f'Michael MIC failure event: source MAC address {source.address()} '
                             'Key Type Pairwise Key Id 0')

    def test_tkip_countermeasures_of_the_access_point(self):
        ap, station, hostapd, supplicant = self.join(TKIP_AP, TKIP_STATION)
        attacker, events = self.attacker(), ap.iw_events()
        self.michael(attacker, station, events, '10.9.0.1')
        hostapd.wait_for_line('Michael MIC failure detected')
        station.ping('10.9.0.1', count=2)  # the first ends nothing
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())
        self.michael(attacker, station, events, '10.9.0.1')
        hostapd.wait_for_line('TKIP countermeasures initiated')
        supplicant.wait_for_line(r'CTRL-EVENT-DISCONNECTED .*reason=14\b')

    def test_tkip_countermeasures_of_the_station(self):
        ap, station, hostapd, supplicant = self.join(TKIP_AP, TKIP_STATION)
        attacker, events = self.attacker(), station.iw_events()
        self.michael(attacker, ap, events, '10.9.0.2')
        hostapd.wait_for_line(f'STA {station.address()} .*STA detected Michael MIC failure')
        hostapd.wait_for_line('group key handshake completed')  # the station asked for new keys
        ap.ping('10.9.0.2', count=2)
        self.michael(attacker, ap, events, '10.9.0.2')
        supplicant.wait_for_line('TKIP countermeasures started')
        hostapd.wait_for_line('TKIP countermeasures initiated')
        supplicant.wait_for_line(r'CTRL-EVENT-DISCONNECTED .*reason=14\b')


if __name__ == '__main__':
    unittest.main()
