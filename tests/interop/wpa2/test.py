"""WPA2-PSK with CCMP on 802.11n: the main job. The capture of the air must decrypt."""

import signal
import subprocess
import unittest

from airloom_testing import PASSPHRASE, SSID, Scenario, start_pair


def tshark(capture, display_filter, *fields):
    """The frames of a capture that pass a filter, decrypted with the passphrase, as field rows."""
    command = ['tshark', '-n', '-r', str(capture), '-o', 'wlan.enable_decryption:TRUE',
               '-o', f'uat:80211_keys:"wpa-pwd","{PASSPHRASE}:{SSID}"', '-Y', display_filter,
               '-T', 'fields']
    for field in fields:
        command += ['-e', field]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return [tuple(line.split('\t')) for line in result.stdout.splitlines()]


class Wpa2Test(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'ping', 'tshark')

    def test_connects_pings_and_its_capture_decrypts(self):
        lab = self.start_lab()
        capture = lab.folder / 'air.pcapng'
        capturing = lab.start(['capture', '-o', str(capture)], 'capture')
        lab.start(['status'], 'status').wait()  # the daemon has seen the capture's request
        ap, station, hostapd, _ = start_pair(lab)
        hostapd.wait_for_line(f'AP-STA-CONNECTED {station.address()}')
        status = station.status()
        self.assertEqual(status['wpa_state'], 'COMPLETED')
        self.assertEqual(status['key_mgmt'], 'WPA2-PSK')
        self.assertEqual(status['pairwise_cipher'], 'CCMP')
        self.assertEqual(status['bssid'], ap.address())
        station.ping('10.9.0.1')
        self.assertEqual(capturing.stop(signal.SIGINT), 0, capturing.tail())

        messages = tshark(capture, 'eapol.type == 3', 'wlan_rsna_eapol.keydes.msgnr')
        self.assertEqual(sorted({row[0] for row in messages}), ['1', '2', '3', '4'])
        protected = 'wlan.fc.protected == 1 && icmp.type == '
        for icmp_type in ('8', '0'):
            echoes = {row[0] for row in tshark(capture, protected + icmp_type, 'icmp.seq')}
            self.assertEqual(len(echoes), 10, f'ICMP type {icmp_type}: {sorted(echoes)}')


if __name__ == '__main__':
    unittest.main()
