"""The checks of script/ must catch what they forbid: each test plants one violation in a tree."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = '''
| `src/...` | one sentence | may include |
|---|---|---|
| `base` | b | - |
| `bytes` | y | base |
| `genl` | g | base bytes |
| `lab` | l | all core layers above |
| `platform` | p | base |
| `daemon` | d | all but cli |
| `cli` | c | all |
'''
LIBRARIES = '''
airloom_layer(base LIBS fmt::fmt)
airloom_layer(bytes DEPS base)
airloom_layer(genl DEPS base bytes)
airloom_layer(lab DEPS base bytes genl)
airloom_layer(platform DEPS base LIBS Threads::Threads)
airloom_layer(daemon DEPS lab platform)
'''


class CheckTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write('docs/ARCHITECTURE.md', TABLE)
        self.write('src/CMakeLists.txt', LIBRARIES)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def check(self, name):
        result = subprocess.run([ROOT / 'script' / name, '--root', self.root],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.stderr, '')
        self.assertEqual(result.returncode, 1 if result.stdout else 0)
        return result.stdout


class LayersTest(CheckTest):
    def check_layers(self):
        return self.check('check-layers')

    def test_accepts_what_the_table_allows(self):
        self.write('src/genl/bus.h', '#include "base/time.h"\n#include "genl/client.h"\n')
        self.write('src/lab/world.cc', '#include "genl/bus.h"\n#include <vector>\n')
        self.write('src/daemon/main.cc', '#include "platform/tap.h"\n#include <unistd.h>\n')
        self.write('src/cli/main.cc', '#include "daemon/main.h"\n')
        self.assertEqual(self.check_layers(), '')

    def test_catches_an_upward_include(self):
        self.write('src/bytes/reader.h', '#pragma once\n#include "genl/bus.h"\n')
        self.assertIn('src/bytes/reader.h:2: "genl/bus.h": bytes may include base, not genl',
                      self.check_layers())

    def test_the_core_composition_may_not_include_the_edge(self):
        self.write('src/lab/world.cc', '#include "platform/tap.h"\n')
        self.assertIn('not platform', self.check_layers())

    def test_catches_an_include_without_its_layer(self):
        self.write('src/genl/bus.cc', '#include "bus.h"\n')
        self.assertIn('write includes of our own as "layer/file.h"', self.check_layers())

    def test_catches_a_cycle_in_the_table(self):
        self.write('docs/ARCHITECTURE.md', TABLE.replace('| `base` | b | - |',
                                                         '| `base` | b | bytes |'))
        self.assertIn('in a cycle', self.check_layers())

    def test_catches_a_library_that_links_upward(self):
        self.write('src/CMakeLists.txt', LIBRARIES.replace('bytes DEPS base', 'bytes DEPS genl'))
        self.assertIn('bytes links genl', self.check_layers())

    def test_catches_a_folder_without_a_row(self):
        self.write('src/util/misc.h', '')
        self.assertIn('src/util has no row', self.check_layers())

    def test_catches_clocks_threads_and_randomness_in_the_core(self):
        for line in ('#include <thread>', '#include <sys/socket.h>', '#include <fstream>',
                     'auto t = std::chrono::steady_clock::now();', 'RAND_bytes(out, 16);',
                     'std::random_device seed;', 'auto t = time(nullptr);', 'getenv("HOME");'):
            with self.subTest(line):
                self.write('src/genl/bus.cc', line + '\n')
                self.assertIn('src/genl/bus.cc:1: ', self.check_layers())

    def test_comments_and_strings_are_not_code(self):
        self.write('src/genl/bus.cc', '// RAND_bytes(x) is not used\nauto s = "getenv(";\n')
        self.assertEqual(self.check_layers(), '')


class SizesTest(CheckTest):
    def check_sizes(self):
        return self.check('check-sizes')

    def function(self, header, lines):
        return header + ' {\n' + '  if (x) { y(); }\n' * (lines - 2) + '}\n'

    def test_catches_a_long_function_wherever_it_stands(self):
        headers = ('int f(int x)', 'Foo::Foo(A a) : a_{a}, b_{2}', 'auto g(A a = {}) -> Result<B>',
                   'TEST(Suite, Name)', 'auto kLambda = [](int x)', 'bool operator()(A a) const')
        for header in headers:
            for wrap in ('%s', 'namespace a::b {\nstruct C : D {\n%s};\n}\n'):
                with self.subTest(header, wrap=wrap):
                    self.write('src/base/a.cc', wrap % self.function(header, 70))
                    self.assertEqual(self.check_sizes(), '')
                    self.write('src/base/a.cc', wrap % self.function(header, 71))
                    self.assertIn('has 71 lines; the ceiling is 70', self.check_sizes())

    def test_a_long_table_is_not_a_function(self):
        self.write('src/base/a.cc', 'const Row kRows[] = {\n' + '  {f(1), {2}},\n' * 100 + '};\n')
        self.assertEqual(self.check_sizes(), '')

    def test_catches_a_long_python_function(self):
        self.write('tests/a.py', 'def f():\n' + '    pass\n' * 70)
        self.assertIn('tests/a.py:1: f has 71 lines', self.check_sizes())

    def test_catches_a_long_file_and_a_long_line(self):
        self.write('src/base/a.h', '\n' * 801)
        self.write('src/base/b.h', '/' * 101)
        report = self.check_sizes()
        self.assertIn('src/base/a.h:1: 801 lines', report)
        self.assertIn('src/base/b.h:1: 101 columns', report)


if __name__ == '__main__':
    unittest.main()
