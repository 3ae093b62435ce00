"""Data from stations that an access point does not serve so: one client is told of it, by
UNEXPECTED_FRAME and UNEXPECTED_4ADDR_FRAME."""

import pathlib
import re
import sys
import unittest

from airloom_testing import Scenario

SCRIPT_PLAYER = [sys.executable, '-B',
                 pathlib.Path(__file__).parent.parent / 'nl80211_script.py']

STRANGER, STATION = '42aabbccdd01', '42aabbccdd02'
IP_PACKET = 'aaaa030000000800' + '00' * 20
FOUR_ADDRESS = f'0803 0000 %wlan0% {STATION} %wlan0% 0000 {STATION} {IP_PACKET}'
FOUR_ADDRESS_NULL = f'4803 0000 %wlan0% {STATION} %wlan0% 0000 {STATION}'

SETUP = '''
sock 1
sock 2
s 1 start START_AP IFINDEX/if=wlan0 BEACON_HEAD/bh=probe,wlan0,1 BEACON_INTERVAL/u32=100 \
DTIM_PERIOD/u32=2 SSID/s=probe WIPHY_FREQ/u32=2412
s 1 listen UNEXPECTED_FRAME IFINDEX/if=wlan0
'''
ADD_STATION = f'''
s 1 station NEW_STATION IFINDEX/if=wlan0 MAC/h={STATION} STA_AID/u16=1 STA_LISTEN_INTERVAL/u16=5 \
STA_SUPPORTED_RATES/h=02040b16 STA_FLAGS2/h=a2000000a2000000
'''


def inject(*frames):
    return ''.join(f'inj mon0 {frame.replace(" ", "")}\n' for frame in frames)


class UnexpectedFramesTest(Scenario):
    TOOLS = ('iw', 'ip')

    def play(self, steps):
        """Plays the steps once the access point serves. Returns (acknowledgements, the unexpected
        frames that socket 1 and 2 hear of as (socket, command, address, attributes))."""
        lab = self.start_lab()
        lab.up('[host.ap]\nradios = 2\n')
        host = lab.host('ap')
        for command in ('iw dev wlan0 set type __ap', 'ip link set wlan0 up',
                        'iw phy phy1 interface add mon0 type monitor', 'ip link set mon0 up',
                        'iw dev mon0 set freq 2412'):
            host.run(command.split())
        output = host.run([*SCRIPT_PLAYER, lab.write('script.txt', SETUP + steps)])
        errors = dict(re.findall(r'^R\t(\S+)\t\S+\t(\S+)', output, re.MULTILINE))
        self.assertEqual({errors.pop('start'), errors.pop('listen')}, {'0'})
        heard = []
        for socket, command, attributes in re.findall(
                r'E sock(\d) ucast (UNEXPECTED\w+) .*?: (.*)', output):
            names = [word.partition('[')[0] for word in attributes.split()]
            heard.append((int(socket), command, re.search(r'MAC\[6\]=(\w+)', attributes)[1], names))
        return errors, heard

    def test_strangers_data(self):
        errors, heard = self.play(
            's 2 another UNEXPECTED_FRAME IFINDEX/if=wlan0\n'
            + inject(f'0801 0000 %wlan0% {STRANGER} %wlan0% 0000 {IP_PACKET}',
                     f'a400 01c0 %wlan0% {STRANGER}',  # PS-Poll
                     f'0803 0000 %wlan0% {STRANGER} %wlan0% 0000 {STRANGER} {IP_PACKET}',
                     f'0801 0000 424242424242 {STRANGER} %wlan0% 0000 {IP_PACKET}')  # for others
            + 'ev 1 500\nev 2 1\nclose 1\ns 2 free UNEXPECTED_FRAME IFINDEX/if=wlan0\n'
            + inject(f'0801 0000 %wlan0% {STRANGER} %wlan0% 0000 {IP_PACKET}') + 'ev 2 500\n')
        self.assertEqual(errors, {'another': 'EBUSY', 'free': '0'})
        told = ('UNEXPECTED_FRAME', STRANGER, ['WIPHY', 'IFINDEX', 'MAC'])
        self.assertEqual(heard, [(1, *told)] * 3 + [(2, *told)])

    def test_four_addresses_of_a_station_are_told_once(self):
        for frames in ((FOUR_ADDRESS, FOUR_ADDRESS_NULL), (FOUR_ADDRESS_NULL, FOUR_ADDRESS)):
            with self.subTest(frames):
                errors, heard = self.play(ADD_STATION + inject(*frames) + 'ev 1 500\n')
                self.assertEqual(errors, {'station': '0'})
                self.assertEqual(heard, [(1, 'UNEXPECTED_4ADDR_FRAME', STATION,
                                          ['WIPHY', 'IFINDEX', 'MAC'])])


if __name__ == '__main__':
    unittest.main()
