"""A radio of one host in the stack of another: hostapd on host `virtual`, whose radio is the monitor
interface that `airloom tunnel serve` gives away on host `real`, serves wpa_supplicant at real's air."""

import json
import unittest

from airloom_testing import AIRLOOM, PASSPHRASE, SSID, WPA2_AP, WPA2_STATION, Scenario, connected


class TunnelWpa2Test(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping')

    def test_virtual_access_point(self):
        lab = self.start_lab()
        real, station, virtual = lab.host('real'), lab.host('sta'), lab.host('virtual')
        real.run(['iw', 'dev', 'wlan0', 'interface', 'add', 'mon0', 'type', 'monitor', 'flags',
                  'active'])
        real.run(['ip', 'link', 'set', 'wlan0', 'up'])
        real.run(['ip', 'link', 'set', 'mon0', 'up'])
        serving = real.start([AIRLOOM, 'tunnel', 'serve', 'mon0'], 'serve')
        serving.wait_for_line('mon0 is served at')
        joining = real.start([AIRLOOM, 'tunnel', 'join', '--host', 'virtual', '127.0.0.1'], 'join')
        joining.wait_for_line('phy0 with wlan0 is')
        virtual.hostapd(**WPA2_AP)
        virtual.set_ip('10.9.0.1/24')
        connected(station.wpa_supplicant(**WPA2_STATION))
        station.set_ip('10.9.0.2/24')
        station.ping('10.9.0.1')
        print(lab.start(['status'], 'status').tail())


if __name__ == '__main__':
    unittest.main()
