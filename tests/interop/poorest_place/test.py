"""Where no TAP can exist: no CAP_NET_ADMIN, no /dev/net/tun, no namespaces (Docker's defaults).

Interfaces are emulated by the daemon and served by the preloaded library: handshakes work, by the
control port and by packet sockets; IP is refused with a sentence that says why.
"""

import pathlib
import subprocess
import sys
import unittest

from airloom_testing import (PASSPHRASE, WPA2_AP, WPA2_STATION, WPA3_AP, WPA3_STATION,
                             Scenario, connected, iw_events_of, wait_until)

POOR_PLACE = [sys.executable, '-B', str(pathlib.Path(__file__).parent.parent / 'poor_place.py')]
OWN_PAIR = f'''
[host.ap.access_point]
ssid = "own"
passphrase = "{PASSPHRASE}"
frequency = 2412
[host.sta.station]
ssid = "own"
passphrase = "{PASSPHRASE}"
scan = [2412]
'''
LEGACY = 'control_port=0'
NOTE = 'interfaces are emulated here and carry no IP: /dev/net/tun is missing'


class PoorestPlaceTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'setpriv', 'unshare')

    def start_lab(self, **options):
        lab = self.new_lab(**options)
        lab.prefix = POOR_PLACE
        return lab.start_daemon()

    def connect(self, ap_options, station_options, driver_param=None):
        """A pair on a lab of its own: (host ap, host sta), connected."""
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        extra = {'driver_params': driver_param} if driver_param else {}
        hostapd = ap.hostapd(**ap_options, **extra)
        config = lab.write_supplicant_config('sta', **station_options)
        if driver_param:
            config.write_text(f'driver_param={driver_param}\n' + config.read_text())
        supplicant = connected(station.start(['wpa_supplicant', '-ddt', '-i', 'wlan0', '-D',
                                              'nl80211', '-c', config]))
        said = supplicant.output()
        self.assertIn(NOTE, said)
        self.assertEqual('Send over control port' in said, driver_param is None, 'the road')
        hostapd.wait_for_line('AP-STA-CONNECTED')
        # Keys, and not the association alone.
        wait_until(lambda: 'authorized:\tyes' in ap.run(['iw', 'dev', 'wlan0', 'station', 'dump']),
                   'the station is authorised')
        return ap, station

    def test_wpa2(self):
        _, station = self.connect(WPA2_AP, WPA2_STATION)
        self.assertEqual(station.status()['wpa_state'], 'COMPLETED')
        self.assertEqual(station.status()['key_mgmt'], 'WPA2-PSK')

    def test_wpa3(self):
        _, station = self.connect(WPA3_AP, WPA3_STATION)
        self.assertEqual(station.status()['key_mgmt'], 'SAE')

    def test_wpa2_by_packet_sockets(self):
        self.connect(WPA2_AP, WPA2_STATION, LEGACY)

    def test_wpa3_by_packet_sockets(self):
        _, station = self.connect(WPA3_AP, WPA3_STATION, LEGACY)
        self.assertEqual(station.status()['key_mgmt'], 'SAE')

    def test_airlooms_own_and_the_end(self):
        lab = self.start_lab()
        lab.up(OWN_PAIR)
        station = lab.host('sta')
        self.assertIn('SSID: own', station.run(['iw', 'dev', 'wlan0', 'link']))
        listener = station.iw_events()
        self.assertEqual(lab.start(['down'], 'down').wait(), 0)
        self.assertEqual(iw_events_of(str(lab.runtime)), [], 'down waits for programs')
        self.assertNotEqual(listener.wait(), 0)

    def test_link_state_is_told(self):
        ap, station = self.connect(WPA2_AP, WPA2_STATION)
        for host in (ap, station):
            self.assertIn('state UP', host.run(['ip', 'link', 'show', 'wlan0']))
        monitor = station.start(['ip', 'monitor', 'link'])
        # It says nothing when it has begun to listen: so until it has heard one.
        def hears():
            station.wpa_cli('reassociate')
            return any('wlan0' in line for line in monitor.lines)
        wait_until(hears, 'ip monitor tells of wlan0')
        monitor.stop()

    def test_ip_is_refused_with_a_reason(self):
        host = self.start_lab().host('ap')
        said = host.run(['ip', 'address', 'add', '10.9.0.1/24', 'dev', 'wlan0'], status=2)
        self.assertRegex(said, f'(?m)^Error: {NOTE}')
        said = host.run(['ip', 'link', 'add', 'br0', 'type', 'bridge'], status=2)
        self.assertIn('interfaces are emulated here', said)

    def test_a_lab_file_with_an_address_is_refused(self):
        lab = self.start_lab()
        lab.write('lab.toml', '[host.ap]\naddress = "10.0.0.1/24"\n')
        up = lab.start(['up', str(lab.folder / 'lab.toml')], 'up')
        self.assertEqual(up.wait(), 1)
        self.assertIn(NOTE, up.output())

    def test_the_supervisor_is_refused_with_a_reason(self):
        lab = self.start_lab()
        lab.run_options = ['--interpose', 'seccomp']
        said = lab.host('ap').run(['true'], status=125)
        self.assertIn('leave out --interpose seccomp', said)

    def test_interfaces_and_sysfs(self):
        host = self.start_lab().host('ap')
        self.assertIn('Interface wlan0', host.run(['iw', 'dev']))
        self.assertIn('Wiphy phy0', host.run(['iw', 'phy', 'phy0', 'info']))
        self.assertIn('phy0', host.run(['cat', '/sys/class/net/wlan0/phy80211/name']))
        self.assertIn('02:00:00:00:00:00', host.run(['cat', '/sys/class/net/wlan0/address']))
        host.run(['ip', 'link', 'set', 'wlan0', 'address', '02:00:00:00:00:77'])
        self.assertIn('addr 02:00:00:00:00:77', host.run(['iw', 'dev', 'wlan0', 'info']))
        host.run(['ip', 'link', 'set', 'wlan0', 'name', 'wifi0'])
        self.assertIn('Interface wifi0', host.run(['iw', 'dev']))
        host.run(['iw', 'phy', 'phy0', 'interface', 'add', 'mon0', 'type', 'monitor'])
        self.assertIn('link/ieee802.11/radiotap', host.run(['ip', 'link', 'show', 'mon0']))

    def test_nothing_was_gained_by_rights(self):
        lab = self.start_lab()
        result = subprocess.run([*lab.prefix, 'ip', 'tuntap', 'add', 'dev', 'x0', 'mode', 'tap'],
                                capture_output=True, text=True, timeout=60)
        self.assertNotEqual(result.returncode, 0)


if __name__ == '__main__':
    unittest.main()
