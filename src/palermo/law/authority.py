"""Reading an authority file.

Guarantees that an `Authority` holds exactly what a person sees in the file, with unambiguous times
and the hash of the file's bytes. Whether it covers anything is judged by `check`.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from palermo.law.plain_yaml import Plain, read_plain
from palermo.model import AuthorisedBy, Authority, Scope, Unreadable

MAX_BYTES = 64 * 1024
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_PERSON_KEYS = frozenset({"name", "role"})
_SCOPE_KEYS = frozenset({"material", "platforms", "measures"})
_TEXT_KEYS = frozenset({"organisation", "power", "legal_basis", "purpose", "case", "regime"})
_OTHER_KEYS = frozenset({"authorised_by", "from", "until", "offences", "scope", "renewals"})
_KEYS = frozenset({"palermo_authority"}) | _TEXT_KEYS | _OTHER_KEYS


def read_authority(path: Path) -> Authority:
    """Read the authority file at `path`.

    Times are ISO 8601 with an offset or Z: a day alone does not say in which time zone it begins.

    Raises:
        Unreadable: naming file, key, what was expected and what to do.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(
            f"{path}: cannot read the authority file ({error.strerror}); give its path"
        ) from None
    raw = read_plain(data, name=str(path), max_bytes=MAX_BYTES)
    return _Form(str(path), raw, "").authority(hashlib.sha256(data).hexdigest())


class _Form:
    """One mapping of the file, read key by key with errors that name the key."""

    def __init__(self, name: str, raw: Mapping[str, Plain], prefix: str) -> None:
        self._name = name
        self._raw = raw
        self._prefix = prefix

    def authority(self, sha256: str) -> Authority:
        self._only(_KEYS)
        if self._text("palermo_authority") != "1":
            raise self._wrong("palermo_authority", "the number 1", "this version reads form 1")
        power = self._text("power")
        if not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", power):
            raise self._wrong("power", "`pack/power`", "for example eu/dsa-own-initiative")
        person = self._part("authorised_by", _PERSON_KEYS)
        scope = self._part("scope", _SCOPE_KEYS, optional=True)
        start, end = self._moment("from"), self._moment("until")
        if end <= start:
            raise self._wrong("until", "a moment after `from`", "correct one of the two")
        return Authority(
            organisation=self._text("organisation"),
            power=power,
            legal_basis=self._text("legal_basis"),
            purpose=self._text("purpose", blank=True),
            case=self._text("case", blank=True),
            authorised_by=AuthorisedBy(name=person._text("name"), role=person._text("role")),
            valid_from=start,
            valid_until=end,
            scope=Scope(
                material=scope._texts("material"),
                platforms=scope._texts("platforms"),
                measures=scope._texts("measures"),
            ),
            offences=self._texts("offences"),
            renewals=self._count("renewals"),
            regime=self._text("regime") if "regime" in self._raw else "",
            sha256=sha256,
        )

    def _only(self, known: frozenset[str]) -> None:
        for key in self._raw:
            if key not in known:
                near = get_close_matches(key, sorted(known), n=1)
                advice = f"did you mean `{near[0]}`?" if near else "remove it"
                raise Unreadable(f"{self._name}: unknown key `{self._prefix}{key}`; {advice}")

    def _text(self, key: str, *, blank: bool = False) -> str:
        value = self._raw.get(key)
        if not isinstance(value, str) or not (blank or value.strip()):
            raise self._wrong(key, "a text", "write one" if value is None else "correct it")
        return value.strip()

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self._raw.get(key, [])
        if not isinstance(value, list):
            raise self._wrong(key, "a list", "write [a, b]; leave the key out for no limit")
        words = tuple(item.strip() for item in value if isinstance(item, str) and item.strip())
        if len(words) < len(value) or (key in self._raw and not words):
            raise self._wrong(key, "a list of words", "leave the key out for no limit")
        return words

    def _count(self, key: str) -> int:
        value = self._raw.get(key, "0")
        if not isinstance(value, str) or not re.fullmatch(r"\d{1,3}", value, re.ASCII):
            raise self._wrong(key, "a whole number", "count the renewals granted so far")
        return int(value)

    def _moment(self, key: str) -> datetime:
        value = self._raw.get(key)
        fix = "write the day, the hour and the offset"
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                fix = f"`{value}` is not in the calendar"
        raise self._wrong(key, "a time with an offset, like 2026-01-01T00:00:00+01:00", fix)

    def _part(self, key: str, known: frozenset[str], *, optional: bool = False) -> "_Form":
        value = self._raw.get(key, {} if optional else None)
        if not isinstance(value, dict):
            raise self._wrong(key, f"the keys {', '.join(sorted(known))}", "write them below it")
        form = _Form(self._name, value, f"{self._prefix}{key}.")
        form._only(known)
        return form

    def _wrong(self, key: str, expected: str, fix: str) -> Unreadable:
        return Unreadable(f"{self._name}: `{self._prefix}{key}` should be {expected}; {fix}")
