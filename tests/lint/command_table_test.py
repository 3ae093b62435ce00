"""The table of commands in docs/conformance.md is what the server's tables say.

Usage: command_table_test.py GENERATOR [--write]
"""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/interop'))
import nl80211_names  # noqa: E402  pylint: disable=wrong-import-position

PAGE = ROOT / 'docs/conformance.md'
BEGIN, END = '<!-- commands: script/commands -->\n', '<!-- end of commands -->\n'


def generate(generator):
    return subprocess.run([generator], capture_output=True, text=True, check=True,
                          timeout=60).stdout


def around():
    """The page before and after the table, and the table."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    table, _, after = rest.partition(END)
    return before + BEGIN, table, END + after


class CommandTableTest(unittest.TestCase):
    generator = ''

    def setUp(self):
        self.table = generate(self.generator)
        self.rows = [re.split(r' ?\| ?', line)[1:-1] for line in self.table.splitlines()[2:]]

    def test_the_page_has_it(self):
        self.assertEqual(around()[1], self.table,
                         'docs/conformance.md is stale: run script/commands')

    def test_every_command_is_in_it(self):
        names = {name for number, name in
                 nl80211_names.first_names(nl80211_names.commands()).items() if number}
        self.assertEqual({row[0] for row in self.rows}, names)

    def test_every_scenario_exists(self):
        for name, _, _, scenario in self.rows:
            if scenario.startswith('`'):
                test = ROOT / 'tests/interop' / scenario.strip('`') / 'test.py'
                self.assertTrue(test.exists(), f'{name}: there is no {test}')

    def test_what_is_driven_is_served(self):
        for name, kind, here, scenario in self.rows:
            if scenario.startswith('`') and kind.startswith(('request', 'dump')):
                self.assertEqual(here, 'served', name)

    def test_only_events_never_happen_and_each_says_why(self):
        for name, kind, _, scenario in self.rows:
            if not scenario.startswith('`') and scenario != 'not yet':
                self.assertRegex(scenario, r'^never: \w', name)
                self.assertEqual(kind, 'message', name)


if __name__ == '__main__':
    CommandTableTest.generator = sys.argv.pop(1)
    if sys.argv[1:] == ['--write']:
        before, _, after = around()
        PAGE.write_text(before + generate(CommandTableTest.generator) + after)
    else:
        unittest.main()
