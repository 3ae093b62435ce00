"""A station that sleeps: what waits for it, how it hears of that, and how it fetches it, as the air
tells."""

import unittest

from air_capture import LiveAir
from airloom_testing import WPA2_AP, Scenario, start_pair, wait_until

PS = '/sys/kernel/debug/ieee80211/phy0/hwsim/ps'
AWAKE, ASLEEP, POLL = 0, 1, 3  # what is written there
FIELDS = ['wlan.fc.type_subtype', 'wlan.ta', 'wlan.fc.pwrmgt', 'wlan.fc.moredata',
          'wlan.tim.dtim_count', 'wlan.tim.bmapctl.multicast', 'wlan.tim.aid', 'icmp.type',
          'icmp.seq', 'wlan.wfa.ie.wme.qos_info.ap.u_apsd']


class Frame:
    """One frame of the capture, as far as power save goes."""

    def __init__(self, row):
        (kind, self.sender, asleep, more, self.dtim_count, group, waiting, self.icmp_type,
         self.sequence, u_apsd) = row
        self.kind = {0x08: 'beacon', 0x1a: 'poll', 0x24: 'null', 0x2c: 'null'}.get(int(kind, 0), '')
        if self.icmp_type == '8':
            self.kind = 'echo'
        self.asleep, self.more = asleep == '1', more == '1'
        self.group_waits = group == '1'
        self.unicast_waits = bool(waiting)
        self.has_u_apsd = u_apsd == '1'

    def __repr__(self):
        return f'{self.kind} {vars(self)}'


class PowerSaveTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'sysctl', 'tshark')

    def start(self):
        """A pair that has met, whose stacks have nothing to say of their own, and a capture."""
        lab = self.start_lab()
        self.live = LiveAir(lab.host('ap'), FIELDS)
        for name in ('ap', 'sta'):
            lab.host(name).silence()
        self.ap, self.station, _, _ = start_pair(
            lab, {**WPA2_AP, 'uapsd_advertisement_enabled': 1})
        self.station.ping('10.9.0.1', count=2)
        for host, peer, address in ((self.ap, self.station, '10.9.0.2'),
                                    (self.station, self.ap, '10.9.0.1')):
            host.run(['ip', 'neigh', 'replace', address, 'lladdr', peer.address(), 'dev', 'wlan0'])
        self.mine = self.station.address()

    def air(self):
        """The frames until now that power save is about."""
        return [frame for frame in map(Frame, self.live.rows()) if frame.kind]

    def nulls(self, air):
        return [frame.asleep for frame in air if frame.kind == 'null' and frame.sender == self.mine]

    def test_it_dozes_and_a_beacon_wakes_it(self):
        self.start()
        self.station.run(['iw', 'dev', 'wlan0', 'set', 'power_save', 'on'])
        self.assertIn('on', self.station.run(['iw', 'dev', 'wlan0', 'get', 'power_save']))
        wait_until(lambda: self.nulls(self.air())[-1:] == [True], 'it has told that it sleeps')
        asleep = len(self.air())
        self.ap.run(['ping', '-c', 1, '-W', 5, '10.9.0.2'])
        wait_until(lambda: self.nulls(self.air()[asleep:])[-1:] == [True], 'it sleeps again')
        air = self.air()[asleep:]
        # The frame waits for a beacon to tell of it, and that for the station to say that it is up.
        echo = next(at for at, frame in enumerate(air) if frame.kind == 'echo')
        told = next(at for at, frame in enumerate(air) if frame.unicast_waits)
        self.assertLess(told, echo)
        self.assertEqual(self.nulls(air[told:echo]), [False])
        self.assertEqual(self.nulls(air), [False, True])
        last = [frame for frame in self.air() if frame.kind == 'beacon'][-1]
        self.assertFalse(last.unicast_waits)
        self.station.run(['iw', 'dev', 'wlan0', 'set', 'power_save', 'off'])
        wait_until(lambda: self.nulls(self.air())[-1:] == [False], 'it has told that it is up')
        # hostapd's uapsd_advertisement_enabled
        self.assertTrue(all(frame.has_u_apsd for frame in self.air() if frame.kind == 'beacon'))
        self.live.end()

    def set_ps(self, value):
        self.station.run(['sh', '-c', f'echo {value} > {PS}'])

    def test_it_polls_for_one_frame_after_the_other(self):
        self.start()
        self.set_ps(ASLEEP)
        wait_until(lambda: self.nulls(self.air())[-1:] == [True], 'it has told that it sleeps')
        asleep = len(self.air())
        self.ap.run(['ping', '-c', 2, '-i', '0.2', '-W', 1, '10.9.0.2'], status=1)
        wait_until(lambda: self.air()[-1].unicast_waits, 'a beacon tells of them')
        self.assertFalse([frame for frame in self.air()[asleep:] if frame.kind == 'echo'])
        for count in (1, 2):
            self.set_ps(POLL)
            wait_until(lambda: [frame.kind for frame in self.air()].count('poll') == count
                       and self.air()[-1].kind == 'beacon', 'the poll and what follows')
        fetched = [(frame.kind, frame.sequence, frame.more) for frame in self.air()[asleep:]
                   if frame.kind in ('poll', 'echo')]
        self.assertEqual(fetched, [('poll', '', False), ('echo', '1', True),
                                   ('poll', '', False), ('echo', '2', False)])
        self.assertFalse(self.air()[-1].unicast_waits)
        self.set_ps(AWAKE)
        wait_until(lambda: self.nulls(self.air())[-1:] == [False], 'it has told that it is up')
        self.station.ping('10.9.0.1', count=2)

    def test_group_frames_follow_the_dtim_beacon(self):
        self.start()
        self.set_ps(ASLEEP)
        wait_until(lambda: self.nulls(self.air())[-1:] == [True], 'it has told that it sleeps')
        asleep = len(self.air())
        self.ap.run(['ping', '-b', '-c', 3, '-i', '0.002', '-W', 1, '10.9.0.255'], status=1)
        wait_until(lambda: [frame.kind for frame in self.air()[asleep:]].count('echo') == 3
                   and self.air()[-1].kind == 'beacon', 'all are out')
        air = self.air()[asleep:]
        echoes = [at for at, frame in enumerate(air) if frame.kind == 'echo']
        runs = {}  # by the beacon that they follow
        for at in echoes:
            beacon = max(before for before in range(at) if air[before].kind == 'beacon')
            self.assertEqual((air[beacon].dtim_count, air[beacon].group_waits), ('0', True))
            runs.setdefault(beacon, []).append(air[at].more)
        for more in runs.values():  # that more follow is said of all but the last
            self.assertEqual(more, [True] * (len(more) - 1) + [False])
        self.assertFalse(air[-1].group_waits)


if __name__ == '__main__':
    unittest.main()
