"""airloom up LAB.toml, exec, status --json, down: a network from one file, and gone again."""

import json
import signal
import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, fields, wait_until

LAB = '''
[host.ap]
radios = 1
address = "10.9.0.1/24"
[[host.ap.program]]
run = ["hostapd", "hostapd-ap.conf"]
ready = "AP-ENABLED"

[host.sta]
radios = 1
address = "10.9.0.2/24"
[[host.sta.program]]
run = ["wpa_supplicant", "-i", "wlan0", "-c", "wpa_supplicant-sta.conf"]
ready = "CTRL-EVENT-CONNECTED"
'''


class LabFileTest(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'wpa_cli', 'ping')

    def bring_up(self):
        """`airloom up` with no daemon running; returns once the station is connected."""
        self.lab = self.new_lab()
        self.lab.write_hostapd_config('ap', **WPA2_AP)
        self.lab.write_supplicant_config('sta', **WPA2_STATION)
        up = self.lab.start(['up', str(self.lab.write('lab.toml', LAB))], 'up')
        wait_until(lambda: self.station_state(up) == 'COMPLETED', 'the station is connected')
        return up

    def execute(self, host, *command):
        """`airloom exec HOST -- COMMAND`: (exit status, output)."""
        program = self.lab.start(['exec', host, '--', *command], f'exec-{command[0]}')
        return program.wait(), program.output()

    def station_state(self, up):
        if up.process.poll() not in (None, 0):
            self.fail(f'airloom up ended:\n{up.tail()}')
        command = ('wpa_cli', '-p', str(self.lab.control('sta')), '-i', 'wlan0', 'status')
        return fields(self.execute('sta', *command)[1]).get('wpa_state')

    def ping(self):
        status, output = self.execute('sta', 'ping', '-c', '5', '-i', '0.05', '10.9.0.1')
        self.assertEqual(status, 0, output)

    def test_up_exec_status_down(self):
        up = self.bring_up()
        self.ping()
        status = self.lab.start(['status', '--json'], 'status')
        self.assertEqual(status.wait(), 0)
        report = json.loads(status.output())
        self.assertEqual({host['name'] for host in report['hosts']}, {'ap', 'sta'})
        down = self.lab.start(['down'], 'down')
        self.assertEqual(down.wait(), 0, down.tail())
        self.assertEqual(up.wait(), 0, up.tail())
        wait_until(lambda: not self.lab.leaks(), 'nothing is left behind', seconds=15)

    def test_ctrl_c_takes_everything_down(self):
        up = self.bring_up()
        if up.process.poll() is None:
            up.stop(signal.SIGINT)
        else:  # `up` left a daemon at work: its Ctrl-C is `down`
            self.lab.start(['down'], 'down').wait()
        wait_until(lambda: not self.lab.leaks(), 'nothing is left behind', seconds=15)


if __name__ == '__main__':
    unittest.main()
