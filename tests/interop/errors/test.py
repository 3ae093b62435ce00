"""What can go wrong on the command line: each a clear message and a right exit status."""

import os
import signal
import subprocess
import unittest

from airloom_testing import AIRLOOM, Scenario, wait_until

NOT_FOUND = 127  # as a shell has it


class ErrorsTest(Scenario):
    TOOLS = ('unshare',)

    def airloom(self, lab, *words, prefix=(), seconds=60):
        """Runs airloom to its end; returns (exit status, stdout, stderr)."""
        result = subprocess.run([*prefix, AIRLOOM, *words], env=lab.env, cwd=lab.folder, text=True,
                                capture_output=True, timeout=seconds)
        return result.returncode, result.stdout, result.stderr

    def expect_failure(self, result, *phrases, status=1):
        got, _, errors = result
        self.assertEqual(got, status, errors)
        self.assertEqual(len(errors.strip().splitlines()), 1, f'one sentence, please: {errors}')
        for phrase in phrases:
            self.assertIn(phrase, errors)

    def test_run_starts_a_daemon_and_passes_the_exit_status_on(self):
        lab = self.new_lab()
        self.assertEqual(self.airloom(lab, 'run', '--', 'true'), (0, '', ''))
        self.assertEqual(self.airloom(lab, 'run', '--', 'false')[0], 1)
        self.assertEqual(self.airloom(lab, 'run', '--', 'sh', '-c', 'exit 42')[0], 42)
        killed = self.airloom(lab, 'run', '--', 'sh', '-c', 'kill -TERM $$')[0]
        self.assertEqual(killed, 128 + signal.SIGTERM)
        self.airloom(lab, 'down')

    def test_a_missing_program(self):
        lab = self.start_lab()
        self.expect_failure(self.airloom(lab, 'run', '--', 'no-such-program'), 'no-such-program',
                            status=NOT_FOUND)

    def test_bad_lab_files(self):
        lab = self.start_lab()
        cases = {
            'syntax.toml': ('[host.ap\n', 'syntax.toml:1'),
            'unknown.toml': ('[host.ap]\nradio = 1\n', 'radio'),
            'type.toml': ('[host.ap]\nradios = "one"\n', 'radios'),
            'address.toml': ('[host.ap]\naddress = "10.0.0.300/24"\n', '10.0.0.300/24'),
            'program.toml': ('[host.ap]\n[[host.ap.program]]\nready = "x"\n', 'run'),
        }
        for name, (text, phrase) in cases.items():
            with self.subTest(name):
                lab.write(name, text)
                self.expect_failure(self.airloom(lab, 'up', name), name, phrase)
        self.expect_failure(self.airloom(lab, 'up', 'absent.toml'), 'absent.toml')

    def test_a_lab_file_whose_program_fails(self):
        lab = self.start_lab()
        lab.write('lab.toml', '[host.ap]\n[[host.ap.program]]\nrun = ["false"]\nready = "up"\n')
        status, _, errors = self.airloom(lab, 'up', 'lab.toml')
        self.assertEqual(status, 1)
        self.assertIn('false', errors)

    def test_no_tun_device(self):
        lab = self.new_lab()
        hide = ('unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /dev/net && exec "$@"', 'sh')
        # It runs all the same, without IP: see poorest_place.
        self.expect_failure(self.airloom(lab, 'run', '--', 'true', prefix=hide), '/dev/net/tun',
                            status=0)

    def test_a_second_daemon(self):
        lab = self.start_lab()
        self.expect_failure(self.airloom(lab, 'daemon'), 'already', str(lab.daemon.process.pid))

    def test_without_a_daemon(self):
        lab = self.new_lab()
        for verb in (['status'], ['down'], ['capture', '-o', 'x.pcapng'],
                     ['exec', 'ap', '--', 'true']):
            with self.subTest(verb):
                self.expect_failure(self.airloom(lab, *verb), 'no daemon')

    def test_a_killed_daemon(self):
        lab = self.start_lab()
        program = lab.host('ap').start(['iw', 'event'])
        wait_until(lambda: self.airloom(lab, 'exec', 'ap', '--', 'true')[0] == 0, 'host ap exists')
        os.kill(lab.daemon.process.pid, signal.SIGKILL)
        lab.daemon.wait()
        lab.daemon = None
        self.expect_failure(self.airloom(lab, 'status'), 'no daemon')
        self.assertNotEqual(program.wait(), 0)
        self.assertIn('daemon', program.output())
        self.assertEqual(self.airloom(lab, 'run', '--', 'true')[0], 0, 'a new daemon takes over')
        self.airloom(lab, 'down')

    def test_an_unknown_verb_and_a_missing_argument(self):
        lab = self.new_lab()
        for words in (['fly'], ['up'], ['run'], ['capture']):
            with self.subTest(words):
                status, _, errors = self.airloom(lab, *words)
                self.assertNotEqual(status, 0)
                self.assertNotEqual(errors.strip(), '')


if __name__ == '__main__':
    unittest.main()
