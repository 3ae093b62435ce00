"""Programs that are killed outright: what they owned ends as it does on the kernel."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, wait_until


class OwnerKilledTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip')

    def program(self, host, command):
        """Starts command; returns it and its process's own number."""
        running = host.start(['sh', '-c', 'echo $$; exec "$@"', 'sh', *command],
                             f'{host.name}-{command[0]}')
        return running, int(running.wait_for_line(r'^\d+$').group())

    def kill_with(self, host, pid):
        host.run(['kill', '-KILL', pid])

    def events_after(self, events, act, last):
        """What `iw event` prints from act() on, up to a line with `last`."""
        events.skip_to_now()
        before = len(events.lines)
        act()
        events.wait_for_line(last)
        return events.lines[before:]

    def test_while_beaconing(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        config = lab.write_hostapd_config('ap', **WPA2_AP)
        hostapd, pid = self.program(ap, ['hostapd', config])
        hostapd.wait_for_line('AP-ENABLED')
        supplicant = connected(station.wpa_supplicant(**WPA2_STATION))
        hostapd.wait_for_line('AP-STA-CONNECTED')
        events = ap.iw_events()
        lines = self.events_after(events, lambda: self.kill_with(ap, pid), 'stop ap')
        self.assertEqual([line for line in lines if 'station' in line or 'stop ap' in line],
                         [f'wlan0: del station {station.address()}', 'wlan0 (phy #0): stop ap'])
        self.assertIn('NO-CARRIER', ap.run(['ip', 'link', 'show', 'wlan0']))
        self.assertIn('type AP', ap.run(['iw', 'dev', 'wlan0', 'info']))
        self.assertEqual(ap.run(['iw', 'dev', 'wlan0', 'station', 'dump']).strip(), '')
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        ap.hostapd(**WPA2_AP)
        connected(supplicant)

    def test_in_the_handshake(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        hostapd = ap.hostapd(**WPA2_AP)
        events = station.iw_events()
        config = lab.write_supplicant_config(
            'sta', **{**WPA2_STATION, 'psk': '"not the passphrase"'})
        supplicant, pid = self.program(station, ['wpa_supplicant', '-i', 'wlan0', '-D', 'nl80211',
                                                 '-c', config])
        supplicant.wait_for_line('Associated with')
        events.wait_for_line('ctrl. port')  # message 2: message 4 never comes
        lines = self.events_after(events, lambda: self.kill_with(station, pid), 'disconnected')
        told = [line.split(': ', 1)[1] for line in lines if line.startswith('wlan0')]
        self.assertEqual([line.split(' ')[0] for line in told], ['del', 'deauth', 'disconnected'])
        self.assertIn('reason: 3', told[-1])
        self.assertIn('Not connected', station.run(['iw', 'dev', 'wlan0', 'link']))
        wait_until(lambda: not ap.hostapd_cli('list_sta').strip(), 'hostapd has heard of it')
        self.assertIsNone(hostapd.process.poll())

    def test_in_a_scan(self):
        lab = self.start_lab()
        station = lab.host('sta')
        events = station.iw_events()
        config = lab.write_supplicant_config('sta', **WPA2_STATION, scan_freq=None)
        _, pid = self.program(station, ['wpa_supplicant', '-i', 'wlan0', '-D', 'nl80211', '-c',
                                        config])
        events.wait_for_line('scan started')
        self.kill_with(station, pid)
        # Nobody owns a scan: it goes on, and its results are everybody's.
        events.wait_for_line('scan finished')
        station.run(['ip', 'link', 'set', 'wlan0', 'up'])
        # (`iw scan` by itself listens too late on a busy machine, as its source says.)
        station.run(['iw', 'dev', 'wlan0', 'scan', 'trigger', 'freq', '2412'])
        events.wait_for_line('scan finished: 2412')


if __name__ == '__main__':
    unittest.main()
