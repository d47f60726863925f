"""Divides the lines of a text export into who speaks and what is said.

A name may hold colons, and a notice of the service may quote one: both are told apart by what the
whole file shows. A line without a speaker is a notice.
"""

import re
from dataclasses import dataclass, field

_LONGEST_NAME = 120
_MOST_NAMES = 100_000
_DELIMITER = re.compile(r":(?: |$|(?=[\u200e\u200f]))")


@dataclass(slots=True)
class _Start:
    """What follows one beginning, up to the second colon, in all lines that begin so."""

    count: int = 0
    second: str | None = None
    varied: bool = False


@dataclass(slots=True)
class Speakers:
    """Who speaks in a file. `add` every line, then `split` them."""

    _starts: dict[str, _Start] = field(default_factory=dict)

    def add(self, line: str) -> None:
        """Take a line, without its date, into account."""
        first = _until_colon(line, 0)
        if first is None or (first not in self._starts and len(self._starts) >= _MOST_NAMES):
            return
        start = self._starts.setdefault(first, _Start())
        second = _until_colon(line, len(first) + 1)
        start.varied = (
            start.varied or second is None or (start.count > 0 and second != start.second)
        )
        start.second = second
        start.count += 1

    def split(self, line: str) -> tuple[str | None, str]:
        """Return the speaker, None for a notice, and what is said."""
        first = _until_colon(line, 0)
        if first is None:
            # `Name:text` without a blank, where the file knows the name otherwise.
            name, colon, said = line.partition(":")
            return (name, said) if colon and name in self._starts else (None, line)
        start = self._starts.get(first)
        # Whoever is always followed by the same words and a colon has a colon in the name.
        if start is not None and start.count >= 3 and not start.varied and start.second:
            first = start.second
        return first, line[len(first) + 1 :].removeprefix(" ")


def _until_colon(line: str, start: int) -> str | None:
    found = _DELIMITER.search(line, start, start + _LONGEST_NAME + 2)
    if found is None or not line[: found.start()].strip():
        return None
    name = line[: found.start()]
    if len(name) > start + _LONGEST_NAME:
        return None
    # A colon within quotes is part of a quoted title: 'X changed the subject to "Work: July"'.
    quoted = name.count('"') % 2 or name.count("“") > name.count("”")
    return None if quoted or name.count("«") > name.count("»") else name
