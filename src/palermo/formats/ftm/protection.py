"""Keeping possible victims out of what leaves: by account, then by every word that names them.

Guarantees that an entity whose id, or a value that, holds something that names a protected person
does not leave: their accounts, numbers, addresses, mail, devices and names, also written in another
order, case, script or spacing, inside a longer text. Better one value too many stays behind: what
is held back is counted, never named.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from anyascii import anyascii

_SHORTEST = 5
#: Parts of names that name nobody by themselves.
_PARTICLES = frozenset({"al", "da", "de", "di", "do", "du", "el", "la", "le", "st", "van", "von"})
_PHONE_TAIL = 8
_FIELDS = ("account", "holder", "phone", "email", "address", "device")


@dataclass(slots=True)
class Protection:
    """What names protected people, in the forms in which texts are searched."""

    _pieces: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _words: set[str] = field(default_factory=set)
    _name_parts: set[str] = field(default_factory=set)
    _names: list[frozenset[str]] = field(default_factory=list)
    _phones: set[str] = field(default_factory=set)
    accounts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self._pieces or self._words or self._names or self._phones)

    def add(self, value: str, kind: str) -> None:
        """Protect one value: `holder` and `name` are names, `phone` a number, the others as is."""
        folded = _folded(value)
        compact = _compact(folded)
        if not compact:
            return
        if kind in {"holder", "name"}:
            parts = frozenset(folded.split())
            self._names.append(parts)
            self._name_parts |= {part for part in parts - _PARTICLES if len(part) > 1}
        if kind == "phone":
            digits = "".join(char for char in compact if char.isdigit())
            if len(digits) >= _PHONE_TAIL:
                self._phones.add(digits[-_PHONE_TAIL:])
        if len(compact) >= _SHORTEST:
            if compact not in self._pieces[compact[:_SHORTEST]]:
                self._pieces[compact[:_SHORTEST]].append(compact)
        else:
            self._words.add(compact)

    def names(self, value: str, *, free: bool = True) -> bool:
        """Tell whether `value` names somebody protected; in `free` text by part of a name."""
        if not self:
            return False
        folded = _folded(value)
        compact = _compact(folded)
        words = set(folded.split())
        if words & self._words or any(parts <= words for parts in self._names):
            return True
        if free and words & self._name_parts:
            return True
        if self._phones and self._has_phone(compact):
            return True
        return self._has_piece(compact)

    def _has_piece(self, compact: str) -> bool:
        for at in range(len(compact) - _SHORTEST + 1):
            for piece in self._pieces.get(compact[at : at + _SHORTEST], ()):
                if compact.startswith(piece, at):
                    return True
        return False

    def _has_phone(self, compact: str) -> bool:
        digits = "".join(char for char in compact if char.isdigit())
        return any(
            digits[at : at + _PHONE_TAIL] in self._phones
            for at in range(len(digits) - _PHONE_TAIL + 1)
        )


def protection(
    accounts: Iterable[str],
    rows: Iterable[Mapping[str, Any]],
    more: Iterable[tuple[str, str]] = (),
) -> Protection:
    """Protect `accounts`, what `rows` (ACCOUNTS) say of them, and `more` values with kinds."""
    wanted = frozenset(accounts)
    done = Protection(accounts=wanted)
    for account in sorted(wanted):
        done.add(account, "account")
    for row in rows:
        if row["account"] in wanted:
            for name in _FIELDS:
                if row[name]:
                    done.add(row[name], name)
    for value, kind in more:
        done.add(value, kind)
    return done


def _folded(text: str) -> str:
    """Return the text in Latin letters and digits, lower case, words apart."""
    latin = text if text.isascii() else anyascii(text)
    return "".join(char if char.isalnum() else " " for char in latin.lower())


def _compact(folded: str) -> str:
    return "".join(folded.split())
