"""Radios made and unmade by MAC80211_HWSIM's own family, seen by iw, ip and sysfs."""

import errno
import pathlib
import unittest

from airloom_testing import Scenario, wait_until

HWSIM = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent.parent / 'hwsim.py']
REFUSED = 3


class HwsimRadiosTest(Scenario):
    TOOLS = ('iw', 'ip')

    def setUp(self):
        super().setUp()
        self.start_lab()
        self.host = self.lab.host('one')
        self.host.run(['true'])  # comes with radio 0: phy0 and wlan0

    def start_lab(self, **options):
        self.lab = super().start_lab(**options)
        return self.lab

    def hwsim(self, *words, status=0):
        return self.host.run([*HWSIM, *words], status=status).strip()

    def phys(self):
        return [line.split()[1] for line in self.host.run(['iw', 'list']).splitlines()
                if line.startswith('Wiphy')]

    def interfaces(self):
        return [line.split()[1] for line in self.host.run(['iw', 'dev']).splitlines()
                if line.strip().startswith('Interface')]

    def test_radios_are_in_their_class(self):
        folder = '/sys/class/mac80211_hwsim'

        def cards():
            return self.host.run(['ls', folder]).split()
        self.assertEqual(cards(), ['hwsim0'])
        self.hwsim('new')
        self.assertEqual(cards(), ['hwsim0', 'hwsim1'])
        for number in (0, 1):
            card = f'{folder}/hwsim{number}'
            self.assertEqual(self.host.run(['ls', f'{card}/ieee80211']).split(), [f'phy{number}'])
            self.assertEqual(self.host.run(['cat', f'{card}/ieee80211/phy{number}/index']).strip(),
                             str(number))
            self.assertEqual(self.host.run(['readlink', '-f', f'{card}/driver']).strip(),
                             '/sys/bus/platform/drivers/mac80211_hwsim')
            self.assertEqual(
                self.host.run(['readlink', '-f', f'/sys/class/ieee80211/phy{number}/device']),
                self.host.run(['readlink', '-f', card]))
        self.hwsim('del', '1')
        wait_until(lambda: cards() == ['hwsim0'], 'it has gone from there too')

    def test_a_radio_comes_and_goes(self):
        events = self.host.iw_events()
        watching = self.host.start([*HWSIM, 'watch'], 'watch')
        watching.wait_for_line('watching')
        wait_until(lambda: self.hwsim('list'), 'the list is there')
        self.assertEqual(self.hwsim('new'), 'radio 1')
        self.assertEqual(sorted(self.phys()), ['phy0', 'phy1'])
        self.assertEqual(sorted(self.interfaces()), ['wlan0', 'wlan1'])
        self.assertEqual(self.host.address('wlan1'), '02:00:00:00:01:00')
        watching.wait_for_line(r'^new radio 1 phy1 channels=1$')
        events.wait_for_line('phy #1')
        link = self.host.run(['readlink', '-f', '/sys/class/ieee80211/phy1/device']).strip()
        self.assertTrue(link.endswith('/mac80211_hwsim/hwsim1'), link)
        self.assertEqual(self.host.run(['cat', '/sys/class/net/wlan1/phy80211/name']).strip(),
                         'phy1')
        self.assertEqual(self.hwsim('get', '1'), 'radio 1 phy1 channels=1')

        self.hwsim('del', '1')
        watching.wait_for_line(r'^del radio 1 phy1$')
        events.wait_for_line('delete wiphy')
        self.assertEqual(self.phys(), ['phy0'])
        self.assertEqual(self.interfaces(), ['wlan0'])
        self.host.run(['ip', 'link', 'show', 'wlan1'], status=1)
        self.host.run(['test', '-e', '/sys/class/ieee80211/phy1'], status=1)
        self.assertEqual(self.hwsim('new'), 'radio 2')  # numbers are not used twice

    def test_a_radio_as_asked_for(self):
        self.assertEqual(self.hwsim('new', 'name=front', 'addr=02:aa:bb:cc:dd:01', 'no_vif',
                                    'p2p', 'chanctx', 'country=DE', 'strict'), 'radio 1')
        self.assertEqual(sorted(self.phys()), ['front', 'phy0'])
        self.assertEqual(self.interfaces(), ['wlan0'])
        self.assertEqual(self.hwsim('get', '1'),
                         'radio 1 front channels=1 p2p chanctx strict country=DE')
        self.assertEqual(
            self.host.run(['cat', '/sys/class/ieee80211/front/macaddress']).strip(),
            '02:aa:bb:cc:dd:01')
        wait_until(lambda: 'country DE' in self.host.run(['iw', 'reg', 'get']),
                   'the country that the driver names is in force')
        self.host.run(['iw', 'phy', 'front', 'interface', 'add', 'sta1', 'type', 'managed'])
        self.assertEqual(self.host.address('sta1'), '02:aa:bb:cc:dd:01')
        self.hwsim('del', 'front')
        self.assertEqual(self.phys(), ['phy0'])
        self.host.run(['ip', 'link', 'show', 'sta1'], status=1)

    def test_interface_types_and_ciphers(self):
        station_only = 1 << 2
        self.assertEqual(self.hwsim('new', f'iftypes={station_only}', 'ciphers=000fac04'),
                         'radio 1')
        text = self.host.run(['iw', 'phy', 'phy1', 'info'])
        modes = text.split('Supported interface modes:')[1].split('Band 1:')[0].split('*')
        self.assertEqual([mode.strip() for mode in modes[1:]], ['managed', 'monitor'])
        ciphers = text.split('Supported Ciphers:')[1].split('Available')[0]
        self.assertEqual(ciphers.strip(), '* CCMP-128 (00-0f-ac:4)')
        self.host.run(['iw', 'phy', 'phy1', 'interface', 'add', 'ap1', 'type', '__ap'], status=161)

    def test_refusals(self):
        cases = {
            ('channels=0',): (errno.EINVAL, 'must have at least one channel'),
            ('iftypes=4096',): (errno.EINVAL, 'cannot support more iftypes than kernel'),
            ('addr=01:00:00:00:00:01',): (errno.EINVAL, 'MAC is no valid source addr'),
            ('ciphers=00000000',): (errno.EINVAL, 'unsupported ciphers specified'),
            ('custom_reg=3',): (errno.EINVAL, ''),
        }
        for words, (number, text) in cases.items():
            with self.subTest(words):
                said = self.hwsim('new', *words, status=REFUSED)
                self.assertTrue(said.startswith(f'refused {number} '), said)
                self.assertTrue(said.endswith(f': {text}'.rstrip()), said)
        self.hwsim('new', 'addr=02:00:00:00:00:77')
        said = self.hwsim('new', 'addr=02:00:00:00:00:77', status=REFUSED)
        self.assertEqual(said, f'refused {errno.EEXIST} at 20: perm addr already present')
        self.assertIn(str(errno.ENODEV), self.hwsim('del', '99', status=REFUSED))
        self.assertIn(str(errno.ENODEV), self.hwsim('get', '99', status=REFUSED))

    def test_a_radio_goes_with_its_maker(self):
        maker = self.host.start([*HWSIM, 'new', 'destroy', 'hold'], 'maker')
        maker.wait_for_line('radio 1')
        self.assertEqual(sorted(self.interfaces()), ['wlan0', 'wlan1'])
        maker.stop()
        wait_until(lambda: self.interfaces() == ['wlan0'], 'its radio has gone')
        self.assertEqual(self.phys(), ['phy0'])

    def test_new_interfaces_get_an_address(self):
        for name, kind, address in [('second', 'managed', '42:00:00:00:00:00'),
                                    ('mon0', 'monitor', '02:00:00:00:00:00')]:
            self.host.run(['iw', 'phy', 'phy0', 'interface', 'add', name, 'type', kind])
            text = self.host.run(['iw', 'dev', name, 'info'])
            self.assertIn(f'addr {address}', text)


if __name__ == '__main__':
    unittest.main()
