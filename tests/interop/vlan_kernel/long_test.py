"""VLAN devices on wlan0, which need a kernel with 802.1Q: airloom in a virtual machine with one.

Tags cross the air in both directions, and say which TID a frame goes by; where a tag says nothing,
the packet in it does.
"""

import base64
import pathlib
import unittest

import kernel_guest
from air_capture import frames
from airloom_testing import AIRLOOM, OWN_AP, OWN_STATION, Program, Scenario, lab_file

SECONDS = 300  # the emulated processor shares ours with whatever else runs


class VlanKernelTest(Scenario):
    TOOLS = ('ip', 'ping', 'tshark', *kernel_guest.TOOLS)

    def make_guest(self, folder):
        guest = kernel_guest.Guest(folder, ('tun', '8021q'))
        here = pathlib.Path(__file__).parent
        guest.add_file(here / 'init', '/init').chmod(0o755)
        guest.add_program(AIRLOOM, 'airloom')
        guest.add_program('ip')
        guest.add_program('ping')
        guest.add_text('/etc/lab.toml', lab_file(OWN_AP) + lab_file(OWN_STATION))
        return guest

    def run_guest(self, lab):
        """Runs it to its end, and returns what it printed of the captured air."""
        command = self.make_guest(lab.folder / 'guest').command()
        guest = Program('guest', command, lab.folder, lab.env)
        lab.programs.append(guest)
        for _ in range(2):
            guest.wait_for_line('^GUEST pings', SECONDS)
            guest.wait_for_line('5 packets transmitted, 5 received', SECONDS)
        guest.wait_for_line('wlan0.5@wlan0: .*UP')
        guest.wait_for_line('GUEST ends', SECONDS)
        self.assertEqual(guest.wait(), 0)
        text = guest.output().split('GUEST capture\n')[1].split('GUEST capture ends')[0]
        path = lab.folder / 'air.pcapng'
        path.write_bytes(base64.b64decode(text))
        return path

    def test_tags_of_vlan_devices_cross_the_air(self):
        capture = self.run_guest(self.new_lab())
        fields = ('icmp.type', 'ip.dsfield.dscp', 'vlan.id', 'vlan.priority', 'wlan.qos.tid')
        echoes = frames(capture, fields, 'icmp and wlan.fc.retry == 0')
        request, reply = '8', '0'
        told, packet, tagged = '0', '46', '3'
        self.assertEqual(set(echoes), {
            (request, told, '5', tagged, tagged), (reply, told, '5', '0', '0'),
            (request, packet, '5', '0', '5'), (reply, packet, '5', '0', '5')})
        self.assertGreaterEqual(len(echoes), 20)


if __name__ == '__main__':
    unittest.main()
