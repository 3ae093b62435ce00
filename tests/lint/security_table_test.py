"""docs/security.md names every attack of tests/sim, and no test that does not exist."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = {'attacks_data.cc': 'DataAttack', 'attacks_management.cc': 'ForgedManagement'}
DROPS = 'src/mac80211/drops.cc'


def tests_in_code():
    names = set()
    for file in ROOT.glob('tests/**/*.cc'):
        text = file.read_text()
        names |= {f'{suite}.{name}' for suite, name in
                  re.findall(r'^TEST(?:_F)?\((\w+), (\w+)\)', text, re.MULTILINE)}
        if file.name in TABLES:
            names |= {f'{TABLES[file.name]}.{name}' for name in
                      re.findall(r'^    \{"(\w+)", Victim', text, re.MULTILINE)}
    return names


class SecurityTableTest(unittest.TestCase):
    def setUp(self):
        self.rows = [line for line in (ROOT / 'docs/security.md').read_text().splitlines()
                     if line.startswith('| ')]
        self.named = set(re.findall(r'\b([A-Z]\w+\.[A-Z]\w+)\b', '\n'.join(self.rows)))

    def test_tests_exist(self):
        self.assertEqual(self.named - tests_in_code(), set())

    def test_attacks_are_named(self):
        suites = ('DataAttack.', 'MixedKeys.', 'HandshakeAttack.', 'ForgedManagement.',
                  'ManagementAttack.')
        attacks = {name for name in tests_in_code() if name.startswith(suites)}
        self.assertGreater(len(attacks), 50)
        self.assertEqual(attacks - self.named, set())

    def test_each_row_has_a_counter_or_says_why_not(self):
        for row in self.rows:
            cells = [cell.strip() for cell in row.strip('|').split(' | ')]
            if '.' not in cells[-1] or cells[0] == 'attack':
                continue
            self.assertTrue(re.match('[rt]x-[a-z-]+|none: ', cells[-2]), row)

    def test_counters_exist(self):
        counters = set(re.findall(r'"([rt]x-[a-z-]+)"', (ROOT / DROPS).read_text()))
        named = set(re.findall(r'\b([rt]x-[a-z-]+)', '\n'.join(self.rows)))
        self.assertEqual(named - counters, set())


if __name__ == '__main__':
    unittest.main()
