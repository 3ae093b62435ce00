"""Wi-Fi Direct: two hosts find each other and form a group."""

import re
import unittest

from airloom_testing import Scenario, wait_until

CONFIG = '''ctrl_interface={control}
device_name={name}
device_type=1-0050F204-1
config_methods=virtual_push_button physical_display keypad
p2p_go_ht40=0
'''


class P2pTest(Scenario):
    TOOLS = ('wpa_supplicant', 'wpa_cli', 'iw', 'ip', 'ping')

    def test_two_devices_form_a_group(self):
        lab = self.start_lab()
        hosts = [lab.host('one'), lab.host('two')]
        for host in hosts:
            config = lab.write(f'p2p-{host.name}.conf', CONFIG.format(
                control=lab.control(host.name), name=host.name))
            host.start(['wpa_supplicant', '-i', 'wlan0', '-D', 'nl80211', '-c', config])
        for host in hosts:
            wait_until(lambda: 'PONG' in host.run(
                ['wpa_cli', '-p', lab.control(host.name), '-i', 'wlan0', 'ping'], status=None),
                f'wpa_supplicant on {host.name} answers')
        addresses = [host.status()['p2p_device_address'] for host in hosts]
        for host in hosts:
            self.assertIn('OK', host.wpa_cli('p2p_find'))
        for host, other in zip(hosts, reversed(addresses)):
            wait_until(lambda: self.has_found(host, other), f'{host.name} finds {other}')
        # One is ready to be asked, the other asks.
        self.assertIn('OK', hosts[1].wpa_cli(
            'p2p_connect', addresses[0], 'pbc', 'auth', 'go_intent=0'))
        self.assertIn('OK', hosts[0].wpa_cli('p2p_connect', addresses[1], 'pbc', 'go_intent=15'))
        groups = [self.group_interface(host, role)
                  for host, role in zip(hosts, ('P2P-GO', 'P2P-client'))]
        for host, group in zip(hosts, groups):
            wait_until(lambda: 'wpa_state=COMPLETED' in self.cli(host, group, 'status'),
                       f'{group} on {host.name} is connected')
        for number, (host, group) in enumerate(zip(hosts, groups)):
            host.set_ip(f'10.9.0.{number + 1}/24', group)
        hosts[1].ping('10.9.0.1')
        hosts[0].wpa_cli('p2p_group_remove', groups[0])
        wait_until(lambda: 'P2P-GO' not in hosts[0].run(['iw', 'dev']), 'the group is gone')

    def has_found(self, host, peer):
        """Whether it has heard the peer's Probe Response; a Probe Request alone is no answer."""
        known = self.cli(host, 'wlan0', 'p2p_peer', peer)
        return peer in known and '[PROBE_REQ_ONLY]' not in known

    def group_interface(self, host, role):
        """Waits for the group's interface and returns its name."""
        return wait_until(
            lambda: re.search(rf'Interface (\S+)\n(?:\t\t.*\n)*?\t\ttype {role}',
                              host.run(['iw', 'dev'])), f'{role} on {host.name}')[1]

    def cli(self, host, interface, *words):
        """wpa_cli whose exit status does not matter."""
        return host.run(['wpa_cli', '-p', self.lab.control(host.name), '-i', interface, *words],
                        status=None)


if __name__ == '__main__':
    unittest.main()
