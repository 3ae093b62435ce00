"""A radio of one host in the stack of another: hostapd on host `virtual`, whose radio is the
monitor interface that `airloom tunnel serve` gives away on host `real`, serves wpa_supplicant at
real's air. In the clear, on one machine, tshark reads the tunnel as CAPWAP with 802.11 inside."""

import signal
import subprocess
import unittest

from airloom_testing import AIRLOOM, WPA2_AP, WPA2_STATION, Scenario, connected, wait_until
from tunnel_testing import Tunnel


def dissect(capture, fields, display_filter):
    """What tshark makes of a capture of the tunnel, as air_capture.frames."""
    # Some access points swap the octets of Frame Control, which tshark takes for the rule.
    command = ['tshark', '-n', '-r', str(capture), '-o', 'capwap.swap_fc:FALSE',
               '-Y', display_filter, '-T', 'fields']
    for field in fields:
        command += ['-e', field]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        raise AssertionError(f'tshark cannot read {capture}: {result.stderr}')
    return [tuple(line.split('\t')) for line in result.stdout.splitlines()]


class TunnelWpa2Test(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'tshark')

    def start_network(self, *options):
        """A network through the tunnel, both ends of which have these options, and a capture of
        what goes through."""
        lab = self.start_lab()
        lab.up('[host.virtual]\nradios = 0\n[host.real]\n[host.sta]\n')
        self.real, self.station, self.virtual = map(lab.host, ('real', 'sta', 'virtual'))
        self.tunnel = Tunnel(self.real, self.virtual, serve=options, join=options,
                             joiner=self.real)
        self.capture = lab.folder / 'tunnel.pcapng'
        self.capturing = self.real.start(
            ['tshark', '-i', 'lo', '-w', self.capture, '-q', 'udp'], 'tshark')
        wait_until(self.capture.exists, 'the capture has begun')
        self.tunnel.join()
        self.virtual.hostapd(**WPA2_AP)
        self.virtual.set_ip('10.9.0.1/24')
        connected(self.station.wpa_supplicant(**WPA2_STATION))
        self.station.set_ip('10.9.0.2/24')

    def end_capture(self, display_filter, least):
        """Ends the capture once so many frames in it pass the filter."""
        wait_until(lambda: len(dissect(self.capture, ['frame.number'], display_filter)) >= least,
                   'the pings in the capture')
        self.capturing.stop(signal.SIGINT)

    def check_counts(self):
        """Returns what the ends counted, in one session without trouble."""
        counts = self.tunnel.joined_status()['counts'], self.tunnel.served_status()
        for end in counts:
            self.assertEqual(end['sessions'], 1)
            for trouble in ('refused', 'malformed', 'lost', 'tx-refused'):
                self.assertNotIn(trouble, end)
        return counts

    def test_in_the_clear(self):
        self.start_network()
        # The virtual radio has the real one's address, which therefore acknowledges for it.
        self.assertEqual(self.virtual.address(), self.real.address())
        self.station.ping('10.9.0.1')
        info = self.station.run(['iw', 'dev', 'wlan0', 'link'])
        self.assertIn(f'Connected to {self.virtual.address()}', info)
        self.end_capture('wlan.fc.protected == 1', 20)
        self.check_capture(self.capture, self.station.address(), self.virtual.address())
        self.assertTrue(self.tunnel.joined_status()['joined'])
        self.check_counts()

    def test_frames_longer_than_the_road_takes_are_cut(self):
        self.start_network('--mtu', '576')
        output = self.station.run(['ping', '-c', '5', '-i', '0.2', '-W', '5', '-s', '1400',
                                   '10.9.0.1'])
        self.assertIn(' 5 received', output)
        whole = 'capwap.reassembled.length > 1400 && wlan.fc.type_subtype == 0x28'
        self.end_capture(whole, 10)
        senders = {row[0] for row in dissect(self.capture, ['wlan.ta'], whole)}
        self.assertEqual(senders, {self.station.address(), self.virtual.address()})
        lengths = [int(row[0]) for row in dissect(self.capture, ['ip.len'], 'capwap.data')]
        self.assertLessEqual(max(lengths), 576)
        for flaw in ('capwap && _ws.malformed', 'capwap.fragment.error',
                     'capwap.fragment.overlap', 'capwap.fragment.too_long_fragment'):
            self.assertEqual(dissect(self.capture, ['frame.number'], flaw), [], flaw)
        for end in self.check_counts():
            self.assertGreater(end['fragments-sent'], 0)

    def test_from_a_lab_file(self):
        lab = self.new_lab()
        config = lab.write_hostapd_config('virtual', **WPA2_AP)
        supplicant = lab.write_supplicant_config('sta', **WPA2_STATION)
        lab.start_daemon()
        monitor = ('iw dev wlan0 interface add mon0 type monitor flags active && '
                   'ip link set mon0 up')
        lab.up(f'''
[host.real]
[[host.real.program]]
run = ["sh", "-c", "{monitor} && exec {AIRLOOM} tunnel serve mon0"]
ready = "is served at"
[[host.real.program]]                   # its loopback is where the radio is served
run = ["{AIRLOOM}", "tunnel", "join", "--host", "virtual", "127.0.0.1"]
ready = "with wlan0 is"
[host.virtual]
radios = 0
[[host.virtual.program]]
run = ["hostapd", "{config}"]
ready = "AP-ENABLED"
[host.sta]
[[host.sta.program]]
run = ["wpa_supplicant", "-i", "wlan0", "-c", "{supplicant}"]
ready = "CTRL-EVENT-CONNECTED"
''')
        lab.host('virtual').set_ip('10.9.0.1/24')
        lab.host('sta').set_ip('10.9.0.2/24')
        lab.host('sta').ping('10.9.0.1')

    def check_capture(self, capture, station, ap):
        # Join, Configuration Update, WTP Event and Echo: each asked and answered.
        kinds = dissect(capture, ['capwap.control.header.message_type.enterprise_specific'],
                        'capwap.control.header')
        self.assertEqual({row[0] for row in kinds}, set('3 4 7 8 9 10 13 14'.split()))
        for flaw in ('capwap.header.flags.k == 1 && _ws.expert', 'capwap && _ws.malformed'):
            self.assertEqual(dissect(capture, ['frame.number'], flaw), [])
        rows = dissect(capture, ['wlan.ta', 'capwap.header.wireless.data'],
                       'capwap.data && wlan.fc.type_subtype == 11')
        self.assertEqual({row[0] for row in rows}, {station, ap})
        # Heard at -30 dBm, 62 dB above the noise, at 1 Mb/s; and for the first WLAN.
        heads = {row[0]: row[1][:8] for row in rows}
        self.assertEqual(heads, {station: 'e23e000a', ap: '00010000'})
        for kind in ('8', '0', '1', '40'):  # Beacon, Association Request and Response, QoS Data
            self.assertTrue(dissect(capture, ['frame.number'],
                                    f'capwap.data && wlan.fc.type_subtype == {kind}'), kind)


if __name__ == '__main__':
    unittest.main()
