"""The real kernel at one end of a tunnel: in a virtual machine with Debian's stock kernel
`airloom tunnel serve` gives away an active monitor interface of mac80211_hwsim, and hostapd on a
host of airloom has it as its radio. The kernel's own station joins, by WPA2 and by WPA3, and
pings."""

import json
import pathlib
import re
import unittest

import kernel_guest
from airloom_testing import AIRLOOM, PASSPHRASE, SSID, WPA2_AP, Program, Scenario
from tunnel_testing import KEY, pid_on

MODULES = ('virtio_pci', 'virtio_net', 'ccm', 'ctr', 'cmac', 'gcm', 'mac80211_hwsim')
SECONDS = 300  # the emulated processor shares ours with whatever else runs
SUPPLICANT = f'''ctrl_interface=/run/wpa
sae_pwe=2
network={{
  ssid="{SSID}"
  scan_freq=2412
  %s
}}
'''
SECURITY = {
    'wpa2': f'key_mgmt=WPA-PSK\n  psk="{PASSPHRASE}"',
    'wpa3': f'key_mgmt=SAE\n  sae_password="{PASSPHRASE}"\n  ieee80211w=2',
}
AP = {**WPA2_AP, 'wpa_key_mgmt': 'WPA-PSK SAE', 'ieee80211w': 1, 'sae_pwe': 2}


class TunnelKernelTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'nsenter', *kernel_guest.TOOLS)

    def make_guest(self, folder):
        guest = kernel_guest.Guest(folder, MODULES)
        here = pathlib.Path(__file__).parent
        guest.add_file(here / 'init', '/init').chmod(0o755)
        guest.add_program(AIRLOOM, 'airloom')
        for program in ('iw', 'ip', 'wpa_supplicant', 'wpa_cli'):
            guest.add_program(program)
        guest.add_text('/etc/tunnel.key', KEY)
        for name, lines in SECURITY.items():
            guest.add_text(f'/etc/{name}.conf', SUPPLICANT % lines)
        return guest

    def start_guest(self, lab, virtual):
        """On the network of the virtual host, so that the ports are not the machine's."""
        guest = self.make_guest(lab.folder / 'guest')
        command = ['nsenter', f'--net=/proc/{pid_on(virtual)}/ns/net', *guest.command((5246, 5247))]
        program = Program('guest', command, lab.folder, lab.env)
        lab.programs.append(program)
        program.wait_for_line('mon0 is served at', SECONDS)
        return program

    def test_the_kernels_station_joins_hostapd_on_airloom(self):
        lab = self.start_lab()
        lab.up('[host.virtual]\nradios = 0\n')
        virtual = lab.host('virtual')
        guest = self.start_guest(lab, virtual)
        key = lab.write('tunnel.key', KEY)
        join = virtual.start([AIRLOOM, 'tunnel', 'join', '--host', 'virtual', '127.0.0.1',
                              '--key', key, '--mtu', '1400'], 'join')
        join.wait_for_line('with wlan0 is', SECONDS)
        # The first radio of mac80211_hwsim; the monitor has its address, and acknowledges for it.
        self.assertEqual(virtual.address(), '02:00:00:00:00:00')
        hostapd = virtual.hostapd(**AP)
        virtual.set_ip('10.9.0.1/24')
        for security, key_mgmt in (('wpa2', 'WPA2-PSK'), ('wpa3', 'SAE')):
            guest.wait_for_line(f'GUEST {security} done', SECONDS)
            told = '\n'.join(line for line in guest.lines if line.startswith(f'GUEST {security} '))
            self.assertRegex(told, rf'\bkey_mgmt={key_mgmt}\b')
            self.assertIn('Connected to 02:00:00:00:00:00', told)
            self.assertIn('10 packets transmitted, 10 packets received', told)
        hostapd.wait_for_line('AP-STA-CONNECTED 02:00:00:00:01:00')
        hostapd.wait_for_line('AP-STA-CONNECTED 02:00:00:00:01:00')
        guest.wait_for_line('GUEST ends', SECONDS)
        self.assertEqual(guest.wait(), 0)
        counts = json.loads(re.search(r'^({.*})\r?$', guest.output(), re.M)[1])
        self.assertEqual(counts['sessions'], 1)
        for trouble in ('refused', 'malformed', 'lost', 'tx-refused'):
            self.assertNotIn(trouble, counts)


if __name__ == '__main__':
    unittest.main()
