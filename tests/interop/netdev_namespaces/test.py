"""A wiphy moved to another network namespace of its host, by process, by descriptor, by name."""

import pathlib
import sys
import unittest

from airloom_testing import (WPA2_AP, WPA2_STATION, EventListeners, Scenario, connected,
                             wait_until)

SCRIPT_PLAYER = [sys.executable, '-B',
                 pathlib.Path(__file__).parent.parent / 'nl80211_script.py']
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
        here.wait_for_line(r'phy #0\)?: del interface type station')
        here.wait_for_line(r'^phy #0: delete wiphy$')
        there.wait_for_line(r'^phy #0: renamed to phy0$')
        there.wait_for_line(r'phy #0\)?: new interface type station')
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
            'echo moved; iw dev',
            'ip netns del attic']))
        output = host.run(['unshare', '--mount', 'sh', script])
        there, here = output.split('moved')
        self.assertEqual((self.interfaces(there), self.interfaces(here)), (['wlan0'], []))
        wait_until(lambda: self.interfaces(host.run(['iw', 'dev'])) == ['wlan0'],
                   'the namespace has ended, and its radio is back')

    def test_a_namespace_that_ends_gives_its_wiphy_back(self):
        lab = self.start_lab()
        host = lab.host('one')
        pid = self.new_namespace(host)
        host.run(['iw', 'phy', 'phy0', 'set', 'netns', str(pid)])
        host.run(self.far(pid, 'iw', 'dev', 'wlan0', 'interface', 'add', 'mon0', 'type', 'monitor'))
        host.run(['ip', 'tuntap', 'add', 'wlan0', 'mode', 'tap'])  # the name is taken by now
        events = host.iw_events()
        # A descriptor keeps a namespace as well as a process does.
        holder = host.start(['sh', '-c', f'exec 7</proc/{pid}/ns/net; echo holds; exec sleep 1000'],
                            'holder')
        holder.wait_for_line('holds')
        [sleeper] = [program for program in lab.programs if program.name == 'namespace']
        sleeper.stop()
        self.assertEqual(host.run(['iw', 'dev']), '')
        holder.stop()
        events.wait_for_line('new wiphy|renamed|phy #0')
        wait_until(lambda: sorted(self.interfaces(host.run(['iw', 'dev']))) == ['mon0', 'wlan1'],
                   'the radio is back with its interfaces')
        host.run(['ip', 'link', 'set', 'wlan1', 'up'])
        self.assertEqual(events.process.poll(), None)

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
        self.assertIn('No such process (-3)',
                      host.run(['iw', 'phy', 'phy0', 'set', 'netns', no_process], status=None))
        # The machine outside every host, and another host.
        for pid in ('1', other.wait_for_line(r'in (\d+)')[1]):
            text = host.run(['iw', 'phy', 'phy0', 'set', 'netns', pid], status=None)
            self.assertIn('command failed: Invalid argument', text)
        script = lab.write('script.txt', '\n'.join([
            'sock 1',
            's 1 nowhere SET_WIPHY_NETNS WIPHY/u32=0',
            's 1 no-such-wiphy SET_WIPHY_NETNS WIPHY/u32=9 PID/u32=1',
            's 1 closed SET_WIPHY_NETNS WIPHY/u32=0 NETNS_FD/u32=999',
            's 1 no-namespace SET_WIPHY_NETNS WIPHY/u32=0 NETNS_FD/u32=0']) + '\n')
        answers = host.run([*SCRIPT_PLAYER, script]).splitlines()
        self.assertEqual({line.split('\t')[1]: line.split('\t')[3] for line in answers},
                         {'nowhere': 'EINVAL', 'no-such-wiphy': 'ENODEV', 'closed': 'EBADF',
                          'no-namespace': 'EINVAL'})
        self.assertEqual(self.interfaces(host.run(['iw', 'dev'])), ['wlan0'])


if __name__ == '__main__':
    unittest.main()
