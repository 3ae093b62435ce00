"""C++ source as text for the checks: comments and literals blanked, lines and columns kept."""

import re

_TOKENS = re.compile(
    r'//(?:\\\n|[^\n])*'  # line comment
    r'|/\*.*?\*/'  # block comment
    r'|R"(?P<delim>[^()\s\\]{0,16})\(.*?\)(?P=delim)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'  # string
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",  # character, not a digit separator
    re.DOTALL)


def blank(text):
    """Returns text with every comment and literal turned into spaces."""
    return _TOKENS.sub(lambda match: re.sub(r'[^\n]', ' ', match.group()), text)


def blank_preprocessor(text):
    """Returns text without preprocessor lines, continuation lines included."""
    return re.sub(r'^[ \t]*#(?:\\\n|[^\n])*', lambda match: re.sub(r'[^\n]', ' ', match.group()),
                  text, flags=re.MULTILINE)


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1
