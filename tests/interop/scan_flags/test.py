"""What the flags of a scan promise is on the air, or in the answers."""

import errno
import itertools
import pathlib
import sys
import unittest

from air_capture import Capture, frames
from airloom_testing import SSID, WPA2_AP, Scenario, refused, start_pair

SCRIPT_PLAYER = [sys.executable, '-B', pathlib.Path(__file__).parent.parent / 'nl80211_script.py']
HOME, ELSEWHERE = 2412, 2437
# [nl80211.h enum nl80211_scan_flags]
RANDOM_ADDR, RANDOM_SN, MIN_PREQ_CONTENT = 1 << 3, 1 << 11, 1 << 12
COLOCATED_6GHZ = 1 << 14
# What mac80211_hwsim says that it cannot do: FILS and OCE, and how much power a scan may take.
UNSUPPORTED = [1 << bit for bit in range(4, 11)]
SUPPORTED_RATES, DS_PARAMETER, EXTENDED_RATES, HT, EXTENSION = 1, 3, 50, 45, 255


class ScanFlagsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'sysctl', 'tshark')

    def station(self, lab):
        host = lab.host('sta')
        host.run(['ip', 'link', 'set', 'wlan0', 'up'])
        return host

    def ask(self, lab, host, *requests):
        """The errno of each raw request, by name, and '0' for none."""
        script = lab.write('script.txt', '\n'.join(
            ['sock 1', *(f's 1 asked {request}' for request in requests)]) + '\n')
        lines = host.run([*SCRIPT_PLAYER, script]).splitlines()
        return [line.split('\t')[3] for line in lines if line.startswith('R\t')]

    def request(self, ssid, flags, more=''):
        return (f'TRIGGER_SCAN IFINDEX/if=wlan0 SCAN_FREQUENCIES{{ #1/u32={HOME} }} '
                f'SCAN_SSIDS{{ #1/s={ssid} }} SCAN_FLAGS/u32={flags} {more}')

    def scan(self, lab, host, events, ssid, flags, more=''):
        """A raw scan for a name, to its end."""
        self.assertEqual(self.ask(lab, host, self.request(ssid, flags, more)), ['0'])
        events.wait_for_line('scan finished')

    def probes(self, capture):
        """{SSID: (source, sequence number, element ids)} of the probe requests."""
        rows = frames(capture, ['wlan.ssid', 'wlan.ta', 'wlan.seq', 'wlan.tag.number'],
                      'wlan.fc.type_subtype == 4')
        found = {}
        for ssid, source, sequence, numbers in rows:
            name = bytes.fromhex(ssid).decode() if set(ssid) <= set('0123456789abcdef') else ssid
            self.assertNotIn(name, found, 'each scan has a name of its own')
            found[name] = (source, int(sequence), {int(one) for one in numbers.split(',')})
        return found

    def test_probe_requests_say_what_was_asked(self):
        lab = self.start_lab()
        host = self.station(lab)
        own = host.address()
        events = host.iw_events()
        capture = Capture(lab)
        for name in ('plain-1', 'plain-2'):
            self.scan(lab, host, events, name, 0)
        for number in range(4):
            self.scan(lab, host, events, f'random-{number}', RANDOM_SN)
        self.scan(lab, host, events, 'plain-3', 0)
        self.scan(lab, host, events, 'least', MIN_PREQ_CONTENT)
        for number in range(2):
            self.scan(lab, host, events, f'moved-{number}', RANDOM_ADDR)
        self.scan(lab, host, events, 'masked', RANDOM_ADDR,
                  'MAC/h=02aabb000000 MAC_MASK/h=ffffff000000')
        self.scan(lab, host, events, 'beside', COLOCATED_6GHZ)
        probes = self.probes(capture.end())

        # The interface's own numbers go on as if the random ones had not been.
        plain = [probes[f'plain-{number}'][1] for number in (1, 2, 3)]
        self.assertEqual([plain[1] - plain[0], plain[2] - plain[1]], [1, 1])
        random = [probes[f'random-{number}'][1] for number in range(4)]
        self.assertNotIn(1, {abs(b - a) for a, b in itertools.pairwise(random)}, random)
        # HT and HE are left out, what tells of the network and the channel stays.
        self.assertLessEqual({HT, EXTENSION}, probes['plain-1'][2])
        self.assertEqual(probes['least'][2],
                         {0, SUPPORTED_RATES, DS_PARAMETER, EXTENDED_RATES})
        self.assertEqual({probes[name][0] for name in ('plain-1', 'random-0', 'least', 'beside')},
                         {own})
        moved = [probes[f'moved-{number}'][0] for number in range(2)]
        self.assertEqual(len({own, *moved}), 3)
        for source in moved:
            self.assertEqual(int(source[:2], 16) & 3, 2, 'local, and of one station')
        self.assertRegex(probes['masked'][0], '^02:aa:bb:')
        self.assertNotEqual(probes['masked'][0], '02:aa:bb:00:00:00')

    def test_answers_to_a_random_address_count(self):
        lab = self.start_lab()
        lab.host('ap').hostapd(**WPA2_AP, ignore_broadcast_ssid=1)
        station = self.station(lab)
        capture = Capture(lab)
        found = station.scan('freq', HOME, 'randomise=02:aa:bb:00:00:00/ff:ff:ff:00:00:00',
                             'ssid', SSID)
        self.assertIn(f'SSID: {SSID}', found)
        air = capture.end()
        answers = frames(air, ['wlan.ra', 'frame.number'], 'wlan.fc.type_subtype == 5')
        self.assertEqual(len(answers), 1)
        self.assertRegex(answers[0][0], '^02:aa:bb:')
        acknowledgements = frames(air, ['frame.number'], f'wlan.fc.type_subtype == 29 && '
                                  f'frame.number == {int(answers[0][1]) + 1}')
        self.assertTrue(acknowledgements, 'the random address answers for itself')

    def test_what_the_radio_cannot_do_is_refused(self):
        lab = self.start_lab()
        host = self.station(lab)
        answers = self.ask(lab, host, *(self.request('x', flag) for flag in UNSUPPORTED))
        self.assertEqual(answers, ['EOPNOTSUPP'] * len(UNSUPPORTED))
        wrong = ('MAC/h=02aabb000000', 'MAC_MASK/h=ffffff000000',
                 'MAC/h=02aabb000000 MAC_MASK/h=feffff000000',
                 'MAC/h=03aabb000000 MAC_MASK/h=ffffff000000')
        answers = self.ask(lab, host, *(self.request('x', RANDOM_ADDR, more) for more in wrong))
        self.assertEqual(answers, ['EINVAL'] * len(wrong))
        # A number of the header that the kernel has no handler for.
        self.assertEqual(self.ask(lab, host, 'SET_MGMT_EXTRA_IE IFINDEX/if=wlan0'), ['EOPNOTSUPP'])

    def test_an_access_point_scans_only_if_forced(self):
        lab = self.start_lab()
        ap, other = lab.host('ap'), lab.host('other')
        ap.hostapd(**WPA2_AP)
        other.hostapd(**{**WPA2_AP, 'channel': 6})
        ap.run(['iw', 'dev', 'wlan0', 'scan', 'trigger', 'freq', ELSEWHERE],
               status=refused(errno.EOPNOTSUPP))
        found = ap.scan('freq', ELSEWHERE, 'ap-force', 'passive')
        self.assertIn(f'BSS {other.address()}', found)
        # Later it forgets what it does not hear again.
        self.assertIn(other.address(), ap.scan('freq', HOME, 'ap-force'))
        self.assertNotIn(other.address(), ap.scan('freq', HOME, 'flush', 'ap-force'))

    def test_a_scan_of_low_priority_yields_to_traffic(self):
        lab = self.start_lab()
        for name in ('ap', 'sta'):
            lab.host(name).silence()
        _, station, _, _ = start_pair(lab)
        self.assertEqual(self.ask(lab, station, self.request('x', RANDOM_ADDR)), ['EOPNOTSUPP'],
                         'an association goes by the own address')
        events = station.iw_events()
        channels = ['freq', ELSEWHERE, 2462, HOME]
        for flag in ([], ['lowpri']):
            station.run(['iw', 'dev', 'wlan0', 'scan', 'trigger', *channels, *flag])
            events.wait_for_line('scan finished')
        ping = station.start(['ping', '-i', '0.005', '10.9.0.1'])
        ping.wait_for_line('icmp_seq=3 ')
        station.run(['iw', 'dev', 'wlan0', 'scan', 'trigger', *channels])
        events.wait_for_line('scan finished')
        station.run(['iw', 'dev', 'wlan0', 'scan', 'trigger', *channels, 'lowpri'])
        events.wait_for_line('scan aborted')
        ping.stop()


if __name__ == '__main__':
    unittest.main()
