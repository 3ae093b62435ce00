"""AP VLANs: hostapd puts stations on interfaces of their own, with group keys of their own."""

import unittest

from airloom_testing import PASSPHRASE, Scenario, connected

KEYS = f'''00:00:00:00:00:00 {PASSPHRASE}
vlanid=5 00:00:00:00:00:00 passphrase-of-five
vlanid=6 00:00:00:00:00:00 passphrase-of-six
'''


def with_passphrase(text):
    return {'key_mgmt': 'WPA-PSK', 'psk': f'"{text}"'}


class DynamicVlanTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping')

    def test_stations_on_two_vlans_and_none(self):
        lab = self.start_lab()
        ap = lab.host('ap')
        hosts = {name: lab.host(name) for name in ('none', 'five', 'also', 'six')}
        hostapd = ap.hostapd(
            wpa=2, wpa_key_mgmt='WPA-PSK', rsn_pairwise='CCMP', dynamic_vlan=1,
            wpa_group_rekey=6,
            wpa_psk_file=lab.write('psk', KEYS),
            vlan_file=lab.write('vlan', '5 wlan0.5 br5\n6 wlan0.6 br6\n'))
        ap.set_ip('10.9.0.1/24')
        passphrases = {'none': PASSPHRASE, 'five': 'passphrase-of-five',
                       'also': 'passphrase-of-five', 'six': 'passphrase-of-six'}
        nets = {'none': 0, 'five': 5, 'also': 5, 'six': 6}
        supplicants = {}
        for number, (name, host) in enumerate(hosts.items(), start=2):
            supplicants[name] = connected(
                host.wpa_supplicant(**with_passphrase(passphrases[name])))
            host.set_ip(f'10.9.{nets[name]}.{number}/24')
        for net in (5, 6):
            ap.run(['ip', 'link', 'set', f'br{net}', 'up'])
            ap.set_ip(f'10.9.{net}.1/24', f'br{net}')
        for name, interface in (('none', 'wlan0'), ('five', 'wlan0.5'), ('also', 'wlan0.5'),
                                ('six', 'wlan0.6')):
            dump = ap.run(['iw', 'dev', interface, 'station', 'dump'])
            self.assertIn(hosts[name].address(), dump, name)
            hosts[name].ping(f'10.9.{nets[name]}.1')
        hosts['five'].ping('10.9.5.4')  # within the VLAN the access point forwards

        # To all on a VLAN is to those on the VLAN: ARP for a name of another one goes unanswered.
        for name in ('six', 'none'):
            hosts[name].run(['ip', 'address', 'add', '10.9.5.99/24', 'dev', 'wlan0'])
        hosts['five'].run(['ping', '-c', '1', '-W', '1', '10.9.5.99'], status=1)
        # A new group key for each VLAN, and group frames still come through.
        for supplicant in supplicants.values():
            supplicant.skip_to_now()
        for supplicant in supplicants.values():
            supplicant.wait_for_line('Group rekeying completed')
        hosts['also'].run(['ip', 'neigh', 'flush', 'all'])
        ap.run(['ip', 'neigh', 'flush', 'all'])
        ap.ping('10.9.5.4')
        hosts['five'].run(['ip', 'neigh', 'flush', 'all'])
        hosts['five'].ping('10.9.5.4')
        self.assertEqual(hostapd.stop(), 0)
        self.assertNotIn('wlan0.5', ap.run(['iw', 'dev']))


if __name__ == '__main__':
    unittest.main()
