"""airloom's own access point and own stations, brought up by the daemon from one lab file."""

import unittest

from airloom_testing import PASSPHRASE, SSID, Scenario

LAB = '''
[host.ap]
address = "10.9.0.1/24"
[host.ap.access_point]
ssid = "{ssid}"
{passphrase}
[host.one]
address = "10.9.0.2/24"
[host.one.station]
ssid = "{ssid}"
{passphrase}
[host.two]
address = "10.9.0.3/24"
[host.two.station]
ssid = "{ssid}"
{passphrase}
'''


class OwnBothTest(Scenario):
    TOOLS = ('ping',)

    def bring_up_and_ping(self, passphrase):
        lab = self.start_lab()
        lab.up(LAB.format(ssid=SSID, passphrase=passphrase))
        ap, one, two = (lab.host(name) for name in ('ap', 'one', 'two'))
        one.ping('10.9.0.1')
        ap.ping('10.9.0.2')
        two.ping('10.9.0.2')  # through the access point
        down = lab.start(['down'], 'down')
        self.assertEqual(down.wait(), 0, down.tail())

    def test_wpa2(self):
        self.bring_up_and_ping(f'passphrase = "{PASSPHRASE}"')

    def test_open(self):
        self.bring_up_and_ping('')


if __name__ == '__main__':
    unittest.main()
