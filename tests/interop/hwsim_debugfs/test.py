"""/sys/kernel/debug/ieee80211 of a host: live when read, and its knobs act when written."""

import unittest

from air_capture import Capture, frames
from airloom_testing import WPA2_AP, Scenario, start_pair, wait_until

DEBUG = '/sys/kernel/debug/ieee80211/phy0'


class HwsimDebugfsTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping', 'tshark')

    def read(self, host, path):
        return host.run(['cat', f'{DEBUG}/{path}']).strip()

    def write(self, host, path, text, status=0):
        # As test suites do it: the shell's redirection.
        return host.run(['sh', '-c', f'echo {text} > {DEBUG}/{path}'], status=status)

    def answers(self, host):
        output = host.run(['ping', '-c', 1, '-W', 1, '10.9.0.1'], status=None)
        return '1 received' in output

    def test_reads_and_writes(self):
        lab = self.start_lab()
        ap, station, _, _ = start_pair(lab)
        self.assertEqual(station.run(['ls', '/sys/kernel/debug/ieee80211']).split(), ['phy0'])
        self.assertEqual(sorted(station.run(['ls', f'{DEBUG}/hwsim']).split()),
                         ['dfs_simulate_radar', 'group', 'ps', 'rx_rssi'])
        self.assertEqual(self.read(station, 'hwsim/ps'), '0')
        self.assertEqual(self.read(station, 'hwsim/group'), '1')
        self.assertEqual(self.read(station, 'hwsim/rx_rssi'), '-50')
        self.assertEqual(self.read(station, 'rts_threshold'), '-1')

        stations = ap.run(['ls', f'{DEBUG}/netdev:wlan0/stations']).split()
        self.assertEqual(stations, [station.address()])
        flags = self.read(ap, f'netdev:wlan0/stations/{stations[0]}/flags').split()
        self.assertIn('AUTHORIZED', flags)
        self.assertEqual(self.read(station, 'netdev:wlan0/bssid'), ap.address())

    def keys(self, host):
        """{index of a key: {name of a file: what it says}}."""
        keys = {}
        for number in host.run(['ls', f'{DEBUG}/keys']).split():
            files = {name: self.read(host, f'keys/{number}/{name}')
                     for name in host.run(['ls', f'{DEBUG}/keys/{number}']).split()}
            keys[files['keyidx']] = files
        return keys

    def test_keys(self):
        lab = self.start_lab()
        ap, station, _, _ = start_pair(lab)
        station.ping('10.9.0.1', count=1)  # ARP is done
        before = self.keys(ap), self.keys(station)
        station.ping('10.9.0.1', count=3)
        after = self.keys(ap), self.keys(station)
        for keys in after:
            self.assertEqual(set(keys), {'0', '1'})  # pairwise and group
            for key in keys.values():
                self.assertEqual({name: key[name] for name in ('algorithm', 'ifindex', 'replays',
                                                               'icverrors')},
                                 {'algorithm': '00-0f-ac:4', 'ifindex': 'wlan0', 'replays': '0',
                                  'icverrors': '0'})
                self.assertRegex(key['tx_spec'], '^[0-9a-f]{12}$')
                # A counter for each TID, and one for management frames.
                self.assertRegex(key['rx_spec'], '^([0-9a-f]{12}\n){16}[0-9a-f]{12}$')
        for old, new in zip(before, after):  # a packet number for each echo, and none twice
            sent, heard = (int(new['0'][name].split()[0], 16) - int(old['0'][name].split()[0], 16)
                           for name in ('tx_spec', 'rx_spec'))
            self.assertGreaterEqual(sent, 3)
            self.assertGreaterEqual(heard, 3)
        for sender, receiver in ((ap, station), (station, ap)):  # whatever else they say meanwhile
            sent = self.keys(sender)['0']['tx_spec']
            heard = max(self.keys(receiver)['0']['rx_spec'].split())
            self.assertLessEqual(sent, heard)
            self.assertLessEqual(heard, self.keys(sender)['0']['tx_spec'])

    def test_u_apsd_is_set_and_the_radio_has_none(self):
        lab = self.start_lab()
        station = lab.host('sta')
        folder = 'netdev:wlan0'
        self.assertEqual(self.read(station, f'{folder}/uapsd_queues'), '0x0')
        self.assertEqual(self.read(station, f'{folder}/uapsd_max_sp_len'), '0x3')
        self.write(station, f'{folder}/uapsd_queues', '0xf')
        self.write(station, f'{folder}/uapsd_max_sp_len', '2')
        self.assertEqual(self.read(station, f'{folder}/uapsd_queues'), '0xf')
        self.assertEqual(self.read(station, f'{folder}/uapsd_max_sp_len'), '0x2')
        for file, text, error in (('uapsd_queues', '0x10', 'Numerical result out of range'),
                                  ('uapsd_max_sp_len', '4', 'Numerical result out of range'),
                                  ('uapsd_queues', 'x', 'Invalid argument')):
            said = station.run(['sh', '-c', f'echo {text} | tee {DEBUG}/{folder}/{file}'], status=1)
            self.assertIn(error, said)
        # mac80211_hwsim does not tell mac80211 that it can (IEEE80211_VIF_SUPPORTS_UAPSD).
        air = Capture(lab)
        ap, _, _, _ = start_pair(lab, {**WPA2_AP, 'uapsd_advertisement_enabled': 1})
        asked = frames(air.end(), ['wlan.wfa.ie.wme.qos_info'], 'wlan.fc.type_subtype == 0')
        self.assertEqual(asked, [('0x00',)])
        files = ap.run(['ls', f'{DEBUG}/{folder}']).split()  # of stations alone
        self.assertNotIn('uapsd_queues', files)

    def test_groups_part_the_air(self):
        lab = self.start_lab()
        _, station, _, _ = start_pair(lab)
        self.assertTrue(self.answers(station))
        self.write(station, 'hwsim/group', '0x2')
        self.assertEqual(self.read(station, 'hwsim/group'), '2')
        self.assertFalse(self.answers(station))
        self.write(station, 'hwsim/group', '3')
        wait_until(lambda: self.answers(station), 'they hear each other again')

    def test_pretended_power_save(self):
        lab = self.start_lab()
        ap, station, _, _ = start_pair(lab)
        mine = station.address()

        def is_asleep():
            return 'PS_STA' in self.read(ap, f'netdev:wlan0/stations/{mine}/flags')
        self.assertFalse(is_asleep())
        self.write(station, 'hwsim/ps', '1')
        wait_until(is_asleep, 'the access point knows that it sleeps')
        self.assertFalse(self.answers(station))
        self.write(station, 'hwsim/ps', '0')
        wait_until(lambda: not is_asleep(), 'the access point knows that it is awake')
        wait_until(lambda: self.answers(station), 'it hears again')

    def test_refusals(self):
        lab = self.start_lab()
        host = lab.host('one')
        for path, text in (('hwsim/ps', '4'), ('hwsim/ps', 'x'), ('hwsim/ps', '3'),
                           ('hwsim/rx_rssi', '1'), ('hwsim/rx_rssi', '-101')):
            with self.subTest((path, text)):
                said = host.run(['sh', '-c', f'echo {text} | tee {DEBUG}/{path}'], status=1)
                self.assertIn('Invalid argument', said)
        host.run(['cat', f'{DEBUG}/nothing'], status=1)
        self.assertIn('ermission denied', host.run(
            ['setpriv', '--reuid', '65534', '--clear-groups', 'sh', '-c',
             f'echo 1 > {DEBUG}/rts_threshold'], status=None))

    def test_simulated_radar(self):
        lab = self.start_lab()
        ap = lab.host('ap')
        hostapd = ap.start(['hostapd', lab.write_hostapd_config(
            'ap', hw_mode='a', channel=52, country_code='US', ieee80211d=1, ieee80211h=1)])
        hostapd.wait_for_line('DFS-CAC-START freq=5260')
        ap.run(['cat', f'{DEBUG}/hwsim/dfs_simulate_radar'], status=None)  # only written
        self.write(ap, 'hwsim/dfs_simulate_radar', '1')
        hostapd.wait_for_line('DFS-RADAR-DETECTED freq=5260')

    def test_signal(self):
        lab = self.start_lab()
        ap, station, _, _ = start_pair(lab)
        self.write(ap, 'hwsim/rx_rssi', '-90')

        def signal():
            lines = station.run(['iw', 'dev', 'wlan0', 'link']).splitlines()
            return [line.split()[1] for line in lines if 'signal' in line]
        wait_until(lambda: signal() == ['-70'], f'20 dBm arrive as -70, not {signal()}')


if __name__ == '__main__':
    unittest.main()
