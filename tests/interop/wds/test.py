"""Four addresses: a station as one end of a bridge, and hostapd's wds_sta at the other."""

import json
import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected

BEHIND = '10.9.0.3'


class WdsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'bridge', 'ping', 'unshare', 'nsenter')

    def bridge_station(self, lab, station):
        """A station whose interface is in br0, with a host of its own behind that bridge."""
        behind = station.start(['unshare', '--net', 'sh', '-c', 'echo in $$; exec sleep 1000'],
                               'behind')
        pid = behind.wait_for_line(r'in (\d+)')[1]
        station.run(['iw', 'dev', 'wlan0', 'set', '4addr', 'on'])
        script = lab.write('bridge.sh', f'''set -e
            ip link add br0 type bridge
            ip link set wlan0 master br0
            ip link add near type veth peer name far
            ip link set near master br0
            ip link set far netns {pid}
            ip link set near up
            ip link set br0 up
            nsenter --net=/proc/{pid}/ns/net ip address add {BEHIND}/24 dev far
            nsenter --net=/proc/{pid}/ns/net ip link set far up''')
        station.run(['sh', script])
        config = lab.write_supplicant_config('sta', **WPA2_STATION)
        connected(station.start(
            ['wpa_supplicant', '-i', 'wlan0', '-b', 'br0', '-D', 'nl80211', '-c', config]))
        return ['nsenter', f'--net=/proc/{pid}/ns/net']

    def test_a_bridged_station_reaches_an_access_point_with_wds(self):
        lab = self.start_lab()
        ap, station, other = lab.host('ap'), lab.host('sta'), lab.host('other')
        hostapd = ap.hostapd(bridge='br0', wds_sta=1, **WPA2_AP)
        ap.run(['ip', 'link', 'set', 'br0', 'up'])
        ap.set_ip('10.9.0.1/24', 'br0')
        behind = self.bridge_station(lab, station)
        hostapd.wait_for_line('WDS-STA-INTERFACE-ADDED ifname=wlan0.sta1')
        self.assertIn('4addr: on', station.run(['iw', 'dev', 'wlan0', 'info']))
        vlan = ap.run(['iw', 'dev', 'wlan0.sta1', 'info'])
        self.assertIn('type AP/VLAN', vlan)
        self.assertIn('4addr: on', vlan)
        self.assertIn('channel 1 (2412 MHz)', vlan)

        # Both ways, from and to somebody whom neither radio knows.
        ap.ping(BEHIND)
        station.run([*behind, 'ping', '-c', '3', '-i', '0.1', '-W', '5', '10.9.0.1'])
        fdb = json.loads(ap.run(['bridge', '-j', 'fdb', 'show', 'br', 'br0']))
        far = json.loads(station.run([*behind, 'ip', '-j', 'link', 'show', 'far']))[0]['address']
        self.assertEqual({entry['mac']: entry['ifname'] for entry in fdb}.get(far), 'wlan0.sta1')
        stations = ap.run(['iw', 'dev', 'wlan0.sta1', 'station', 'dump'])
        self.assertIn(f'Station {station.address()} (on wlan0.sta1)', stations)
        self.assertEqual(ap.run(['iw', 'dev', 'wlan0', 'station', 'dump']), '')

        # A station with three addresses is served beside it, by wlan0 itself.
        connected(other.wpa_supplicant(**WPA2_STATION))
        other.set_ip('10.9.0.4/24')
        other.ping(BEHIND)
        self.assertIn(other.address(), ap.run(['iw', 'dev', 'wlan0', 'station', 'dump']))

        station.wpa_cli('disconnect')
        hostapd.wait_for_line('WDS-STA-INTERFACE-REMOVED ifname=wlan0.sta1')
        self.assertNotIn('wlan0.sta1', ap.run(['iw', 'dev']))

    def test_an_access_point_without_wds_drops_four_addresses(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        ap.hostapd(**WPA2_AP)
        ap.set_ip('10.9.0.1/24')
        station.run(['iw', 'dev', 'wlan0', 'set', '4addr', 'on'])
        connected(station.wpa_supplicant(**WPA2_STATION))
        station.set_ip('10.9.0.2/24')
        station.run(['ping', '-c', '2', '-i', '0.1', '-W', '1', '10.9.0.1'], status=1)
        station.run(['iw', 'dev', 'wlan0', 'set', '4addr', 'off'])
        station.ping('10.9.0.1')


if __name__ == '__main__':
    unittest.main()
