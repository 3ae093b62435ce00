"""A wiphy moved to another network namespace of its host, by process, by descriptor, by name."""

import pathlib
import unittest

from airloom_testing import (WPA2_AP, WPA2_STATION, EventListeners, Scenario, connected,
                             wait_until)

FAR = ['nsenter', '--net=/proc/{pid}/ns/net', '--']


class NetdevNamespacesTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'unshare', 'nsenter')

    def new_namespace(self, host):
        """A namespace of the host, as a process in it; what the process prints is its number."""
        program = host.start(['unshare', '--net', 'sh', '-c', 'echo in $$; exec sleep 1000'],
                             'namespace')
        return int(program.wait_for_line(r'in (\d+)')[1])

    def far(self, pid, *words):
        return [word.format(pid=pid) for word in FAR] + list(words)

    def interfaces(self, output):
        return [line.split()[1] for line in output.splitlines()
                if line.strip().startswith('Interface')]

    def test_a_moved_wiphy_works_there_and_comes_back(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        ap.hostapd(**WPA2_AP)
        ap.set_ip('10.9.0.1/24')
        pid = self.new_namespace(station)
        here = station.iw_events()
        there = station.start(self.far(pid, 'iw', 'event'), 'there')
        wait_until(EventListeners(station.lab, 2), 'both `iw event` wait for events')
        self.assertEqual(station.run(self.far(pid, 'iw', 'dev')), '')
        self.assertEqual(self.interfaces(station.run(['iw', 'dev'])), ['wlan0'])

        station.run(['iw', 'phy', 'phy0', 'set', 'netns', str(pid)])
        here.wait_for_line('del(ete)? ?(interface|wiphy)|wiphy')
        there.wait_for_line('phy #0|wiphy')
        self.assertEqual(station.run(['iw', 'dev']), '')
        station.run(['ip', 'link', 'show', 'wlan0'], status=1)
        self.assertEqual(self.interfaces(station.run(self.far(pid, 'iw', 'dev'))), ['wlan0'])

        config = lab.write_supplicant_config('sta', **WPA2_STATION)
        supplicant = connected(station.start(
            self.far(pid, 'wpa_supplicant', '-i', 'wlan0', '-D', 'nl80211', '-c', str(config))))
        station.run(self.far(pid, 'ip', 'address', 'add', '10.9.0.2/24', 'dev', 'wlan0'))
        station.run(self.far(pid, 'ping', '-c', '3', '-i', '0.1', '-W', '5', '10.9.0.1'))
        supplicant.stop()

        back = station.start(['sh', '-c', 'echo in $$; exec sleep 1000'], 'back')
        first = back.wait_for_line(r'in (\d+)')[1]
        station.run(self.far(pid, 'iw', 'phy', 'phy0', 'set', 'netns', first))
        self.assertEqual(self.interfaces(station.run(['iw', 'dev'])), ['wlan0'])
        connected(station.wpa_supplicant(**WPA2_STATION))

    def test_by_name(self):
        lab = self.start_lab()
        host = lab.host('one')
        script = lab.write('move.sh', '\n'.join([
            'set -e',
            'mount -t tmpfs none /run',  # in a mount namespace of its own: nothing to clean up
            'ip netns add attic',
            'iw phy phy0 set netns name attic',
            'nsenter --net=/run/netns/attic iw dev',
            'ip netns del attic']))
        output = host.run(['unshare', '--mount', 'sh', script])
        self.assertEqual(self.interfaces(output), ['wlan0'])
        self.assertEqual(host.run(['iw', 'dev']), '')

    def test_a_name_that_is_taken_there(self):
        lab = self.start_lab()
        host = lab.host('one')
        pid = self.new_namespace(host)
        host.run(self.far(pid, 'ip', 'tuntap', 'add', 'wlan0', 'mode', 'tap'))
        host.run(['iw', 'phy', 'phy0', 'set', 'netns', str(pid)])
        self.assertEqual(self.interfaces(host.run(self.far(pid, 'iw', 'dev'))), ['wlan1'])

    def test_refusals(self):
        lab = self.start_lab()
        host = lab.host('one')
        other = lab.host('other').start(['sh', '-c', 'echo in $$; exec sleep 1000'], 'other')
        no_process = pathlib.Path('/proc/sys/kernel/pid_max').read_text().strip()
        # Nobody, the machine outside every host, and another host.
        for pid in (no_process, '1', other.wait_for_line(r'in (\d+)')[1]):
            text = host.run(['iw', 'phy', 'phy0', 'set', 'netns', pid], status=None)
            self.assertIn('command failed: Invalid argument', text)
        self.assertEqual(self.interfaces(host.run(['iw', 'dev'])), ['wlan0'])


if __name__ == '__main__':
    unittest.main()
