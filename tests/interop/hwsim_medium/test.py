"""A program as the medium: it registers, forwards each frame of every host, and acknowledges."""

import pathlib
import unittest

import told
from air_capture import Capture, frames
from airloom_testing import PASSPHRASE, Scenario, connected, start_pair, wait_until
from golden import compare, read_allowed

HWSIM = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent.parent / 'hwsim.py']

TRACE = pathlib.Path(__file__).resolve().parents[2] / 'vectors/linux-6.1/medium/sae.pcap.gz'
# As in the trace: the radios of host ap and of host sta, and their interfaces.
NAMES = {bytes.fromhex(f'{first}0000000{number}00'): f'{host}{what}'
         for number, host in enumerate(('ap', 'sta'))
         for first, what in (('02', ''), ('42', ' radio'))}


class HwsimMediumTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping', 'tshark')

    def start_medium(self, *words):
        medium = self.lab.host('air').start([*HWSIM, 'medium', *words], 'medium')
        medium.wait_for_line('medium registered')
        return medium

    def test_a_network_through_the_medium_and_without_it(self):
        self.lab = lab = self.start_lab()
        medium = self.start_medium()
        capture = Capture(lab)
        ap, station, hostapd, supplicant = start_pair(lab)
        medium.wait_for_line(r'address \+ 42:00:00:00:..:00 02:00:00:00:..:00')
        medium.wait_for_line(r'^frames \d+')
        station.ping('10.9.0.1')
        ap.ping('10.9.0.2')
        signal = [line for line in station.run(['iw', 'dev', 'wlan0', 'link']).splitlines()
                  if 'signal' in line]
        self.assertEqual(signal[0].split()[1], '-50')  # what the program says of each frame
        refused = lab.host('air').run([*HWSIM, 'medium'], status=3)
        self.assertIn('refused 16 ', refused)  # EBUSY: one is enough

        medium.stop()
        wait_until(lambda: station.run(['ping', '-c', 1, '-W', 1, '10.9.0.1'], status=None)
                   and '1 received' in station.run(['ping', '-c', 1, '-W', 1, '10.9.0.1'],
                                                   status=None),
                   'the built-in medium carries on')
        station.ping('10.9.0.1')
        acks = frames(capture.end(), ['wlan.ra'], 'wlan.fc.type_subtype == 0x1d')
        self.assertGreater(len(acks), 20)

    def test_the_medium_is_told_what_the_kernel_tells(self):
        self.lab = lab = self.start_lab()
        for host in ('ap', 'sta'):  # one after the other, so that their addresses are the trace's
            lab.host(host).run(['true'])
        capture = Capture(lab, '--nl80211')
        self.start_medium()
        _, station, _, _ = start_pair(
            lab,
            {'wpa': 2, 'wpa_key_mgmt': 'SAE', 'rsn_pairwise': 'CCMP', 'ieee80211w': 2,
             'wpa_passphrase': PASSPHRASE, 'beacon_prot': 1, 'sae_pwe': 2, 'sae_require_mfp': 1},
            {'key_mgmt': 'SAE', 'psk': f'"{PASSPHRASE}"', 'ieee80211w': 2, 'beacon_prot': 1,
             'sae_pwe': 2})
        station.ping('10.9.0.1', count=3)
        kernel = told.lines(TRACE, '', NAMES)
        ours = told.lines(capture.end(), 'air', NAMES)
        self.assertEqual(kernel.keys(), ours.keys())
        for radio in kernel:
            problems = compare(f'hwsim_medium: {radio}', told.connection(kernel[radio]),
                               told.connection(ours[radio]),
                               read_allowed().get(f'hwsim_medium: {radio}', []))
            self.assertFalse(problems, '\n'.join(problems))
            # When what else is sent is for the hosts to say, and for the scheduler.
            self.assertEqual(told.kinds(ours[radio]), told.kinds(kernel[radio]))

    def test_a_medium_that_loses_frames(self):
        self.lab = lab = self.start_lab()
        self.start_medium('drop=10')
        _, station, _, _ = start_pair(lab)
        output = station.run(['ping', '-c', 20, '-i', '0.1', '-W', '5', '10.9.0.1'], status=None)
        received = int(output.split(' received')[0].split()[-1])
        self.assertGreater(received, 5, output)
        self.assertLess(received, 20, output)

    def join_through_a_man_in_the_middle(self, ocv):
        """An access point on channel 1, a station that takes it to be on channel 6."""
        lab = self.lab = self.start_lab()
        self.start_medium('relay=2412,2437')
        ap, station = lab.host('ap'), lab.host('sta')
        hostapd = ap.hostapd(wpa=2, wpa_key_mgmt='SAE', rsn_pairwise='CCMP', ieee80211w=2,
                             sae_password=PASSPHRASE, ocv=ocv)
        ap.set_ip('10.9.0.1/24')
        station.set_ip('10.9.0.2/24')
        return station, hostapd, station.wpa_supplicant(
            key_mgmt='SAE', sae_password=f'"{PASSPHRASE}"', ieee80211w=2, ocv=ocv, scan_freq=2437)

    def test_a_man_in_the_middle_on_another_channel(self):
        station, _, supplicant = self.join_through_a_man_in_the_middle(ocv=0)
        connected(supplicant)
        self.assertEqual(station.status()['freq'], '2437')
        station.ping('10.9.0.1', count=3)

    def test_operating_channel_validation_refuses_him(self):
        station, hostapd, supplicant = self.join_through_a_man_in_the_middle(ocv=1)
        hostapd.wait_for_line(f'OCV-FAILURE addr={station.address()} frame=eapol-key-m2 '
                              'error=primary channel mismatch')
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        self.assertNotIn('CTRL-EVENT-CONNECTED', supplicant.output())
        self.assertNotIn('AP-STA-CONNECTED', hostapd.output())


if __name__ == '__main__':
    unittest.main()
