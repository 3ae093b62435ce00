"""Programs that are spoken to over D-Bus: a private bus on a host, iwd and NetworkManager on it.

The machine's own bus and the state folders of its programs are never touched.
"""

from airloom_testing import PASSPHRASE, SSID, Program, wait_until

BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_type="*"/><allow receive_type="*"/>
    <allow send_destination="*"/>
  </policy>
</busconfig>
"""
IWD = '/usr/libexec/iwd'


class BusHost:
    """A host of the lab with a D-Bus of its own."""

    def __init__(self, lab, name):
        self.host = lab.host(name)
        self.name = name
        self.folder = lab.folder / f'dbus-{name}'
        self.folder.mkdir()
        path = self.folder / 'socket'
        config = lab.write(f'dbus-{name}.conf', BUS_CONFIG.format(path=path))
        self.address = f'unix:path={path}'
        self.host.start(['dbus-daemon', f'--config-file={config}', '--nofork'])
        wait_until(path.is_socket, 'the bus listens')

    def on_bus(self, command, **environment):
        """The command line that runs command with its system bus here."""
        environment['DBUS_SYSTEM_BUS_ADDRESS'] = self.address
        return ['env', *(f'{key}={value}' for key, value in environment.items()), *command]

    def start(self, command, name, **environment):
        return self.host.lab.start(
            ['run', '--host', self.name, '--', *map(str, self.on_bus(command, **environment))],
            f'{self.name}-{name}')

    def run(self, command, status=0, **environment):
        return self.host.run(self.on_bus(command, **environment), status)


class Iwd(BusHost):
    """iwd on a host, and iwctl to steer it."""

    def __init__(self, lab, name, profiles=None, ap_profiles=None, settings=''):
        """profiles: {'SSID.psk': text} of known networks; ap_profiles: of access points."""
        super().__init__(lab, name)
        self.state = self.folder / 'state'
        configuration = self.folder / 'configuration'
        for folder, files in ((self.state, profiles), (self.state / 'ap', ap_profiles),
                              (configuration, {'main.conf': settings})):
            folder.mkdir()
            for file, text in (files or {}).items():
                (folder / file).write_text(text)
        self.program = self.start([IWD, '-d'], 'iwd', STATE_DIRECTORY=self.state,
                                  CONFIGURATION_DIRECTORY=configuration)
        self.program.wait_for_line(r'Wireless daemon version 2\.')

    def iwctl(self, *words, status=0):
        return self.run(['iwctl', *words], status)

    def wait_for_device(self, mode='station'):
        """Waits until iwctl knows wlan0, in that mode."""
        wait_until(lambda: mode in self.iwctl('device', 'wlan0', 'show', status=None),
                   f'wlan0 of {self.name} is a {mode}')

    def station_state(self):
        """'connected', 'disconnected', ...: what iwctl says of wlan0."""
        for line in self.iwctl('station', 'wlan0', 'show', status=None).splitlines():
            if ' State ' in line:
                return line.split()[-1]
        return ''

    def wait_until_connected(self):
        wait_until(lambda: self.station_state() == 'connected', f'{self.name} is connected')


def psk_profile(**settings):
    """A network of iwd's with our passphrase."""
    return f'[Security]\nPassphrase={PASSPHRASE}\n' + ''.join(
        f'{key}={value}\n' for key, value in settings.items())
