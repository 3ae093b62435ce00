"""WPA2-PSK with CCMP on 802.11n: the main job. The capture of the air must decrypt."""

import unittest

from air_capture import Capture, frames
from airloom_testing import Scenario, start_pair


class Wpa2Test(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping', 'tshark')

    def test_connects_pings_and_its_capture_decrypts(self):
        lab = self.start_lab()
        capture = Capture(lab)
        ap, station, hostapd, _ = start_pair(lab)
        hostapd.wait_for_line(f'AP-STA-CONNECTED {station.address()}')
        status = station.status()
        self.assertEqual(status['wpa_state'], 'COMPLETED')
        self.assertEqual(status['key_mgmt'], 'WPA2-PSK')
        self.assertEqual(status['pairwise_cipher'], 'CCMP')
        self.assertEqual(status['bssid'], ap.address())
        station.ping('10.9.0.1')
        air = capture.end()

        messages = frames(air, ['wlan_rsna_eapol.keydes.msgnr'], 'eapol.type == 3')
        self.assertEqual(sorted({row[0] for row in messages}), ['1', '2', '3', '4'])
        protected = 'wlan.fc.protected == 1 && icmp.type == '
        for icmp_type in ('8', '0'):
            echoes = {row[0] for row in frames(air, ['icmp.seq'], protected + icmp_type)}
            self.assertEqual(len(echoes), 10, f'ICMP type {icmp_type}: {sorted(echoes)}')

        # Block-ack agreements of best effort in both directions, field by field the kernel's.
        addba = frames(air, ['wlan.sa', 'wlan.fixed.action_code', 'wlan.fixed.baparams'],
                       'wlan.fixed.category_code == 3')
        for sender, peer in ((ap, station), (station, ap)):
            self.assertIn((sender.address(), '0x00', '0x1003'), addba)
            self.assertIn((peer.address(), '0x01', '0x1002'), addba)


if __name__ == '__main__':
    unittest.main()
