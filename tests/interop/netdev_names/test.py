"""Interfaces renamed and given other addresses, as udev and privacy settings do."""

import json
import pathlib
import sys
import unittest

from airloom_testing import (OPEN_STATION, WPA2_AP, WPA2_STATION, Scenario, connected,
                             start_pair, wait_until)

SCRIPT_PLAYER = [sys.executable, '-B',
                 pathlib.Path(__file__).parent.parent / 'nl80211_script.py']
ADDRESS = '02:12:34:56:78:9a'


class NetdevNamesTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping')

    def supplicant(self, host, interface, **network):
        config = host.lab.write_supplicant_config(host.name, **network)
        return host.start(['wpa_supplicant', '-i', interface, '-D', 'nl80211', '-c', config])

    def test_a_renamed_interface_is_the_same_interface(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        station.run(['true'])
        events = station.iw_events()
        index = json.loads(station.run(['ip', '-j', 'link', 'show', 'wlan0']))[0]['ifindex']
        station.run(['ip', 'link', 'set', 'wlan0', 'name', 'uplink'])
        text = station.run(['iw', 'dev', 'uplink', 'info'])
        self.assertIn(f'ifindex {index}', text)
        self.assertIn('Interface uplink', text)
        self.assertIn('phy0', station.run(['cat', '/sys/class/net/uplink/phy80211/name']))
        station.run(['test', '-e', '/sys/class/net/wlan0'], status=1)
        # The name is free for another.
        station.run(['iw', 'phy', 'phy0', 'interface', 'add', 'wlan0', 'type', 'managed'])
        self.assertIn('Interface wlan0', station.run(['iw', 'dev', 'wlan0', 'info']))
        station.run(['iw', 'dev', 'wlan0', 'del'])

        ap.hostapd(**WPA2_AP)
        ap.set_ip('10.9.0.1/24')
        connected(self.supplicant(station, 'uplink', **WPA2_STATION))
        events.wait_for_line(r'uplink \(phy #0\): (scan|connected)')
        station.set_ip('10.9.0.2/24', 'uplink')
        station.ping('10.9.0.1')

    def test_an_address_changed_while_down(self):
        lab = self.start_lab()
        station = lab.host('sta')
        station.run(['ip', 'link', 'set', 'wlan0', 'address', ADDRESS])
        self.assertIn(f'addr {ADDRESS}', station.run(['iw', 'dev', 'wlan0', 'info']))
        _, _, hostapd, _ = start_pair(lab)
        hostapd.wait_for_line(f'AP-STA-CONNECTED {ADDRESS}')
        station.ping('10.9.0.1')
        self.assertEqual(
            station.run(['cat', '/sys/class/ieee80211/phy0/macaddress']).strip()[:8], '02:00:00')

    def test_an_address_changed_while_up(self):
        lab = self.start_lab()
        station = lab.host('sta')
        station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        station.run(['ip', 'link', 'set', 'wlan0', 'address', ADDRESS])
        self.assertIn(f'addr {ADDRESS}', station.run(['iw', 'dev', 'wlan0', 'info']))
        ap = lab.host('ap')
        hostapd = ap.hostapd()
        connected(station.wpa_supplicant(**OPEN_STATION))
        hostapd.wait_for_line(f'AP-STA-CONNECTED {ADDRESS}')

    def test_an_address_in_use_stays(self):
        lab = self.start_lab()
        ap, station, hostapd, supplicant = start_pair(lab)
        for host in (station, ap):
            address = host.address()
            # The TAP takes it; the daemon puts the old one back.
            host.run(['ip', 'link', 'set', 'wlan0', 'address', ADDRESS])
            lab.daemon.wait_for_line(f'wlan0: cannot take the address {ADDRESS}: busy')
            wait_until(lambda: host.address() == address, 'the old address')
            self.assertIn(f'addr {address}', host.run(['iw', 'dev', 'wlan0', 'info']))
            station.ping('10.9.0.1')
        self.assertNotIn('DISCONNECTED', hostapd.output() + supplicant.output())

    def test_a_renamed_wiphy_is_found_by_its_name(self):
        lab = self.start_lab()
        host = lab.host('one')
        host.run(['iw', 'phy', 'phy0', 'set', 'name', 'card'])
        self.assertIn('Wiphy card', host.run(['iw', 'list']))
        self.assertEqual(host.run(['ls', '/sys/class/ieee80211']), 'card')
        self.assertEqual(host.run(['cat', '/sys/class/net/wlan0/phy80211/name']), 'card')
        self.assertEqual(host.run(['cat', '/sys/class/ieee80211/card/index']), '0')
        host.run(['iw', 'phy', 'card', 'interface', 'add', 'mon0', 'type', 'monitor'])
        self.assertEqual(host.run(['cat', '/sys/class/net/mon0/phy80211/name']), 'card')
        self.assertEqual(host.run(['ls', '/sys/kernel/debug/ieee80211']), 'card')

    def test_interfaces_that_cannot_be(self):
        lab = self.start_lab()
        host = lab.host('one')
        expected = {'group-address': 'EADDRNOTAVAIL', 'no-address': 'EADDRNOTAVAIL', 'fine': '0',
                    'taken': 'ENFILE', 'anothers': 'ENFILE', 'empty': 'EINVAL', 'slash': 'EINVAL',
                    'two-numbers': 'EINVAL', 'numbered': '0', 'scan-twice': 'EINVAL'}
        new = 'NEW_INTERFACE WIPHY/u32=0 IFTYPE/u32=2'
        script = lab.write('script.txt', '\n'.join([
            'sock 1',
            f's 1 group-address {new} IFNAME/z=m0 MAC/h=010203040506',
            f's 1 no-address {new} IFNAME/z=m0 MAC/h=000000000000',
            f's 1 fine {new} IFNAME/z=m0 MAC/h=024455667788',
            f's 1 taken {new} IFNAME/z=m0',
            f's 1 anothers {new} IFNAME/z=lo',
            f's 1 empty {new} IFNAME/z=',
            f's 1 slash {new} IFNAME/z=a/b',
            f's 1 two-numbers {new} IFNAME/z=a%d%d',
            f's 1 numbered {new} IFNAME/z=radio%d',
            'sh ip link set wlan0 up',
            's 1 scan-twice TRIGGER_SCAN IFINDEX/if=wlan0 '
            'SCAN_FREQUENCIES{ #1/u32=2412 #2/u32=2412 }']) + '\n')
        output = host.run([*SCRIPT_PLAYER, script])
        answers = [line.split('\t') for line in output.splitlines() if line.startswith('R\t')]
        self.assertEqual({words[1]: words[3] for words in answers}, expected)
        for words in answers:
            self.assertEqual(words[4], '', words)  # the kernel has no words for these
        self.assertEqual(host.address('m0'), '02:44:55:66:77:88')
        host.run(['ip', 'link', 'show', 'radio0'])


if __name__ == '__main__':
    unittest.main()
