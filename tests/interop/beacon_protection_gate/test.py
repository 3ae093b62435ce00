"""Radios that protect beacons on one side of a BSS or not at all: what they advertise decides what
hostapd announces, what wpa_supplicant asks for, and which keys the stack takes."""

import re
import sys
import unittest

import nl80211_script
from airloom_testing import WPA3_AP, WPA3_STATION, Scenario, connected, wait_until

SCRIPT = [sys.executable, '-B', nl80211_script.__file__]
TAKEN = ('0', '')
REFUSED = ('EINVAL', 'key setting validation failed')
NO_SUCH = ('EINVAL', 'BIGTK not supported')
EXTENDED_CAPABILITIES, BEACON_PROTECTION_BIT = 127, 84


def element(elements, wanted):
    at = 0
    while at + 2 <= len(elements):
        if elements[at] == wanted:
            return elements[at + 2:at + 2 + elements[at + 1]]
        at += 2 + elements[at + 1]
    return b''


class BeaconProtectionGateTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'iw')

    def join(self, ap_radio, station_radio):
        """A network whose programs both want beacon protection, on such radios."""
        lab = self.start_lab()
        lab.up(''.join(f'[host.{name}]\n' + (f'beacon_protection = "{kind}"\n' if kind else '')
                       for name, kind in (('ap', ap_radio), ('sta', station_radio))))
        self.ap, self.sta = lab.host('ap'), lab.host('sta')
        self.hostapd = self.ap.hostapd(**WPA3_AP, beacon_prot=1)
        self.ap.set_ip('10.9.0.1/24')
        self.supplicant = connected(self.sta.wpa_supplicant(**WPA3_STATION, beacon_prot=1))
        self.sta.set_ip('10.9.0.2/24')
        self.sta.ping('10.9.0.1', count=2)

    def announces(self):
        """Whether the access point sets bit 84, as the station heard it: in the probe response and
        in the beacon alike."""
        self.sta.scan('freq', '2412', 'passive')
        wait_until(lambda: 'beacon_ie=' in self.sta.wpa_cli('bss', self.ap.address()),
                   'wpa_supplicant to know both')
        text = self.sta.wpa_cli('bss', self.ap.address())
        octet, bit = divmod(BEACON_PROTECTION_BIT, 8)
        said = []
        for frame in ('ie', 'beacon_ie'):
            elements = bytes.fromhex(re.search(rf'^{frame}=(\w+)$', text, re.MULTILINE).group(1))
            bits = element(elements, EXTENDED_CAPABILITIES)
            said.append(len(bits) > octet and bool(bits[octet] >> bit & 1))
        self.assertEqual(said[0], said[1])
        return said[0]

    def capability(self):
        return self.sta.wpa_cli('get_capability', 'beacon_prot').strip()

    def expect_keys(self, host, new, get):
        """NEW_KEY and GET_KEY of both beacon keys on a host's wlan0 end so: (error, text) each."""
        for index in (6, 7):
            script = host.lab.write('keys.txt', '\n'.join((
                'sock 1',
                's 1 new NEW_KEY IFINDEX/if=wlan0 KEY_DATA/h=00112233445566778899aabbccddeeff '
                f'KEY_CIPHER/u32=0x000fac06 KEY_IDX/u8={index}',
                f's 1 get GET_KEY IFINDEX/if=wlan0 KEY_IDX/u8={index}')))
            lines = [line.split('\t') for line in host.run([*SCRIPT, script]).splitlines()
                     if line.startswith('R\t')]
            self.assertEqual([tuple(line[3:5]) for line in lines], [new, get], f'key {index}')

    def test_both_sides(self):
        self.join(None, None)
        self.assertTrue(self.announces())
        self.assertEqual(self.capability(), 'supported')
        self.expect_keys(self.sta, TAKEN, TAKEN)

    def test_an_access_point_without_it(self):
        self.join('none', None)
        self.assertFalse(self.announces())
        self.assertEqual(self.capability(), 'supported')
        self.expect_keys(self.ap, REFUSED, NO_SUCH)

    def test_a_station_without_it(self):
        self.join(None, 'none')
        self.assertTrue(self.announces())
        self.assertEqual(self.capability(), 'not supported')
        self.expect_keys(self.sta, REFUSED, NO_SUCH)

    def test_the_stations_side_alone(self):
        self.join('client', 'client')
        self.assertFalse(self.announces())
        self.assertEqual(self.capability(), 'supported')
        # As on the kernel: an access point may have the key, and never look at it.
        self.expect_keys(self.ap, TAKEN, NO_SUCH)
        self.expect_keys(self.sta, TAKEN, TAKEN)


if __name__ == '__main__':
    unittest.main()
