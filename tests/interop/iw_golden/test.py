"""iw on airloom against iw on the kernel of record, through the steps of the traced session."""

import unittest

from airloom_testing import OPEN_STATION, WPA2_AP, WPA2_STATION
from golden import differences
from traced_session import TracedSession


class IwGoldenTest(TracedSession):
    def session(self, kind, ap_options, network):
        """The steps of the traced session; returns the differences of all its texts."""
        problems = []
        for what, golden, text in self.run_session(self.start_lab(), kind, ap_options, network):
            if kind == 'open' and golden == 'iw-list.txt':
                continue  # the same text as in the WPA2 session
            label = what if what.endswith('iw event') else f'{what} ({kind})'
            problems += differences(label, f'{kind}/{golden}', text, self.addresses)
        return problems

    def test_wpa2_session(self):
        problems = self.session('wpa2', WPA2_AP, WPA2_STATION)
        self.assertEqual(problems, [], '\n'.join(problems))

    def test_open_session(self):
        problems = self.session('open', {}, OPEN_STATION)
        self.assertEqual(problems, [], '\n'.join(problems))


if __name__ == '__main__':
    unittest.main()
