"""nlctrl's GETPOLICY: every attribute of the policies of both families is the kernel's."""

import pathlib
import re
import unittest

from airloom_testing import Scenario

FAMILIES = ('nl80211', 'MAC80211_HWSIM')
ROOT = pathlib.Path(__file__).parents[3]
GOLDEN = ROOT / 'tests/vectors/linux-6.1/netlink'
BY_COMMAND = ['/usr/bin/python3', '-B', pathlib.Path(__file__).parent / 'by_command.py']


class PoliciesTest(Scenario):
    TOOLS = ('genl',)

    def setUp(self):
        super().setUp()
        self.host = self.start_lab().host('host')

    def told(self, family):
        """What genl prints, less the number that the family happens to have."""
        text = self.host.run(['genl', 'ctrl', 'policy', 'name', family])
        return [re.sub(r'^\s*ID: 0x[0-9a-f]+\s+', '', line) for line in text.splitlines()]

    def test_all_attributes_are_the_kernels(self):
        for family in FAMILIES:
            with self.subTest(family):
                golden = (GOLDEN / f'policy-{family}.txt').read_text().splitlines()
                self.assertGreater(len(golden), 25)
                self.assertEqual(self.told(family), golden)

    def test_one_commands_policy_is_that_of_the_whole(self):
        for family in FAMILIES:
            with self.subTest(family):
                whole = [line for line in self.told(family) if line.startswith('op ')]
                alone = self.host.run([*BY_COMMAND, family]).splitlines()
                self.assertEqual(sorted(alone), sorted(whole))


if __name__ == '__main__':
    unittest.main()
