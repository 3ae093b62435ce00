"""Bars that figures are held to: a run that misses one says so at its end, and fails."""

import sys


class Bars:
    def __init__(self):
        self.missed = []

    def at_most(self, what, value, limit):
        if value > limit:
            self.missed.append(f'{what} is {value:.4g}, more than {limit:.4g}')

    def at_least(self, what, value, limit):
        if value < limit:
            self.missed.append(f'{what} is {value:.4g}, less than {limit:.4g}')

    def absent(self, what):
        """Nothing was measured that the bar is for."""
        self.missed.append(f'{what} was not measured')

    def exit(self):
        if self.missed:
            sys.exit('bench: ' + '\n'.join(self.missed))
