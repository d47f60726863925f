"""Column profiles: how the table of one bank is to be read, kept in a YAML file and used again.

Guarantees that a profile which loads says everything that could be read in two ways: the order of
day and month, the decimal sign, and which sign means money that came in.
"""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from palermo.model import Unreadable

_PLAIN = (
    "time_format", "negative_debits", "order", "account", "holder", "currency", "zone", "delimiter",
    "encoding", "sheet",
)  # fmt: skip
_BYTES = 1 << 20
#: What a date may be made of; other directives depend on the machine's language settings.
_DIRECTIVES = frozenset("dmYyHMSfzjIp%")
_MONTH_NAMES = "expected a date_format of %d, %m, %Y, %y, %H, %M, %S, %f, %z, %j, %I and %p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one bank writes its table.

    Args:
        columns: field -> names of the columns that hold it (several are joined by a blank).
        date_format: as `strptime` reads it; `time_format` of a column of its own.
        decimal: the sign before the fraction; `thousands` the one between groups, or nothing.
        sign: `signed` (minus is money that left), `inverse` (minus is money that came in, as on
            credit cards), `columns` (debit and credit apart) or `mark`.
        credit: marks of money that came in, upper case; `debit` of money that left.
        negative_debits: with `columns`, debits are written with a minus; without it, a minus there
            takes a debit back.
        order: `oldest_first`, `newest_first` or `auto`.
        channels: patterns (regular expressions) of the channel's or the memo's text -> channel.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    date_format: str
    time_format: str = "%H:%M:%S"
    decimal: str = "."
    thousands: str = ""
    sign: str = "signed"
    credit: frozenset[str] = frozenset()
    debit: frozenset[str] = frozenset()
    negative_debits: bool = False
    order: str = "auto"
    account: str | None = None
    holder: str | None = None
    currency: str | None = None
    zone: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    channels: tuple[tuple[re.Pattern[str], str], ...] = ()


#: Fields that must have a column, by sign convention; any of a group is enough.
_NEEDED = {
    "signed": ("amount",),
    "inverse": ("amount",),
    "columns": ("debit", "credit"),
    "mark": ("amount", "mark"),
}


def read_profile(path: Path) -> Profile:
    """Read a profile from a YAML file.

    Raises:
        Unreadable: naming the entry, what was expected and what to do.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be opened: {error.strerror or error}") from None
    if len(data) > _BYTES:
        raise Unreadable(f"{path}: larger than any column profile; name the profile, not the table")
    try:
        raw = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise Unreadable(f"{path}: not YAML: {first}") from None
    return profile_of(raw, str(path))


def profile_of(raw: Any, where: str) -> Profile:
    """Check `raw` against the schema of profiles and return it as one.

    Raises:
        Unreadable: it does not fit, or leaves open what it must say.
    """
    error = best_match(_validator().iter_errors(raw))
    if error is not None:
        place = "/".join(map(str, error.absolute_path)) or "top level"
        raise Unreadable(f"{where}, {place}: {error.message}; see docs/how-to/import-statements.md")
    columns = {
        field: tuple(names) if isinstance(names, list) else (names,)
        for field, names in raw["columns"].items()
    }
    sign = raw.get("sign", "signed")
    if missing := [name for name in ("date", *_NEEDED[sign]) if name not in columns]:
        raise Unreadable(f"{where}, columns: `sign: {sign}` needs a column for {missing[0]!r}")
    if sign == "mark" and not (raw.get("credit") and raw.get("debit")):
        raise Unreadable(f"{where}: `sign: mark` needs the marks of `credit` and of `debit`")
    if "currency" not in columns and "currency" not in raw:
        raise Unreadable(f"{where}: name the `currency`, or the column that holds it")
    decimal, thousands = raw.get("decimal", "."), raw.get("thousands", "")
    if decimal == thousands:
        raise Unreadable(f"{where}: decimal and thousands sign are the same, {decimal!r}")
    for name in ("date_format", "time_format"):
        _check_format(raw.get(name, "%d"), f"{where}, {name}")
    plain = {
        name: raw[name]
        for name in _PLAIN
        if name in raw
    }  # fmt: skip
    if "encoding" in plain:
        _check_encoding(plain["encoding"], where)
    return Profile(
        name=raw["name"],
        columns=columns,
        date_format=raw["date_format"],
        decimal=decimal,
        thousands=thousands,
        sign=sign,
        credit=frozenset(str(mark).upper() for mark in raw.get("credit", ())),
        debit=frozenset(str(mark).upper() for mark in raw.get("debit", ())),
        channels=tuple(_channels(raw.get("channels", {}), where)),
        **plain,
    )


def _check_format(text: str, where: str) -> None:
    if set(re.findall(r"%(.?)", text)) - _DIRECTIVES:
        raise Unreadable(f"{where}: {text!r}: {_MONTH_NAMES}")


def _check_encoding(name: str, where: str) -> None:
    try:
        info = codecs.lookup(name)
        b"".decode(info.name)
    except LookupError:
        raise Unreadable(f"{where}, encoding: no character set is called {name!r}") from None


def _channels(raw: Mapping[str, str], where: str) -> list[tuple[re.Pattern[str], str]]:
    found = []
    for pattern, channel in raw.items():
        try:
            found.append((re.compile(pattern, re.IGNORECASE), channel))
        except re.error as error:
            raise Unreadable(f"{where}, channels: {pattern!r}: {error}") from None
    return found


@cache
def _validator() -> Draft202012Validator:
    text = files("palermo.formats.statements").joinpath("profile.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))
