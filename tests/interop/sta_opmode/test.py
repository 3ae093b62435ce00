"""What a station says of its receiver in Action frames reaches whoever listens at its AP."""

import pathlib
import sys
import unittest

from airloom_testing import Scenario, WPA2_AP, WPA2_STATION, start_pair

CLIENT = pathlib.Path(__file__).parents[1] / 'nl80211_script.py'
ACTION, HT, VHT = 'd000', '07', '15'
SM_POWER_SAVE, OPERATING_MODE = '01', '02'


class StaOpmodeTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw')

    def say(self, lab, station, ap, *bodies):
        header = ACTION + '0000' + '%wlan0%'.join(
            [ap.address().replace(':', ''), ap.address().replace(':', '')]) + '0000'
        script = lab.write('say.txt', '\n'.join(['sock 1'] + [
            f's 1 say FRAME IFINDEX/if=wlan0 FRAME/h={header}{body}' for body in bodies]))
        output = station.run([sys.executable, '-B', CLIENT, script])
        self.assertEqual(output.count('\tFRAME\t0\t'), len(bodies), output)

    def test_power_save_of_its_antennas_and_its_width(self):
        lab = self.start_lab()
        ap, station, hostapd, _ = start_pair(
            lab, {**WPA2_AP, 'hw_mode': 'a', 'channel': 36, 'ieee80211ac': 1,
                  'vht_oper_chwidth': 1, 'vht_oper_centr_freq_seg0_idx': 42,
                  'ht_capab': '[HT40+]', 'country_code': 'US'},
            {**WPA2_STATION, 'scan_freq': 5180})
        hostapd.wait_for_line('AP-STA-CONNECTED')
        events = ap.iw_events()
        self.say(lab, station, ap, HT + SM_POWER_SAVE + '01', VHT + OPERATING_MODE + '00')
        for _ in range(2):
            events.wait_for_line('sta opmode changed')
        dump = ap.run(['iw', 'dev', 'wlan0', 'station', 'dump'])
        self.assertIn(station.address(), dump)


if __name__ == '__main__':
    unittest.main()
