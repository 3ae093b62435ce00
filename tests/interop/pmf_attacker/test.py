"""An attacker between hostapd and wpa_supplicant with SAE, PMF and beacon protection: nothing that
it forges is believed, and what it forges is counted, reported and told to the access point."""

import collections
import json
import pathlib
import unittest

from air_capture import Capture, frames
from airloom_testing import WPA3_AP, WPA3_STATION, Scenario, start_pair, wait_until

INJECT = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent / 'inject.py']

REASONS = (('deauthentication', 'rx-clear-management'),
           ('deauthentication_with_wrong_mic', 'rx-bad-mic'),
           ('deauthentication_of_all_with_wrong_mic', 'rx-bad-mic'),
           ('deauthentication_of_all_under_another_key', 'rx-no-key'),
           ('beacon_without_mic', 'rx-clear-beacon'),
           ('beacon_whose_mic_is_not_last', 'rx-clear-beacon'),
           ('beacon_whose_mic_is_too_short', 'rx-clear-beacon'),
           ('beacon_with_wrong_mic', 'rx-bad-mic'),
           ('beacon_with_another_ciphers_mic', 'rx-protection'),
           ('beacon_under_key_id_four', 'rx-no-key'),
           ('beacon_replayed', 'rx-replay'))


class PmfAttackerTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'iw', 'ip', 'ping', 'tshark')

    def setUp(self):
        super().setUp()
        self.lab = self.new_lab().start_daemon('--verbose')
        self.ap, self.station, self.hostapd, self.supplicant = start_pair(
            self.lab, {**WPA3_AP, 'beacon_prot': 1}, {**WPA3_STATION, 'beacon_prot': 1})
        self.hostapd.wait_for_line('AP-STA-CONNECTED')
        self.attacker = self.lab.host('attacker')
        for command in ('iw dev wlan0 set type monitor', 'ip link set wlan0 up',
                        'iw dev wlan0 set freq 2412'):
            self.attacker.run(command.split())
        self.addresses = [self.ap.address(), self.station.address()]

    def drops(self, host):
        status = self.lab.start(['status', '--json'], 'status')
        self.assertEqual(status.wait(), 0)
        found = [entry for entry in json.loads(status.output())['hosts'] if entry['name'] == host]
        return found[0]['radios'][0]['drops']

    def inject(self, name):
        output = self.attacker.run([*INJECT, 'wlan0', *self.addresses, name])
        self.assertIn(f'sent {name}', output)

    def attack(self, name, drop, event=None):
        """The station counts it, hears of it, stays connected, and does not move."""
        before = self.drops('sta').get(drop, 0)
        with self.station.wpa_events() as events:
            self.inject(name)
            if event:
                events.wait_for(event)
        wait_until(lambda: self.drops('sta').get(drop, 0) > before, f'{drop} counts {name}')
        self.assertIn('freq: 2412', self.station.run(['iw', 'dev', 'wlan0', 'link']))
        self.station.ping('10.9.0.1', count=2)
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', self.supplicant.output())

    def test_goodbyes_in_clear(self):
        for name in ('deauthentication', 'disassociation', 'deauthentication_of_all'):
            self.attack(name, 'rx-clear-management')

    def test_forged_beacons(self):
        self.attack('beacon_without_mic', 'rx-clear-beacon', 'CTRL-EVENT-UNPROT-BEACON')
        # The station tells its access point, who names the reporter.
        self.hostapd.wait_for_line('CTRL-EVENT-UNPROT-BEACON .*' + self.station.address())
        self.attack('beacon_with_wrong_mic', 'rx-bad-mic')
        self.attack('beacon_replayed', 'rx-replay')

    def test_log_and_capture_say_why(self):
        capture = Capture(self.lab)
        self.lab.daemon.skip_to_now()
        before = collections.Counter(self.drops('sta'))
        for name, drop in REASONS:
            self.inject(name)
            self.lab.daemon.wait_for_line(f'dropped a frame of {self.addresses[0]}: {drop}')
        self.station.ping('10.9.0.1', count=2)
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', self.supplicant.output())
        counted = collections.Counter(self.drops('sta')) - before
        self.assertLessEqual(collections.Counter(drop for _, drop in REASONS), counted)
        air = capture.end()
        for name, drop in REASONS:
            kind = 8 if name.startswith('beacon') else 12
            said = frames(air, ['frame.comment'],
                          f'wlan.fc.type_subtype == {kind} && frame.comment contains "dropped"')
            self.assertTrue(any(f'sta/phy0 dropped it: {drop}' in comment for (comment,) in said),
                            (name, said))


if __name__ == '__main__':
    unittest.main()
