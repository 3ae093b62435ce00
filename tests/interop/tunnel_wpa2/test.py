"""A radio of one host in the stack of another: hostapd on host `virtual`, whose radio is the monitor
interface that `airloom tunnel serve` gives away on host `real`, serves wpa_supplicant at real's air;
in the clear on one machine, where tshark reads it, and in DTLS with a key, which strangers lack."""

import signal
import unittest

from airloom_testing import WPA2_AP, WPA2_STATION, Scenario, connected, wait_until
from tunnel_testing import KEY, Tunnel


class TunnelWpa2Test(Scenario):
    TOOLS = ('hostapd', 'wpa_supplicant', 'iw', 'ip', 'ping', 'tshark')

    def start_tunnel(self, *security):
        lab = self.start_lab()
        self.station, virtual = lab.host('sta'), lab.host('virtual')
        if security:
            security = [str(lab.write(word, KEY)) if word == 'key' else word for word in security]
        real = lab.host('real')
        return lab, Tunnel(real, virtual, security, joiner=real)

    def use(self, tunnel):
        """A network behind the tunnel carries pings."""
        tunnel.virtual.hostapd(**WPA2_AP)
        tunnel.virtual.set_ip('10.9.0.1/24')
        connected(self.station.wpa_supplicant(**WPA2_STATION))
        self.station.set_ip('10.9.0.2/24')
        self.station.ping('10.9.0.1')

    def test_in_the_clear(self):
        lab, tunnel = self.start_tunnel()
        capture = lab.folder / 'tunnel.pcapng'
        capturing = tunnel.real.start(['tshark', '-i', 'lo', '-w', capture, '-q', 'udp'], 'tshark')
        wait_until(capture.exists, 'the capture has begun')
        self.use(tunnel.join())
        capturing.stop(signal.SIGINT)
        import shutil; shutil.copy(capture, '/tmp/tunnel.pcapng')
        status = tunnel.joined_status()
        self.assertTrue(status['joined'])
        self.assertEqual(status['counts']['sessions'], 1)
        self.assertNotIn('refused', tunnel.served_status())

    def test_with_a_key(self):
        lab, tunnel = self.start_tunnel('--key', 'key')
        self.use(tunnel.join())
        print(tunnel.joined_status(), tunnel.served_status())


if __name__ == '__main__':
    unittest.main()
