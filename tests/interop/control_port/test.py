"""The road that EAPOL takes: nl80211's control port, or the netdev where a program wants that."""

import itertools
import struct
import unittest

from air_capture import Capture
from airloom_testing import PASSPHRASE, SSID, WPA2_AP, WPA3_AP, Scenario, connected
from control_port_road import ATTRIBUTES, Road

KEY_MANAGEMENT = {
    'WPA2': (WPA2_AP, f'  key_mgmt=WPA-PSK\n  psk="{PASSPHRASE}"\n'),
    'WPA3': (WPA3_AP, f'  key_mgmt=SAE\n  sae_password="{PASSPHRASE}"\n  ieee80211w=2\n'),
}


class ControlPortTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping')

    def shake_hands(self, security, ap_on, station_on):
        """One handshake and a ping, captured. Returns the roads of both ends."""
        lab = self.start_lab()
        capture = Capture(lab, '--nl80211')
        ap, station = lab.host('ap'), lab.host('sta')
        for_ap, for_station = KEY_MANAGEMENT[security]
        ap.hostapd(**for_ap, **({} if ap_on else {'driver_params': 'control_port=0'}))
        ap.set_ip('10.9.0.1/24')
        config = lab.write('station.conf', (
            f'ctrl_interface={lab.control("sta")}\n'
            + ('' if station_on else 'driver_param=control_port=0\n')
            + f'network={{\n  ssid="{SSID}"\n  scan_freq=2412\n{for_station}}}\n'))
        connected(station.start(['wpa_supplicant', '-i', 'wlan0', '-D', 'nl80211', '-c', config]))
        station.set_ip('10.9.0.2/24')
        station.ping('10.9.0.1', count=3)
        path = capture.end()
        return Road(path, 'ap'), Road(path, 'sta')

    def check_over_nl80211(self, road, frames):
        self.assertTrue(road.asked)
        for asked in road.asked:
            self.assertIn('OVER_NL80211', asked)
            self.assertIn('NO_PREAUTH', asked)
        # An authenticator on a busy machine may repeat a message, and be answered again.
        self.assertGreaterEqual(len(road.sent), frames)
        self.assertGreaterEqual(len(road.received), frames)
        for attributes, told in road.received:
            self.assertTrue(told, 'a frame came before the event that makes it meaningful')
            self.assertEqual(struct.unpack('=H', attributes[ATTRIBUTES['CONTROL_PORT_ETHERTYPE']]),
                             (0x888e,))
            self.assertIn(ATTRIBUTES['MAC'], attributes)
        # Both programs wait for every frame's status, and know it by its cookie.
        for attributes in road.sent:
            self.assertNotIn(ATTRIBUTES['DONT_WAIT_FOR_ACK'], attributes)
        self.assertEqual(len(road.statuses), len(road.sent))
        self.assertTrue(all(acked for _, acked in road.statuses), road.statuses)
        cookies = {cookie for cookie, _ in road.statuses}
        self.assertEqual(len(cookies), len(road.statuses))
        self.assertNotIn(0, cookies)

    def check_by_netdev(self, road):
        for asked in road.asked:
            self.assertNotIn('OVER_NL80211', asked)
        self.assertEqual((road.sent, road.received, road.statuses), ([], [], []))

    def test_every_pairing(self):
        for security, ap_on, station_on in itertools.product(KEY_MANAGEMENT, (True, False),
                                                             (True, False)):
            with self.subTest(security=security, ap=ap_on, station=station_on):
                ap, station = self.shake_hands(security, ap_on, station_on)
                for road, is_on in ((ap, ap_on), (station, station_on)):
                    if is_on:  # two frames of the 4-way handshake each way
                        self.check_over_nl80211(road, 2)
                    else:
                        self.check_by_netdev(road)


if __name__ == '__main__':
    unittest.main()
