"""What a station says of its receiver in Action frames reaches whoever listens at its AP."""

import pathlib
import sys
import unittest

from airloom_testing import Scenario, WPA2_AP, WPA2_STATION, start_pair

CLIENT = pathlib.Path(__file__).parents[1] / 'nl80211_script.py'
ACTION, HT, VHT = 'd000', '07', '15'
CHANNEL_WIDTH, SM_POWER_SAVE, OPERATING_MODE = '00', '01', '02'


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
        told = {
            HT + SM_POWER_SAVE + '01': ' smps mode 1',  # static
            HT + SM_POWER_SAVE + '03': ' smps mode 2',
            HT + SM_POWER_SAVE + '00': ' smps mode 0',
            HT + CHANNEL_WIDTH + '00': ' chan width 1',  # NL80211_CHAN_WIDTH_20
            HT + CHANNEL_WIDTH + '01': ' chan width 3',  # as wide as it can: _80
            VHT + OPERATING_MODE + '00': ' chan width 1 nss 1',
            VHT + OPERATING_MODE + '10': ' nss 2',
            VHT + OPERATING_MODE + '12': ' chan width 3'}
        self.say(lab, station, ap, *told, HT + SM_POWER_SAVE + '00')  # no change at the end
        self.say(lab, station, ap, HT + SM_POWER_SAVE + '01')
        for _ in range(len(told) + 1):
            events.wait_for_line('sta opmode changed')
        lines = [line.partition('sta opmode changed')[2] for line in events.lines]
        self.assertEqual([line for line in lines if line],
                         [f' {station.address()}{change}' for change in told.values()]
                         + [f' {station.address()} smps mode 1'])


if __name__ == '__main__':
    unittest.main()
