"""Which account stood on the other side of a row.

An IBAN is compact and checked (ISO 13616, modulo 97); any other number stands as the bank writes
it, with the bank's code before it. Where a record names no account, a stand-in is made of what it
does name. It has a colon in it, which no account number has, and the prefix says what it is:

- `name:jane doe`: somebody of this name. Two people of one name become one: an investigator's guess
  to be checked.
- `cash:ACCOUNT:in`, `cash:ACCOUNT:out`: cash that came into or left this account, kept apart, since
  nothing says that the notes paid in were those taken out.
- `bank:ACCOUNT:in`, `bank:ACCOUNT:out`: the account's own bank (interest and fees).
- `unnamed:ACCOUNT:in`, `unnamed:ACCOUNT:out`: nobody is named.
"""

import re
import unicodedata
from functools import lru_cache

from palermo.model.checksums import is_iban

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
#: Names that banks put where there is none.
_NOBODY = frozenset({"", "notprovided", "not provided", "unknown", "n/a", "na", "none", "-", "."})
_LONGEST = 140
#: Channels whose other side is the bank itself, or cash.
_ITSELF = {"fee": "bank", "interest": "bank", "cash": "cash", "atm": "cash"}
STAND_INS = ("name:", "cash:", "bank:", "unnamed:", "phone:", "remitter:", "wallet:")


@lru_cache(maxsize=1 << 16)
def account_key(number: str, agent: str | None = None) -> str | None:
    """Return an account as it is called everywhere; None if nothing is named.

    >>> account_key("de89 3704 0044 0532 0130 00")
    'DE89370400440532013000'
    >>> account_key("12345-6", "coba de ff")
    'COBADEFF/123456'
    """
    compact = re.sub(r"[\s.-]+", "", unicodedata.normalize("NFKC", number[:_LONGEST])).upper()
    compact = compact.removeprefix("IBAN")
    if checked_iban(compact):
        return compact
    if compact[-3:].isalpha() and checked_iban(compact[:-3]):  # MT940 may add the currency
        return compact[:-3]
    compact = _plain(compact)
    if compact.lower() in _NOBODY:
        return None
    bank = _plain(re.sub(r"\s+", "", agent or "").upper())
    return f"{bank}/{compact}" if bank else compact


def checked_iban(compact: str) -> bool:
    """Tell whether `compact` is an IBAN whose check digits hold."""
    return _IBAN.fullmatch(compact) is not None and is_iban(compact)


@lru_cache(maxsize=1 << 16)
def name_key(name: str | None) -> str | None:
    """Return the stand-in for somebody of whom only the name is known."""
    words = " ".join(unicodedata.normalize("NFKC", (name or "")[:_LONGEST]).casefold().split())
    return None if words in _NOBODY else f"name:{_plain(words)}"


def _plain(text: str) -> str:
    """Take out what would make an account look like a stand-in, or end a field."""
    return "".join(char for char in text if char.isprintable() and char != ":")


def other_side(
    own: str, *, account: str | None, name: str | None, channel: str | None, incoming: bool
) -> str:
    """Return the account on the other side of a row of `own`, or its stand-in."""
    if account and account != own:
        return account
    side = "in" if incoming else "out"
    prefix = _ITSELF.get(channel or "")
    if prefix is not None:
        return f"{prefix}:{own}:{side}"
    return name_key(name) or f"unnamed:{own}:{side}"
