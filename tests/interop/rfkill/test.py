"""rfkill: the switch of each radio, at /dev/rfkill and in /sys, by the program and by hand."""

import unittest

from airloom_testing import Scenario, connected, start_pair, wait_until

READ_EVENTS = '''
import os, struct, sys
fd = os.open('/dev/rfkill', os.O_RDONLY)
for _ in range(3):
    print('event', *struct.unpack('=IBBBB', os.read(fd, 8)), flush=True)
'''
BAD_WRITES = '''
import errno, os, select, struct
fd = os.open('/dev/rfkill', os.O_RDWR | os.O_NONBLOCK)
assert len(os.read(fd, 64)) == 8
assert len(os.read(fd, 4)) == 4, 'a record is cut to the room there is'
def fails(call, number):
    try:
        call()
    except OSError as error:
        assert error.errno == number, error
        return
    raise AssertionError('it did not fail')
fails(lambda: os.read(fd, 8), errno.EAGAIN)
fails(lambda: os.write(fd, b'1234'), errno.EINVAL)
fails(lambda: os.write(fd, struct.pack('=IBBBB', 0, 1, 0, 1, 0)), errno.EINVAL)
fails(lambda: os.write(fd, struct.pack('=IBBBB', 0, 99, 2, 1, 0)), errno.EINVAL)
def polled(milliseconds):
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return [what for _, what in poll.poll(milliseconds)]
assert polled(0) == []
assert os.write(fd, struct.pack('=IBBBB', 1, 1, 2, 0, 0)) == 8
assert polled(5000) == [select.POLLIN]
assert struct.unpack('=IBBBB', os.read(fd, 8)) == (1, 1, 2, 0, 0)
os.write(fd, struct.pack('=IBBBB', 77, 1, 2, 1, 0))
assert polled(0) == [], 'an unknown switch is nobody'
print('all held')
'''


class RfkillTest(Scenario):
    TOOLS = ('rfkill', 'hostapd', 'wpa_supplicant', 'iw', 'ping')

    def test_blocking_takes_the_interface_down(self):
        lab = self.start_lab()
        _, station, hostapd, supplicant = start_pair(lab)
        reader = station.start(['python3', '-c', READ_EVENTS], 'reader')
        reader.wait_for_line('^event 0 1 0 0 0$')
        self.assertIn('unblocked', station.run(['rfkill', '--output', 'TYPE,DEVICE,SOFT,HARD']))
        station.run(['rfkill', 'block', 'wifi'])
        # The write has happened when it returns: nothing here waits.
        self.assertNotIn('UP', station.run(['ip', '-br', 'link', 'show', 'wlan0']).split()[-1])
        self.assertEqual(self.soft(station), '1')
        reader.wait_for_line('^event 0 1 2 1 0$')
        hostapd.wait_for_line('AP-STA-DISCONNECTED')
        supplicant.wait_for_line('rfkill: WLAN soft blocked|CTRL-EVENT-DISCONNECTED')
        station.run(['rfkill', 'unblock', 'wifi'])
        reader.wait_for_line('^event 0 1 2 0 0$')
        self.assertEqual(reader.wait(), 0)
        connected(supplicant)
        station.ping('10.9.0.1', count=3)

    def soft(self, host):
        return host.run(['cat', '/sys/class/rfkill/rfkill0/soft']).strip()

    def test_a_blocked_radio_stays_down(self):
        lab = self.start_lab()
        host = lab.host('a')
        self.assertEqual(host.run(['cat', '/sys/class/rfkill/rfkill0/device/index']).strip(), '0')
        host.run(['rfkill', 'block', '0'])
        host.run(['ip', 'link', 'set', 'wlan0', 'up'], status=None)
        wait_until(lambda: ',UP' not in host.run(['ip', '-o', 'link', 'show', 'wlan0']),
                   'a blocked radio goes down again')
        output = host.run(['iw', 'phy0', 'interface', 'add', 'p2p', 'type', '__p2pdev'])
        self.assertEqual(output, '')
        wdev = host.run(['iw', 'dev']).split('wdev ')[1].split()[0]
        self.assertIn('-132', host.run(['iw', 'wdev', wdev, 'p2p', 'start'], status=None))
        other = lab.host('b')
        self.assertEqual(self.soft(other), '0', 'another host is another kernel')

    def test_a_later_radio_is_blocked_too(self):
        lab = self.start_lab()
        host = lab.host('a')
        host.run(['rfkill', 'block', 'all'])
        lab.folder.joinpath('hwsim.py').write_text(
            "from genetlink import Client\nClient('MAC80211_HWSIM').ask(4)\n")
        host.run(['env', 'PYTHONPATH=' + ':'.join(__import__('sys').path), '/usr/bin/python3', '-B',
                  lab.folder / 'hwsim.py'])
        self.assertEqual(host.run(['cat', '/sys/class/rfkill/rfkill1/soft']).strip(), '1')
        self.assertEqual(host.run(['/usr/bin/python3', '-c', BAD_WRITES], status=None).strip()[-8:],
                         'all held')


if __name__ == '__main__':
    unittest.main()
