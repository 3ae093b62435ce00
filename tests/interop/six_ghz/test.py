"""A network at 6 GHz: SAE by hash-to-element, PMF, HE alone; found by a scan and by the 2.4 GHz
access point that stands beside it."""

import errno
import unittest

from air_capture import Capture, frames
from airloom_testing import WPA3_AP, WPA3_STATION, Scenario, refused, start_pair

MHZ = 5975
# 6 GHz knows neither passphrases without SAE nor open networks; its elements are HE's alone.
AP = {'hw_mode': 'a', 'op_class': 131, 'channel': 5, 'country_code': 'DE', 'ieee80211n': 0,
      'ieee80211ax': 1, **WPA3_AP, 'sae_pwe': 1}
STATION = {**WPA3_STATION, 'sae_pwe': 1, 'scan_freq': MHZ}
HT, VHT, NEIGHBORS = 45, 191, 201
HE_6GHZ = 59
BEACON, PROBE_REQUEST, ASSOCIATION_REQUEST = 8, 4, 0


class SixGhzTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'iw', 'ping', 'tshark')

    def elements(self, capture, subtype, mhz):
        """(ids, extension ids) of the first such frame on a channel."""
        rows = frames(capture, ['wlan.tag.number', 'wlan.ext_tag.number'],
                      f'wlan.fc.type_subtype == {subtype} && radiotap.channel.freq == {mhz}')
        self.assertTrue(rows, f'no frame of subtype {subtype}')
        return [{int(number, 0) for number in field.split(',') if number} for field in rows[0]]

    def test_a_network_of_its_own(self):
        lab = self.start_lab()
        capture = Capture(lab)
        station = lab.host('sta')
        station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        # The world's domain has no 6 GHz.
        station.run(['iw', 'dev', 'wlan0', 'scan', 'trigger', 'freq', MHZ],
                    status=refused(errno.EINVAL))
        station.run(['iw', 'reg', 'set', 'DE'])
        ap, _, _, _ = start_pair(lab, AP, STATION)
        self.assertIn('channel 5 (5975 MHz)', ap.run(['iw', 'dev', 'wlan0', 'info']))
        status = station.status()
        self.assertEqual((status['freq'], status['key_mgmt'], status['sae_h2e'], status['pmf']),
                         (str(MHZ), 'SAE', '1', '2'))
        self.assertEqual(status['wifi_generation'], '6')
        self.assertIn('[HE]', ap.hostapd_cli('all_sta'))
        station.ping('10.9.0.1', count=3)
        air = capture.end()
        for subtype in (BEACON, PROBE_REQUEST, ASSOCIATION_REQUEST):
            ids, extension_ids = self.elements(air, subtype, MHZ)
            self.assertFalse({HT, VHT} & ids, f'subtype {subtype}: {ids}')
            self.assertIn(HE_6GHZ, extension_ids, f'subtype {subtype}')

    def test_a_neighbour_at_2_4_ghz_tells_of_it(self):
        lab = self.start_lab()
        lab.up('''
[host.ap]
radios = 2
[host.sta]
''')
        ap, station = lab.host('ap'), lab.host('sta')
        capture = Capture(lab)
        station.run(['iw', 'reg', 'set', 'DE'])
        station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        low = {'interface': 'wlan1', 'country_code': 'DE', **WPA3_AP}
        # hostapd tells neighbours of what is configured, and knows no other address.
        configs = [lab.write_hostapd_config('ap', **AP, rnr=1, bssid=ap.address()),
                   lab.write_hostapd_config('low', **low, rnr=1)]
        hostapd = ap.start(['hostapd', *configs])
        for _ in configs:
            hostapd.wait_for_line('AP-ENABLED')
        found = station.scan('freq', 2412, MHZ, 'passive')
        for interface, mhz in (('wlan0', MHZ), ('wlan1', 2412)):
            self.assertIn(f'BSS {ap.address(interface)}', found)
            self.assertIn(f'freq: {mhz}', found)
        told = frames(capture.end(), ['wlan.rnr.tbtt_info.operating_class',
                                      'wlan.rnr.tbtt_info.channel_num',
                                      'wlan.rnr.tbtt_info.bssid'],
                      f'wlan.fc.type_subtype == {BEACON} && radiotap.channel.freq == 2412 && '
                      f'wlan.tag.number == {NEIGHBORS}')
        self.assertEqual(told[-1], ('131', '5', ap.address('wlan0').replace(':', '')))


if __name__ == '__main__':
    unittest.main()
