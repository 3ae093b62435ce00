"""A wrong passphrase: both programs say so in their own words, and no data passes."""

import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario


class WrongPassphraseTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant')

    def test_both_ends_report_the_failed_handshake(self):
        lab = self.start_lab()
        ap, station = lab.host('ap'), lab.host('sta')
        hostapd = ap.hostapd(**WPA2_AP)
        supplicant = station.wpa_supplicant(**{**WPA2_STATION, 'psk': '"not the passphrase"'})
        hostapd.wait_for_line('AP-STA-POSSIBLE-PSK-MISMATCH')
        supplicant.wait_for_line('pre-shared key may be incorrect')
        supplicant.wait_for_line('CTRL-EVENT-SSID-TEMP-DISABLED.*reason=WRONG_KEY')
        self.assertNotIn('AP-STA-CONNECTED', hostapd.output())
        self.assertNotIn('CTRL-EVENT-CONNECTED', supplicant.output())


if __name__ == '__main__':
    unittest.main()
