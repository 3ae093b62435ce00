"""Who may move the regulatory domain: users, drivers, access points and a regulatory agent."""

import pathlib
import re
import sys
import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, start_pair, wait_until

INTEROP = pathlib.Path(__file__).parent.parent
HWSIM = ['/usr/bin/python3', '-B', INTEROP / 'hwsim.py']
SCRIPT_PLAYER = [sys.executable, '-B', INTEROP / 'nl80211_script.py']
# One rule as a regulatory agent has it: channels 1 to 13, 40 MHz, 5 dBm.
RULE = ('#0{ #1/u32=0 #2/u32=2402000 #3/u32=2482000 #4/u32=40000 #5/u32=0 #6/u32=500 '
        '#7/u32=0 }')
WRONG_RULE = '#0{ #1/u32=0 #2/u32=2402000 #3/u32=2482000 #4/u32=40000 }'


class RegulatoryTest(Scenario):
    TOOLS = ('iw', 'hostapd', 'wpa_supplicant', 'wpa_cli')

    def start_host(self):
        self.lab = self.start_lab()
        self.host = self.lab.host('one')
        self.host.run(['true'])  # comes with radio 0: phy0 and wlan0
        return self.host

    def hwsim(self, *words):
        return self.host.run([*HWSIM, *words]).strip()

    def domains(self, host):
        """{'global' or 'phy#N': country}, as `iw reg get` has it."""
        return dict(re.findall(r'^(global|phy#\d+)[^\n]*\ncountry (\w\w):',
                               host.run(['iw', 'reg', 'get']), re.MULTILINE))

    def wait_for_domains(self, host, expected):
        wait_until(lambda: self.domains(host) == expected, f'the domains are {expected}')

    def channel(self, phy, mhz):
        """What `iw phy` says of a channel, e.g. (20.0 dBm) (no IR)."""
        info = self.host.run(['iw', 'phy', phy, 'info'])
        return re.search(rf'\* {mhz}(?:\.0)? MHz \[\d+\] (.*)', info)[1].strip()

    def play(self, host, *steps):
        script = self.lab.write('script.txt', '\n'.join(steps) + '\n')
        return host.run([*SCRIPT_PLAYER, script]).splitlines()

    def test_a_radio_with_a_domain_of_its_own(self):
        host = self.start_host()
        self.hwsim('new', 'custom_reg=0')
        self.assertEqual(self.hwsim('get', '1'), 'radio 1 phy1 channels=1 custom_reg=0')
        self.assertEqual(self.domains(host), {'global': '00', 'phy#1': '99'})
        self.assertEqual(self.channel('phy1', 5180), '(30.0 dBm)')
        self.assertEqual(self.channel('phy1', 2467), '(disabled)')
        self.assertIn('no IR', self.channel('phy0', 5180))
        # A country narrows it, and never widens it.
        host.run(['iw', 'reg', 'set', 'DE'])
        self.wait_for_domains(host, {'global': 'DE', 'phy#1': '99'})
        self.assertEqual(self.channel('phy0', 2467), '(20.0 dBm)')
        self.assertEqual(self.channel('phy1', 2467), '(disabled)')
        self.assertEqual(self.channel('phy1', 5180), '(23.0 dBm)')
        named = self.host.run(['iw', 'phy', 'phy1', 'reg', 'get'])
        self.assertIn('country 99:', named)

    def test_a_strict_radio_is_bound_by_its_driver(self):
        host = self.start_host()
        events = host.iw_events()
        self.hwsim('new', 'country=US', 'strict')
        events.wait_for_line('regulatory domain change: set to US by a driver request on phy1')
        self.assertEqual(self.domains(host), {'global': 'US', 'phy#1': 'US'})
        self.assertEqual(self.channel('phy0', 2472), '(disabled)')
        host.run(['iw', 'reg', 'set', 'DE'])
        events.wait_for_line('regulatory domain change: set to DE by a user request')
        self.assertEqual(self.domains(host), {'global': 'DE', 'phy#1': 'US'})
        self.assertEqual(self.channel('phy0', 2472), '(20.0 dBm)')
        self.assertEqual(self.channel('phy1', 2472), '(disabled)')

    def test_two_drivers_meet(self):
        host = self.start_host()
        events = host.iw_events()
        self.hwsim('new', 'country=US')
        events.wait_for_line('set to US by a driver request on phy1')
        self.hwsim('new', 'country=DE')
        events.wait_for_line('intersection used due to a request made by a driver on phy2')
        self.assertEqual(self.domains(host), {'global': '98', 'phy#1': 'US', 'phy#2': 'DE'})
        self.hwsim('new', 'country=JP')
        events.wait_for_line('intersection used due to a request made by a driver on phy3')
        host.run(['iw', 'reg', 'set', 'FR'])  # too late: several have a say
        self.assertEqual(self.domains(host)['global'], '98')

    def test_an_access_point_tells_the_country(self):
        self.lab = self.start_lab()
        station = self.lab.host('sta')
        events = station.iw_events()
        _, _, _, supplicant = start_pair(
            self.lab, ap={**WPA2_AP, 'country_code': 'DE', 'ieee80211d': 1})
        events.wait_for_line('regulatory domain change: set to DE by a country IE request on phy0')
        self.assertEqual(self.domains(station), {'global': 'DE'})
        station.run(['iw', 'reg', 'set', 'US'])
        events.wait_for_line('intersection used due to a request made by a user')
        self.assertEqual(self.domains(station), {'global': '98'})
        supplicant.stop()
        events.wait_for_line('set to world roaming by the wireless core')
        events.wait_for_line('set to US by a user request')
        self.assertEqual(self.domains(station), {'global': 'US'})
        connected(station.wpa_supplicant(**WPA2_STATION))

    def test_a_country_that_only_an_agent_knows(self):
        host = self.start_host()
        answers = self.play(
            host, 'sock 1', 'sock 2', 'join 2 regulatory',
            f's 1 unasked SET_REG REG_ALPHA2/s=XX REG_RULES{{ {RULE} }}',
            's 1 no-country REQ_SET_REG REG_ALPHA2/s=X1',
            's 1 no-such-type REQ_SET_REG REG_ALPHA2/s=DE USER_REG_HINT_TYPE/u32=3',
            's 1 base-station REQ_SET_REG REG_ALPHA2/s=DE USER_REG_HINT_TYPE/u32=1',
            's 1 indoors REQ_SET_REG USER_REG_HINT_TYPE/u32=2',
            'ev 2 200',
            's 1 asks REQ_SET_REG REG_ALPHA2/s=XX',
            f's 1 another SET_REG REG_ALPHA2/s=XY REG_RULES{{ {RULE} }}',
            f's 1 wrong-rule SET_REG REG_ALPHA2/s=XX REG_RULES{{ {WRONG_RULE} }}',
            f's 1 agent SET_REG REG_ALPHA2/s=XX DFS_REGION/u8=2 REG_RULES{{ {RULE} }}',
            f's 1 again SET_REG REG_ALPHA2/s=XX REG_RULES{{ {RULE} }}',
            'ev 2 200')
        errors = {line.split('\t')[1]: line.split('\t')[3] for line in answers
                  if line.startswith('R\t')}
        self.assertEqual(errors, {
            'unasked': 'EINVAL', 'no-country': 'EINVAL', 'no-such-type': 'EINVAL',
            'base-station': '0', 'indoors': '0', 'asks': '0', 'another': 'EINVAL',
            'wrong-rule': 'EINVAL', 'agent': '0', 'again': 'EINVAL'})
        events = [line.strip() for line in answers if ' E sock2' in line]
        self.assertEqual(events[0], 'E sock2 (no event in 200 ms)')
        self.assertEqual(len(events), 2, events)
        self.assertRegex(events[1], r'REG_CHANGE .*REG_INITIATOR\[1\]=01 REG_TYPE\[1\]=00 '
                                    r'REG_ALPHA2\[3\]=585800$')
        self.assertEqual(self.domains(host), {'global': 'XX'})
        self.assertEqual(self.channel('phy0', 2412), '(5.0 dBm)')
        # Nobody answers for the next one: the world again, and no memory of either.
        changes = host.iw_events()
        host.run(['iw', 'reg', 'set', 'XZ'])
        changes.wait_for_line('set to world roaming by the wireless core')
        self.assertEqual(self.domains(host), {'global': '00'})

    def test_a_reloaded_database_is_asked_again(self):
        host = self.start_host()
        host.run(['iw', 'reg', 'set', 'DE'])
        self.wait_for_domains(host, {'global': 'DE'})
        events = host.iw_events()
        host.run(['iw', 'reg', 'reload'])
        events.wait_for_line('set to world roaming by the wireless core')
        events.wait_for_line('set to DE by a user request')


if __name__ == '__main__':
    unittest.main()
