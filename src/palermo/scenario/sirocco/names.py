"""Invented names and addresses: one code, one person or firm, and never two codes with one name.

A code below a thousand million is stirred into another such number (a bijection that depends on
the seed) and written as three syllables and three figures. Hosts lie under the reserved `.example`
ending or are the reserved example.org, example.com and example.net.
"""

from dataclasses import dataclass

_SPACE = 1_000_000_000
_FACTOR = 387_420_489  # a power of three, so it shares no divisor with _SPACE
_STARTS = [
    "b",
    "d",
    "f",
    "g",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "y",
    "z",
    "br",
    "dr",
    "pl",
]
_SYLLABLES = tuple(start + vowel for start in _STARTS for vowel in "aeiou")
_MAIL_HOSTS = ("example.org", "example.com", "example.net")


@dataclass(frozen=True, slots=True)
class Naming:
    """Writes the names that codes stand for; `shift` comes from the seed."""

    shift: int

    def _parts(self, code: int) -> tuple[str, str, str]:
        mixed = (code * _FACTOR + self.shift) % _SPACE
        mixed, figures = divmod(mixed, 1000)
        mixed, third = divmod(mixed, 100)
        first, second = divmod(mixed, 100)
        head = _SYLLABLES[first] + _SYLLABLES[second]
        return head, _SYLLABLES[third], f"{figures:03d}"

    def handle(self, code: int) -> str:
        """A handle every messenger accepts: lower case, at least ten and at most 13 characters."""
        head, tail, figures = self._parts(code)
        return f"{head}_{tail}{figures}"

    def dotted(self, code: int) -> str:
        """The same with a dot in place of the underscore."""
        return self.handle(code).replace("_", ".")

    def signal(self, code: int) -> str:
        """A Signal user name: letters, a dot and figures."""
        head, tail, figures = self._parts(code)
        return f"{head}{tail}.{figures}"

    def email(self, code: int) -> str:
        """A mailbox on a reserved host."""
        return f"{self.dotted(code)}@{_MAIL_HOSTS[code % 3]}"

    def host(self, code: int) -> str:
        """A host of its own under `.example`."""
        return self.handle(code).replace("_", "-") + ".example"

    def company(self, code: int) -> str:
        """A trade name, letters only."""
        head, tail, _ = self._parts(code)
        return (head + tail).capitalize()
