"""What hostapd has an access point do with its stations' frames: keep stations apart (ap_isolate),
send what goes to a group to each of them (multicast_to_unicast), give frames priorities by a map of
DSCPs (qos_map_set), contend by the parameters of tx_queue_* while its stations contend by those
of wmm_ac_*; and at what rate its beacons go (beacon_rate)."""

import re
import unittest

from air_capture import Capture, frames
from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, start_pair

EVERYBODY = 'ff:ff:ff:ff:ff:ff'
ECHOES = 3
# DSCP 53 has priority 2, 22 has 6; then the range of each priority from 0 to 7.
QOS_MAP = '53,2,22,6,8,15,0,7,255,255,16,31,32,39,255,255,40,47,255,255'


class ApOptionsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ip', 'ping', 'sysctl', 'tshark')

    def start(self, **options):
        """An access point in a bridge, 10.9.0.1, and two stations, captured from the beginning."""
        lab = self.start_lab()
        self.capture = Capture(lab)
        self.ap = lab.host('ap')
        hostapd = self.ap.hostapd(bridge='br0', **WPA2_AP, **options)
        self.ap.run(['ip', 'link', 'set', 'br0', 'up'])
        self.ap.set_ip('10.9.0.1/24', 'br0')
        self.stations = [lab.host('one'), lab.host('two')]
        for number, station in enumerate(self.stations):
            connected(station.wpa_supplicant(**WPA2_STATION))
            hostapd.wait_for_line('AP-STA-CONNECTED')
            station.run(['ip', 'address', 'add', f'10.9.0.{2 + number}/24', 'broadcast', '+',
                         'dev', 'wlan0'])
            station.run(['sysctl', '-w', 'net.ipv4.icmp_echo_ignore_broadcasts=0'])
            station.ping('10.9.0.1', count=2)
        self.addresses = {station.address() for station in self.stations}

    def ping_all(self, host):
        """Echo requests to everybody. Returns who answered."""
        output = host.run(['ping', '-b', '-c', ECHOES, '-i', '0.2', '-w', 2, '10.9.0.255'],
                          status=None)
        return {line.split()[3].rstrip(':') for line in output.splitlines() if 'bytes from' in line}

    def receivers(self, air, source):
        """The receivers of the access point's frames with an echo request of source to all."""
        return [receiver for (receiver,) in frames(
            air, ['wlan.ra'], f'icmp.type == 8 && ip.dst == 10.9.0.255 && ip.src == {source} '
                              '&& wlan.fc.fromds == 1')]

    def test_stations_reach_each_other(self):
        self.start(ap_isolate=0)
        one, two = self.stations
        one.ping('10.9.0.3', count=2)
        two.ping('10.9.0.2', count=2)
        self.assertEqual(self.ping_all(self.ap), {'10.9.0.2', '10.9.0.3'})
        self.assertIn('10.9.0.3', self.ping_all(one))
        air = self.capture.end()
        for source in ('10.9.0.1', '10.9.0.2'):  # once for all, whoever asks
            self.assertEqual(set(self.receivers(air, source)), {EVERYBODY})

    def test_isolated_stations_reach_the_access_point_alone(self):
        self.start(ap_isolate=1)
        one, two = self.stations
        for station, other in ((one, '10.9.0.3'), (two, '10.9.0.2')):
            # With the address known: the frame itself does not pass, not only ARP's question.
            there = (two if station is one else one).address()
            station.run(['ip', 'neigh', 'replace', other, 'lladdr', there, 'dev', 'wlan0'])
            output = station.run(['ping', '-c', 2, '-i', '0.2', '-W', 1, other], status=1)
            self.assertIn(' 0 received', output)
            station.ping('10.9.0.1', count=2)
        self.assertNotIn('10.9.0.3', self.ping_all(one))
        self.assertEqual(self.ping_all(self.ap), {'10.9.0.2', '10.9.0.3'})

    def test_what_goes_to_a_group_goes_to_each(self):
        self.start(multicast_to_unicast=1)
        one, two = self.stations
        self.assertEqual(self.ping_all(self.ap), {'10.9.0.2', '10.9.0.3'})
        self.assertIn('10.9.0.3', self.ping_all(one))
        air = self.capture.end()
        from_bridge, from_station = (self.receivers(air, source)
                                     for source in ('10.9.0.1', '10.9.0.2'))
        self.assertEqual(set(from_bridge), self.addresses)
        # Not back to who sent it.
        self.assertEqual(set(from_station), {two.address()})

    def test_beacons_go_at_the_rate_that_is_configured(self):
        lab = self.start_lab()
        capture = Capture(lab)
        start_pair(lab, ap={**WPA2_AP, 'beacon_rate': 55})
        air = capture.end()
        for what, subtype, rate in (('beacons', 8, '5.5'), ('probe responses', 5, '1')):
            sent = frames(air, ['radiotap.datarate'], f'wlan.fc.type_subtype == {subtype}')
            self.assertEqual(set(sent), {(rate,)}, what)

    def priorities(self, codes, **options):
        """{DSCP: priority on the air} of echo requests to a station, and of its answers."""
        lab = self.start_lab()
        air = Capture(lab)
        ap, station, _, _ = start_pair(lab, {**WPA2_AP, **options})
        for code in codes:
            ap.run(['ping', '-c', 1, '-W', 5, '-Q', code << 2, '10.9.0.2'])
        found = {ap.address(): {}, station.address(): {}}
        for sender, code, priority in frames(
                air.end(), ['wlan.ta', 'ip.dsfield.dscp', 'wlan.qos.tid'], 'icmp'):
            found[sender][int(code)] = int(priority)
        return found[ap.address()], found[station.address()]

    def test_priorities_go_by_the_map(self):
        mapped = {53: 2, 22: 6, 10: 0, 5: 1, 31: 3, 34: 4, 46: 6,
                  60: 7}  # in no range: the three highest bits
        # The station has it from its Association Response.
        self.assertEqual(self.priorities(mapped, qos_map_set=QOS_MAP), (mapped, mapped))

    def test_priorities_without_a_map_are_the_three_highest_bits(self):
        plain = {code: code >> 3 for code in (53, 22, 10, 5, 31, 34, 46, 60)}
        self.assertEqual(self.priorities(plain), (plain, plain))

    def test_access_point_and_stations_contend_as_configured(self):
        lab = self.new_lab().start_daemon('--verbose')
        for_itself = {'tx_queue_data0_aifs': 3, 'tx_queue_data0_cwmin': 7,
                      'tx_queue_data0_cwmax': 63, 'tx_queue_data0_burst': '1.0',
                      'tx_queue_data3_aifs': 9, 'tx_queue_data3_cwmin': 31,
                      'tx_queue_data3_cwmax': 255, 'tx_queue_data3_burst': 0}
        for_stations = {'wmm_ac_vo_aifs': 4, 'wmm_ac_vo_cwmin': 1, 'wmm_ac_vo_cwmax': 5,
                        'wmm_ac_vo_txop_limit': 60, 'wmm_ac_vo_acm': 0,
                        'wmm_ac_bk_aifs': 8, 'wmm_ac_bk_cwmin': 5, 'wmm_ac_bk_cwmax': 9,
                        'wmm_ac_bk_txop_limit': 2, 'wmm_ac_bk_acm': 0}
        start_pair(lab, ap={**WPA2_AP, **for_itself, **for_stations})
        lab.daemon.wait_for_line(r'debug sta/\S+: drv_conf_tx: .* AC 3 txop 2 ')  # the last of them
        newest = {}
        for line in list(lab.daemon.lines):
            if match := re.search(r'debug (\w+)/\S+: drv_conf_tx: .* AC (\d) (.*)', line):
                newest[match[1], match[2]] = match[3]
        self.assertEqual({key: newest.get(key) for key in [
            ('ap', '0'), ('ap', '3'), ('sta', '0'), ('sta', '3')]}, {
                ('ap', '0'): 'txop 31 cw 7 to 63 aifs 3',  # 1 ms, in steps of 32 us
                ('ap', '3'): 'txop 0 cw 31 to 255 aifs 9',
                ('sta', '0'): 'txop 60 cw 1 to 31 aifs 4',
                ('sta', '3'): 'txop 2 cw 31 to 511 aifs 8'})


if __name__ == '__main__':
    unittest.main()
