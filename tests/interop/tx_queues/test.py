"""Radios with transmit queues: iw sets and reads their limits, statistics and airtime weights."""

import errno
import re
import unittest

from airloom_testing import SSID, Scenario, refused

LAB = f'''
[host.ap]
tx_queues = true
address = "10.9.0.1/24"
[host.ap.access_point]
ssid = "{SSID}"
[host.station]
address = "10.9.0.2/24"
[host.station.station]
ssid = "{SSID}"
'''
NOT_SUPPORTED = refused(errno.EOPNOTSUPP)


def numbers(text):
    """What iw prints as 'name: number' lines."""
    return {name.strip(): int(value)
            for name, value in re.findall(r'^\s*([\w /#-]+):\s+(\d+)', text, re.M)}


class TxQueuesTest(Scenario):
    TOOLS = ('iw', 'ping')

    def setUp(self):
        super().setUp()
        lab = self.start_lab()
        lab.up(LAB)
        self.ap, self.station = lab.host('ap'), lab.host('station')

    def phy(self, host):
        index = re.search(r'wiphy (\d+)', host.run(['iw', 'dev', 'wlan0', 'info'])).group(1)
        return f'phy{index}'

    def test_limits_statistics_and_weights(self):
        ap, phy = self.ap, self.phy(self.ap)
        text = ap.run(['iw', 'phy', phy, 'info'])
        self.assertIn('[ TXQS ]', text)
        self.assertIn('[ AIRTIME_FAIRNESS ]', text)

        limits = numbers(ap.run(['iw', 'phy', phy, 'get', 'txq']))
        self.assertEqual((limits['Packet limit'], limits['Memory limit'], limits['Quantum']),
                         (8192, 16 << 20, 300))
        for name, value in (('limit', 1000), ('memory_limit', 1 << 20), ('quantum', 600)):
            ap.run(['iw', 'phy', phy, 'set', 'txq', name, value])
        limits = numbers(ap.run(['iw', 'phy', phy, 'get', 'txq']))
        self.assertEqual((limits['Packet limit'], limits['Memory limit'], limits['Quantum']),
                         (1000, 1 << 20, 600))
        self.assertEqual(limits['Number of queues'], 4096)

        ap.ping('10.9.0.2')
        station = self.station.address()
        self.assertIn('multicast TXQ:', ap.run(['iw', 'dev', 'wlan0', 'info']))
        ap.run(['iw', 'dev', 'wlan0', 'station', 'set', station, 'airtime_weight', 512])
        text = ap.run(['iw', 'dev', 'wlan0', 'station', 'dump', '-v'])
        self.assertIn('airtime weight: 512', text)
        durations = dict(re.findall(r'(tx|rx) duration:\s+(\d+) us', text))
        self.assertGreater(int(durations['tx']), 10 * 30)
        self.assertGreater(int(durations['rx']), 10 * 30)
        self.assertIn('TXQs:', text)

    def test_other_radios_have_none(self):
        phy = self.phy(self.station)
        self.assertNotIn('TXQS', self.station.run(['iw', 'phy', phy, 'info']))
        self.station.run(['iw', 'phy', phy, 'set', 'txq', 'limit', 100], status=NOT_SUPPORTED)
        self.assertNotIn('multicast TXQ', self.station.run(['iw', 'dev', 'wlan0', 'info']))
        text = self.station.run(['iw', 'dev', 'wlan0', 'station', 'dump'])
        self.assertNotIn('airtime weight', text)
        self.assertRegex(text, r'tx duration:\s+0 us')
        self.station.run(['iw', 'dev', 'wlan0', 'station', 'set', self.ap.address(),
                          'airtime_weight', 300], status=NOT_SUPPORTED)


if __name__ == '__main__':
    unittest.main()
