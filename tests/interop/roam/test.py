"""Two access points of one network: a station roams as it is told, or because its signal gets weak,
and a station is taken over, with the traffic of the bridge behind."""

import json
import signal
import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, wait_until

# How well others hear a radio that sends at 0 dBm.
RX_RSSI = '/sys/kernel/debug/ieee80211/phy0/hwsim/rx_rssi'


class RoamTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'iw', 'ip', 'bridge', 'ping', 'sysctl',
             'tcpdump')

    def find(self, station, bssid):
        """The station, which was to know channel 1 only, hears of the other access point."""
        station.wpa_cli('set_network', '0', 'freq_list', '2412 2437')
        station.wpa_cli('scan', 'freq=2412,2437')
        wait_until(lambda: bssid in station.wpa_cli('scan_results'), 'the other AP is heard')

    def test_a_station_roams_within_its_network(self):
        lab = self.start_lab()
        aps = [lab.host('one'), lab.host('two')]
        first = aps[0].hostapd(**WPA2_AP)
        aps[1].hostapd(**WPA2_AP, channel=6)
        for number, ap in enumerate(aps):
            ap.set_ip(f'10.9.{number}.1/24')
        station = lab.host('sta')
        bssids = [ap.address() for ap in aps]
        supplicant = connected(station.wpa_supplicant(
            **WPA2_STATION, scan_freq='2412 2437', freq_list='2412'))
        station.set_ip('10.9.0.2/24')
        station.ping('10.9.0.1')
        self.assertEqual(station.status()['bssid'], bssids[0])
        self.find(station, bssids[1])
        events = station.iw_events()
        self.assertIn('OK', station.wpa_cli('roam', bssids[1]))
        supplicant.wait_for_line(f'CTRL-EVENT-CONNECTED - Connection to {bssids[1]}')
        self.assertEqual(station.status()['freq'], '2437')
        station.set_ip('10.9.1.2/24')
        station.ping('10.9.1.1')
        self.assertNotIn('AP-STA-DISCONNECTED', first.output())  # nobody says goodbye to it
        # The second AP has it, as a reassociation; back again, too.
        self.assertIn(station.address(), aps[1].run(['iw', 'dev', 'wlan0', 'station', 'dump']))
        self.assertIn('OK', station.wpa_cli('roam', bssids[0]))
        supplicant.wait_for_line(f'CTRL-EVENT-CONNECTED - Connection to {bssids[0]}')
        station.ping('10.9.0.1')
        for bssid in bssids:
            events.wait_for_line('auth ')
            events.wait_for_line('assoc ')

    def start_bridged(self, **of_first):
        """Access points on channels 1 and 6, whose bridges a wire joins; the first has 10.9.0.1.

        Returns (first, its hostapd, second).
        """
        lab = self.start_lab()
        first, second = lab.host('one'), lab.host('two')
        hostapd = first.hostapd(bridge='br0', **WPA2_AP, **of_first)
        second.hostapd(bridge='br0', **WPA2_AP, channel=6)
        inside = second.start(['sh', '-c', 'echo $$; exec sleep infinity'], 'two-inside')
        pid = inside.wait_for_line(r'^(\d+)$').group(1)
        first.run(f'ip link add wire type veth peer name wire netns {pid}'.split())
        for host in (first, second):
            host.run(['ip', 'link', 'set', 'wire', 'master', 'br0', 'up'])
            host.run(['ip', 'link', 'set', 'br0', 'up'])
        for host in (first, second):
            wait_until(lambda: {port['state'] for port in
                                json.loads(host.run(['bridge', '-j', 'link', 'show']))} ==
                       {'forwarding'}, f'both ports of {host.name} forward')
        first.set_ip('10.9.0.1/24', 'br0')
        return first, hostapd, second

    def test_a_station_is_taken_over(self):
        first, hostapd, second = self.start_bridged(ap_max_inactivity=2)
        station = self.lab.host('sta')
        # What it would say to all by itself.
        station.silence()
        supplicant = connected(station.wpa_supplicant(**WPA2_STATION, scan_freq='2412 2437',
                                                      freq_list='2412'))
        station.set_ip('10.9.0.2/24')
        station.ping('10.9.0.1', count=2)
        address = station.address()

        def port(host):
            """Where the host's bridge believes the station."""
            fdb = json.loads(host.run(['bridge', '-j', 'fdb', 'show', 'br', 'br0']))
            return {entry['mac']: entry['ifname'] for entry in fdb}.get(address)
        self.assertEqual(port(first), 'wlan0')
        self.find(station, second.address())
        sniffer = first.start(['tcpdump', '-l', '-n', '-i', 'wire', f'ether src {address}'])
        sniffer.wait_for_line('listening on')
        pings = first.start(['ping', '-i', '0.1', '10.9.0.2'], 'pings')
        pings.wait_for_line('bytes from')
        self.assertEqual(station.wpa_cli('roam', second.address()).strip(), 'OK')
        supplicant.wait_for_line(f'CTRL-EVENT-CONNECTED - Connection to {second.address()}')
        # The second access point tells all bridges in the station's name, before it says a word.
        self.assertRegex(sniffer.wait_for_line(r'^\d\d:').string, 'xid')
        self.assertEqual((port(first), port(second)), ('wire', 'wlan0'))
        pings.skip_to_now()
        pings.wait_for_line('bytes from', seconds=5)
        pings.stop(signal.SIGINT)
        first.ping('10.9.0.2', count=3)
        # The first one is told nothing: it asks, and nobody answers.
        hostapd.wait_for_line(f'AP-STA-DISCONNECTED {address}')
        wait_until(lambda: not first.run(['iw', 'dev', 'wlan0', 'station', 'dump']), 'it is gone')
        self.assertEqual(first.hostapd_cli('list_sta').strip(), '')
        self.assertEqual(second.hostapd_cli('list_sta').strip(), address)
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())
        station.ping('10.9.0.1', count=3)

    def test_a_weak_signal_makes_a_station_roam(self):
        lab = self.start_lab()
        near, far, station = (lab.host(name) for name in ('one', 'two', 'sta'))
        near.hostapd(**WPA2_AP)
        far.hostapd(**WPA2_AP, channel=6)
        # Below -65 dBm it looks around every two seconds, else once in an hour.
        supplicant = connected(station.wpa_supplicant(
            **WPA2_STATION, scan_freq='2412 2437', freq_list='2412',
            bgscan='"simple:2:-65:3600"'))
        self.find(station, far.address())
        events = station.iw_events()
        near.run(['sh', '-c', f'echo -95 > {RX_RSSI}'])
        events.wait_for_line(r'CQM event: RSSI \(-\d+ dBm\) went below threshold')
        supplicant.wait_for_line('CTRL-EVENT-SIGNAL-CHANGE above=0')
        supplicant.wait_for_line(f'CTRL-EVENT-CONNECTED - Connection to {far.address()}')
        self.assertEqual(station.status()['freq'], '2437')
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())


if __name__ == '__main__':
    unittest.main()
