"""A FullMAC radio as a station: iw scan and connect, and wpa_supplicant over CONNECT, to a SoftMAC
hostapd."""

import errno
import unittest

from airloom_testing import (SSID, WPA2_AP, WPA2_STATION, Scenario, connected, refused,
                             wait_until)

LAB = '''
[host.ap]
address = "10.9.0.1/24"
[host.second]
address = "10.9.0.3/24"
[host.sta]
driver = "fullmac"
address = "10.9.0.2/24"
'''


class FullmacStationTest(Scenario):
    TOOLS = ('hostapd', 'hostapd_cli', 'wpa_supplicant', 'wpa_cli', 'iw', 'ping')

    def setUp(self):
        super().setUp()
        self.lab = self.new_lab().start_daemon()
        self.lab.up(LAB)
        self.ap, self.second, self.sta = map(self.lab.host, ('ap', 'second', 'sta'))

    def link(self):
        return self.sta.run(['iw', 'dev', 'wlan0', 'link'])

    def test_capabilities(self):
        listing = self.sta.run(['iw', 'list'])
        commands = listing.split('Supported commands:')[1].split('software interface modes')[0]
        for command in ('connect', 'disconnect', 'new_key', 'start_ap'):
            self.assertIn(f'* {command}\n', commands)
        for command in ('authenticate', 'associate', 'deauthenticate', 'new_station'):
            self.assertNotIn(f'* {command}\n', commands)

    def test_refusals(self):
        """What its driver has no method for is refused as the kernel does."""
        self.sta.run(['ip', 'link', 'set', 'wlan0', 'up'])
        for command in (['auth', SSID, self.ap.address(), 'open', '2412'],
                        ['set', 'noack_map', '0x0001'], ['set', 'bitrates', 'legacy-2.4', '6']):
            output = self.sta.run(['iw', 'dev', 'wlan0', *command], status=None)
            self.assertIn('(-95)', output, command)
        self.sta.run(['iw', 'phy', 'phy0', 'interface', 'add', 'mon0', 'type', 'monitor'],
                     status=refused(errno.EOPNOTSUPP))

    def test_open_with_iw(self):
        hostapd = self.ap.hostapd()
        events = self.sta.iw_events()
        self.sta.run(['ip', 'link', 'set', 'wlan0', 'up'])
        scan = self.sta.scan('freq', '2412')
        self.assertIn(f'BSS {self.ap.address()}', scan)
        self.assertIn(f'SSID: {SSID}', scan)
        self.sta.run(['iw', 'dev', 'wlan0', 'connect', '-w', SSID])
        events.wait_for_line('connected to')
        self.assertIn(f'Connected to {self.ap.address()}', self.link())
        self.sta.ping('10.9.0.1')
        self.assertIn('tx bitrate:', self.sta.run(['iw', 'dev', 'wlan0', 'station', 'dump']))
        self.sta.run(['iw', 'dev', 'wlan0', 'disconnect'])
        events.wait_for_line('disconnected')
        wait_until(lambda: self.link() == 'Not connected.', 'iw says that it is not connected')
        hostapd.wait_for_line('AP-STA-DISCONNECTED')

    def test_wpa2(self):
        self.ap.hostapd(**WPA2_AP)
        supplicant = connected(self.sta.wpa_supplicant(**WPA2_STATION))
        self.sta.ping('10.9.0.1')
        self.assertIn(f'Connected to {self.ap.address()}', self.link())
        self.assertIn(self.sta.address(), self.ap.hostapd_cli('all_sta'))
        self.ap.hostapd_cli('raw', 'REKEY_GTK')
        self.ap.ping('10.9.0.2')

        # Sent away it comes back, and gone it is gone.
        self.ap.hostapd_cli('deauthenticate', self.sta.address())
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        connected(supplicant)
        self.sta.ping('10.9.0.1')
        self.sta.wpa_cli('disconnect')
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED .*locally_generated=1')
        self.assertEqual(self.link(), 'Not connected.')

    def test_eapol_through_the_netdev(self):
        """Without the control port EAPOL is data like other data."""
        self.ap.hostapd(**WPA2_AP)
        config = self.lab.write_supplicant_config('sta', **WPA2_STATION)
        config.write_text('driver_param=control_port=0\n' + config.read_text())
        connected(self.sta.start(
            ['wpa_supplicant', '-i', 'wlan0', '-D', 'nl80211', '-c', config]))
        self.sta.ping('10.9.0.1')

    def test_pmf(self):
        """A group-addressed deauthentication is believed, because its MIC is right."""
        pmf = {'ieee80211w': 2}
        self.ap.hostapd(**WPA2_AP | {'wpa_key_mgmt': 'WPA-PSK-SHA256'} | pmf)
        supplicant = connected(
            self.sta.wpa_supplicant(**WPA2_STATION | {'key_mgmt': 'WPA-PSK-SHA256'} | pmf))
        self.sta.ping('10.9.0.1')
        self.assertEqual(self.sta.status()['pmf'], '2')
        self.ap.hostapd_cli('deauthenticate', 'ff:ff:ff:ff:ff:ff')
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED')
        connected(supplicant)
        self.sta.ping('10.9.0.1')

    def test_roams_by_itself(self):
        """The access point dies, and the firmware finds another one of the network."""
        hostapd = self.ap.hostapd(**WPA2_AP)
        supplicant = connected(self.sta.wpa_supplicant(**WPA2_STATION))
        self.second.hostapd(**WPA2_AP)
        events = self.sta.iw_events()
        hostapd.kill()
        self.ap.run(['ip', 'link', 'set', 'wlan0', 'down'])
        events.wait_for_line(f'roamed to {self.second.address()}', 60)
        supplicant.wait_for_line(f'Key negotiation completed with {self.second.address()}')
        self.sta.ping('10.9.0.3')
        self.assertNotIn('CTRL-EVENT-DISCONNECTED', supplicant.output())

    def test_lost_access_point(self):
        hostapd = self.ap.hostapd(**WPA2_AP)
        supplicant = connected(self.sta.wpa_supplicant(**WPA2_STATION))
        hostapd.kill()
        self.ap.run(['ip', 'link', 'set', 'wlan0', 'down'])
        supplicant.wait_for_line('CTRL-EVENT-DISCONNECTED', 60)


if __name__ == '__main__':
    unittest.main()
