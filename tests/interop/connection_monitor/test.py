"""Peers that fall silent: the station notices a lost AP, hostapd polls an idle station."""

import os
import re
import signal
import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, start_pair, wait_until


class ConnectionMonitorTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'sysctl')

    def test_the_station_leaves_an_ap_whose_beacons_end(self):
        ap, station, _, supplicant = start_pair(self.start_lab())
        events = station.iw_events()
        ap.run(['ip', 'link', 'set', 'wlan0', 'down'])  # no farewell
        supplicant.wait_for_line('CTRL-EVENT-BEACON-LOSS')
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED .* reason=4 locally_generated=1')
        events.wait_for_line('CQM event: beacon loss')
        self.assertIn('Not connected', station.run(['iw', 'dev', 'wlan0', 'link']))

    def test_the_signal_crosses_a_threshold(self):
        ap, station, _, supplicant = start_pair(self.start_lab())
        station.run(['iw', 'dev', 'wlan0', 'cqm', 'rssi', -40, 4])
        events = station.iw_events()
        for mbm, crossed in ((0, 'below'), (2000, 'above'), (0, 'below')):
            ap.run(['iw', 'dev', 'wlan0', 'set', 'txpower', 'fixed', mbm])
            events.wait_for_line(rf'CQM event: RSSI \(-\d+ dBm\) went {crossed} threshold')
            supplicant.wait_for_line(f'CTRL-EVENT-SIGNAL-CHANGE above={int(crossed == "above")}')
        station.run(['iw', 'dev', 'wlan0', 'cqm', 'rssi', 'off'])
        told = len(events.lines)
        ap.run(['iw', 'dev', 'wlan0', 'set', 'txpower', 'fixed', 2000])
        wait_until(lambda: re.search(r'beacon signal avg:\s+-3[0-5] dBm',
                                     station.run(['iw', 'dev', 'wlan0', 'station', 'dump'])),
                   'it hears the access point well again')
        self.assertEqual(events.lines[told:], [])

    def test_hostapd_polls_an_idle_station(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        for host in (ap, station):
            host.silence()
        hostapd = ap.start(
            ['hostapd', '-d', lab.write_hostapd_config('ap', **WPA2_AP, ap_max_inactivity=3)])
        hostapd.wait_for_line('AP-ENABLED')
        supplicant = connected(station.wpa_supplicant(**WPA2_STATION))
        # Else its keep-alives come in time; its stack goes on to acknowledge.
        os.killpg(supplicant.process.pid, signal.SIGSTOP)
        try:
            hostapd.wait_for_line('has been inactive too long')
            hostapd.wait_for_line('ACKed pending activity poll')
        finally:
            os.killpg(supplicant.process.pid, signal.SIGCONT)


if __name__ == '__main__':
    unittest.main()
