"""bench/'s bars must fail a run that misses one, and one that measures nothing for one."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'bench'))

import bars  # noqa: E402
import table  # noqa: E402


class TableTest(unittest.TestCase):
    TIMES = {'libcrypto_ccm/1500': ([100.0, 120.0, 90.0], {}),
             'frame_path_ccmp/1500/32': ([110.0, 90.0, 125.0], {'allocations_per_frame': 0.0})}

    def missed(self, times, partial=True):
        return table.held(times, partial).missed

    def with_row(self, name, samples, counters):
        return self.missed({**self.TIMES, name: (samples, counters)})

    def test_what_meets_its_bars_passes(self):
        self.assertEqual(self.missed(self.TIMES), [])

    def test_a_ratio_above_its_bar_is_missed(self):
        missed = self.with_row('frame_path_ccmp/1500/32', [130.0] * 3,
                               {'allocations_per_frame': 0.0})
        self.assertEqual(missed, ['frame_path_ccmp/1500/32: x yardstick is 1.3, more than 1.25'])

    def test_a_time_above_its_bar_is_missed(self):
        missed = self.with_row('get_wiphy/102', [7e6], {})
        self.assertEqual(missed, ['get_wiphy/102: ns/item is 7e+06, more than 6e+06'])

    def test_a_counter_above_its_bar_is_missed(self):
        missed = self.with_row('idle/200/20', [1.0],
                               {'core_percent': 11, 'ns_per_beacon_and_receiver': 1})
        self.assertEqual(missed, ['idle/200/20: core_percent is 11, more than 10'])

    def test_a_bar_without_its_row_is_missed_in_a_whole_run(self):
        missed = self.missed(self.TIMES, partial=False)
        self.assertIn('crypto_ccmp/1500/32: x yardstick was not measured', missed)
        self.assertIn('stranger_hello/: x yardstick was not measured', missed)

    def test_a_row_without_its_yardstick_is_missed_in_a_whole_run(self):
        times = {'frame_path_ccmp/1500/32': ([1.0], {'allocations_per_frame': 0.0})}
        self.assertIn('frame_path_ccmp/1500/32: x yardstick was not measured',
                      self.missed(times, partial=False))

    def test_a_row_without_its_counter_is_missed_in_a_whole_run(self):
        times = {'idle/200/20': ([1.0], {'core_percent': 1})}
        self.assertIn('idle/200/20: ns_per_beacon_and_receiver was not measured',
                      self.missed(times, partial=False))


class BarsTest(unittest.TestCase):
    def test_a_run_that_misses_none_goes_on(self):
        held = bars.Bars()
        held.at_most('a', 1, 1)
        held.at_least('b', 1, 1)
        held.exit()

    def test_a_run_that_misses_says_which_and_fails(self):
        held = bars.Bars()
        held.at_most('a', 2, 1)
        held.at_least('b', 0.5, 1)
        with self.assertRaises(SystemExit) as ended:
            held.exit()
        self.assertEqual(ended.exception.code,
                         'bench: a is 2, more than 1\nb is 0.5, less than 1')


if __name__ == '__main__':
    unittest.main()
