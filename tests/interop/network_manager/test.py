"""NetworkManager, unmodified, with wpa_supplicant and with iwd: lists networks and connects."""

import pathlib
import sys
import unittest

from airloom_testing import PASSPHRASE, SSID, WPA2_AP, Scenario, wait_until
from dbus_programs import BusHost, Iwd

CONFIG = """\
[main]
plugins=
dhcp=internal
dns=none
rc-manager=unmanaged
auth-polkit=false
[device]
wifi.backend={backend}
wifi.scan-rand-mac-address=no
[keyfile]
unmanaged-devices=interface-name:hwsim0
[logging]
level=DEBUG
"""
# Its folders are the machine's: it gets them empty, in a mount namespace of its own.
START = """
set -e
mkdir -p /run/NetworkManager
for folder in /run/NetworkManager /var/lib/NetworkManager /etc/NetworkManager; do
  mount -t tmpfs -o mode=755 tmpfs $folder
done
exec NetworkManager --debug --config "$0" --config-dir /etc/NetworkManager/none
"""
DHCP_SERVER = pathlib.Path(__file__).with_name('dhcp_server.py')


class NetworkManagerTest(Scenario):
    TOOLS = ('NetworkManager', 'nmcli', 'wpa_supplicant', 'hostapd', 'dbus-daemon', 'iwctl',
             'ping')

    def start_access_point(self):
        lab = self.start_lab()
        ap = lab.host('ap')
        hostapd = ap.hostapd(**WPA2_AP)
        ap.set_ip('10.9.0.1/24')
        server = ap.start([sys.executable, '-B', DHCP_SERVER, 'wlan0', '10.9.0.1', '10.9.0.2'])
        server.wait_for_line('^serving$')
        return lab, hostapd

    def check_network_manager(self, bus, lab, hostapd, backend):
        config = lab.write('NetworkManager.conf', CONFIG.format(backend=backend))
        bus.start(['unshare', '--mount', 'sh', '-c', START, config], 'NetworkManager')
        wait_until(lambda: 'wlan0:wifi:disconnected' in self.nmcli(bus, 'DEVICE,TYPE,STATE', 'dev',
                                                                   status=None),
                   'NetworkManager takes wlan0 for Wi-Fi')
        wait_until(lambda: f'{SSID}:WPA2' in self.nmcli(bus, 'SSID,SECURITY', 'dev', 'wifi', 'list',
                                                        '--rescan', 'auto'),
                   'NetworkManager lists the network')
        bus.run(['nmcli', 'dev', 'wifi', 'connect', SSID, 'password', PASSPHRASE])
        hostapd.wait_for_line('AP-STA-CONNECTED')
        self.assertIn('wlan0:wifi:connected', self.nmcli(bus, 'DEVICE,TYPE,STATE', 'dev'))
        lab.host('sta').ping('10.9.0.1')
        bus.run(['nmcli', 'dev', 'disconnect', 'wlan0'])
        hostapd.wait_for_line('AP-STA-DISCONNECTED')
        bus.run(['nmcli', 'radio', 'wifi', 'off'])
        self.assertEqual(
            lab.host('sta').run(['cat', '/sys/class/rfkill/rfkill0/soft']).strip(), '1')

    def nmcli(self, bus, fields, *words, status=0):
        return bus.run(['nmcli', '-t', '-f', fields, *words], status)

    def test_with_wpa_supplicant(self):
        lab, hostapd = self.start_access_point()
        bus = BusHost(lab, 'sta')
        bus.start(['wpa_supplicant', '-u'], 'wpa_supplicant')
        self.check_network_manager(bus, lab, hostapd, 'wpa_supplicant')

    def test_with_iwd(self):
        lab, hostapd = self.start_access_point()
        self.check_network_manager(Iwd(lab, 'sta'), lab, hostapd, 'iwd')


if __name__ == '__main__':
    unittest.main()
