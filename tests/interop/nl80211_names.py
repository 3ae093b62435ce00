"""The names and numbers of nl80211's commands and attributes, from the header on this machine."""

import functools
import pathlib
import re

HEADER = pathlib.Path('/usr/include/linux/nl80211.h')


@functools.cache
def enumeration(name):
    """{NAME: number} of an enum of linux/nl80211.h, without comments; aliases have their number."""
    text = re.sub(r'/\*.*?\*/', '', HEADER.read_text(), flags=re.DOTALL)
    body = re.search(rf'enum {name} \{{(.*?)\}}', text, re.DOTALL).group(1)
    numbers = {}
    following = 0
    for entry in filter(None, (part.strip() for part in body.split(','))):
        label, _, value = (word.strip() for word in entry.partition('='))
        if value:
            following = numbers[value] if value in numbers else arithmetic(value, numbers)
        numbers[label] = following
        following += 1
    return numbers


def arithmetic(text, numbers):
    """A number, or `NAME - 1`."""
    label, _, less = (word.strip() for word in text.partition('-'))
    return (numbers[label] if label in numbers else int(label, 0)) - int(less or 0)


def short_names(name, prefix):
    """{NAME without prefix: number} of an enum, markers such as __NL80211_X_AFTER_LAST left out."""
    return {label.removeprefix(prefix): number for label, number in enumeration(name).items()
            if label.startswith(prefix) and label != f'{prefix}MAX'}


def commands():
    return short_names('nl80211_commands', 'NL80211_CMD_')


def attributes():
    return short_names('nl80211_attrs', 'NL80211_ATTR_')


def first_names(numbers):
    """{number: NAME}, of aliases the one that comes first."""
    names = {}
    for label, number in numbers.items():
        names.setdefault(number, label)
    return names
