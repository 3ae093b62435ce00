"""Several BSSs of one hostapd on one radio."""

import unittest

from air_capture import Capture, frames
from airloom_testing import PASSPHRASE, WPA2_AP, WPA2_STATION, Scenario, connected

CONFIG = '''interface=wlan0
driver=nl80211
ctrl_interface={control}
ssid=first
hw_mode=g
channel=1
ieee80211n=1
wmm_enabled=1
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase={passphrase}

bss=wlan0_1
bssid={bssid}
ssid=second
wmm_enabled=1
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase=another-passphrase
'''

PROTECTED = CONFIG.replace('WPA-PSK\n', 'WPA-PSK-SHA256\nieee80211w=2\nbeacon_prot=1\n')
PROTECTED_STATION = {'key_mgmt': 'WPA-PSK-SHA256', 'ieee80211w': 2, 'beacon_prot': 1}


class MultiBssTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'iw', 'ip', 'ping', 'tshark')

    def test_each_bss_has_its_stations_and_both_move_together(self):
        lab = self.start_lab()
        ap, one, two = lab.host('ap'), lab.host('one'), lab.host('two')
        own = ap.address()
        bssid = '02' + own[2:-2] + 'f1'
        config = lab.write('hostapd.conf', CONFIG.format(
            control=lab.control('ap'), passphrase=PASSPHRASE, bssid=bssid))
        hostapd = ap.start(['hostapd', config])
        hostapd.wait_for_line('wlan0: AP-ENABLED')
        ap.set_ip('10.9.0.1/24')
        ap.set_ip('10.9.1.1/24', 'wlan0_1')
        first = connected(one.wpa_supplicant(ssid='"first"', **WPA2_STATION))
        one.set_ip('10.9.0.2/24')
        second = connected(two.wpa_supplicant(
            ssid='"second"', key_mgmt='WPA-PSK', psk='"another-passphrase"'))
        two.set_ip('10.9.1.2/24')
        self.assertEqual(one.status()['bssid'], own)
        self.assertEqual(two.status()['bssid'], bssid)
        one.ping('10.9.0.1')
        two.ping('10.9.1.1')
        for interface, station in (('wlan0', one), ('wlan0_1', two)):
            dump = ap.run(['iw', 'dev', interface, 'station', 'dump'])
            self.assertEqual(dump.count('Station '), 1)
            self.assertIn(station.address(), dump)
        self.assertIn('OK', ap.hostapd_cli('chan_switch', '5', '2437', 'ht'))
        for program in (first, second):
            program.wait_for_line('CTRL-EVENT-CHANNEL-SWITCH freq=2437')
        one.ping('10.9.0.1')
        two.ping('10.9.1.1')

    def test_each_bss_protects_its_beacons_through_a_channel_switch(self):
        lab = self.start_lab()
        ap = lab.host('ap')
        bssids = [ap.address(), '02' + ap.address()[2:-2] + 'f1']
        config = lab.write('hostapd.conf', PROTECTED.format(
            control=lab.control('ap'), passphrase=PASSPHRASE, bssid=bssids[1]))
        ap.start(['hostapd', config]).wait_for_line('wlan0: AP-ENABLED')
        programs, hosts = [], []
        for number, (name, passphrase, interface) in enumerate((
                ('first', PASSPHRASE, 'wlan0'), ('second', 'another-passphrase', 'wlan0_1'))):
            ap.set_ip(f'10.9.{number}.1/24', interface)
            hosts.append(lab.host(name))
            programs.append(connected(hosts[-1].wpa_supplicant(
                ssid=f'"{name}"', psk=f'"{passphrase}"', **PROTECTED_STATION)))
            hosts[-1].set_ip(f'10.9.{number}.2/24')
        capture = Capture(lab)
        for number, host in enumerate(hosts):
            host.ping(f'10.9.{number}.1', count=3)
        self.assertIn('OK', ap.hostapd_cli('chan_switch', '5', '2437', 'ht'))
        for program in programs:
            program.wait_for_line('CTRL-EVENT-CHANNEL-SWITCH freq=2437')
        for number, host in enumerate(hosts):
            host.ping(f'10.9.{number}.1', count=3)
            self.assertNotIn('CTRL-EVENT-UNPROT-BEACON', programs[number].output())
            self.assertNotIn('CTRL-EVENT-DISCONNECTED', programs[number].output())
        air = capture.end()
        for bssid in bssids:
            beacons = frames(air, ['radiotap.channel.freq', 'wlan.mmie.ipn', 'wlan.tag.number'],
                             f'wlan.fc.type_subtype == 8 && wlan.ta == {bssid}')
            self.assertEqual({mhz for mhz, _, _ in beacons}, {'2412', '2437'})
            # The announcement is protected, too, and its numbers go on where the others end.
            tags = [tags.split(',') for _, _, tags in beacons]
            self.assertTrue([numbers for numbers in tags if '37' in numbers])
            self.assertEqual({numbers[-1] for numbers in tags}, {'76'})
            ipns = [int.from_bytes(bytes.fromhex(ipn), 'little') for _, ipn, _ in beacons]
            self.assertEqual(ipns, list(range(ipns[0], ipns[0] + len(ipns))))

    def test_a_beacon_may_tell_of_another_bss(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('one')
        # A Multiple BSSID element for two BSSIDs. hostapd 2.10 makes none, but sends what is given.
        profile = (bytes([83, 2, 0x21, 0x04])  # capability: ESS, short preamble and slot
                   + bytes([0, 6]) + b'second' + bytes([85, 1, 1]))
        body = bytes([1, 0, len(profile)]) + profile
        element = bytes([71, len(body)]) + body
        ap.hostapd(**WPA2_AP, vendor_elements=element.hex())
        station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        found = station.scan('freq', '2412', 'passive').split('BSS ')
        own = ap.address()
        other = f'{own[:-1]}{int(own[-1], 16) ^ 1:x}'
        sections = {one[:len(own)]: one for one in found}
        self.assertIn('SSID: oracle', sections[own])
        self.assertIn('SSID: second', sections[other])
        # What the profile does not say is as in the beacon that it came in.
        self.assertIn('DS Parameter set: channel 1', sections[other])
        self.assertIn('RSN:', sections[other])


if __name__ == '__main__':
    unittest.main()
