"""Programs with netlink code of their own: pyroute2's IW, a static one, and `ip monitor link`."""

import itertools
import os
import pathlib
import unittest

from airloom_testing import (AIRLOOM, SSID, WPA2_AP, WPA2_STATION, Scenario, connected,
                             wait_until)

RAW = pathlib.Path(AIRLOOM).resolve().parents[1] / 'tests' / 'raw_nl80211'
PYROUTE2 = f'''
from pyroute2 import IW, IPRoute
iw, ip = IW(), IPRoute()
index = ip.link_lookup(ifname='wlan0')[0]
print('wiphy', iw.list_wiphy()[0].get_attr('NL80211_ATTR_WIPHY_NAME'))
for message in iw.get_interfaces_dump():
    print('interface', message.get_attr('NL80211_ATTR_IFNAME'),
          message.get_attr('NL80211_ATTR_IFINDEX') == index)
ip.link('set', index=index, state='up')
for message in iw.scan(index):
    bss = message.get_attr('NL80211_ATTR_BSS')
    print('bss', bss.get_attr('NL80211_BSS_BSSID'), bss.get_attr('NL80211_BSS_FREQUENCY'),
          bss.get_attr('NL80211_BSS_INFORMATION_ELEMENTS'))
iw.add_interface('mon0', 'monitor', None, phy=0)
print('added', bool(ip.link_lookup(ifname='mon0')))
print('reg', iw.get_regulatory_domain()[0].get_attr('NL80211_ATTR_REG_ALPHA2'))
'''


class RawProgramsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ip')

    def setUp(self):
        super().setUp()
        lab = self.start_lab()
        self.ap, self.station = lab.host('ap'), lab.host('sta')
        self.hostapd = self.ap.hostapd(**WPA2_AP)

    def test_pyroute2(self):
        output = self.station.run(['/usr/bin/python3', '-c', PYROUTE2])
        self.assertIn('wiphy phy0', output)
        self.assertIn('interface wlan0 True', output)
        self.assertIn('added True', output)
        self.assertRegex(output, rf"bss {self.ap.address()} 2412 .*{SSID}")

    def test_a_static_program(self):
        self.assertTrue(os.access(RAW, os.X_OK), f'{RAW} is not built')
        self.station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        output = self.station.run([RAW, 'wlan0']).splitlines()
        self.assertEqual(output, ['phy0 station wlan0', 'event TRIGGER_SCAN',
                                  'event NEW_SCAN_RESULTS',
                                  f'bss {self.ap.address()} 2412 {SSID}'])

    def test_ip_monitor_sees_carrier_and_operstate(self):
        monitor = self.station.start(['ip', '-o', 'monitor', 'link'])
        # It says nothing once it listens; so something is changed until it does.
        sizes = itertools.cycle((1400, 1500))
        wait_until(lambda: self.station.run(
            ['ip', 'link', 'set', 'wlan0', 'mtu', next(sizes)]) or monitor.lines,
            '`ip monitor` listens')
        monitor.skip_to_now()
        supplicant = connected(self.station.wpa_supplicant(**WPA2_STATION))
        monitor.wait_for_line(r'wlan0: <NO-CARRIER,.*UP> .*')
        monitor.wait_for_line(r'wlan0: <.*UP,LOWER_UP> .* state DORMANT')
        monitor.wait_for_line(r'wlan0: <.*UP,LOWER_UP> .* state UP')
        self.assertNotIn('linkinfo', self.station.run(['ip', '-d', '-j', 'link', 'show', 'wlan0']))
        self.hostapd.stop()
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        monitor.wait_for_line(r'wlan0: <NO-CARRIER,')


if __name__ == '__main__':
    unittest.main()
