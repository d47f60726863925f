"""Events as plain data and back: what stands in the file of events, and nothing else.

Guarantees that reading what was written gives the same event, that a number is a whole number or
refused, and that a word that is not known is named with its place.
"""

import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from palermo.model import Unreadable
from palermo.model.asset import AssetEvent

#: As many digits as any currency of the world needs, with room; longer numbers are mistakes.
_WHOLE = re.compile(r"-?[0-9]{1,40}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST = 10_000


def as_plain(value: Any) -> Any:
    """Return dataclasses as mappings without what was left out, days and moments as ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: as_plain(getattr(value, one.name))
            for one in fields(value)
            if one.default is MISSING or getattr(value, one.name) != one.default
            if getattr(value, one.name) not in ((), None, "")
        }
    if isinstance(value, tuple):
        return [as_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def read_event(raw: object, where: str) -> AssetEvent:
    """Read one event.

    Args:
        raw: a mapping as YAML or JSON give it; numbers may be written as text.
        where: how errors call the place.

    Raises:
        Unreadable: naming the field, what stood there and what was expected.
    """
    if isinstance(raw, Mapping):
        raw = {"facts": {}, **raw}
    return cast("AssetEvent", _read(AssetEvent, raw, where))


def _read(kind: Any, raw: object, where: str) -> Any:
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        inner = next(one for one in get_args(kind) if one is not type(None))
        return None if raw is None else _read(inner, raw, where)
    if origin is tuple:
        if not isinstance(raw, list):
            raise Unreadable(f"{where}: {_seen(raw)}; expected a list [a, b]")
        inner = get_args(kind)[0]
        return tuple(_read(inner, one, f"{where}[{at}]") for at, one in enumerate(raw, 1))
    if is_dataclass(kind):
        return _record(kind, raw, where)
    return _READ[kind](raw, where)


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _record(kind: Any, raw: object, where: str) -> Any:
    if not isinstance(raw, Mapping):
        raise Unreadable(f"{where}: {_seen(raw)}; expected lines of the form `key: value`")
    known = {one.name: one for one in fields(kind)}
    for name in raw:
        if name not in known:
            raise Unreadable(f"{where}: `{name}` is not known; expected {', '.join(known)}")
    for name, one in known.items():
        if name not in raw and one.default is MISSING and one.default_factory is MISSING:
            raise Unreadable(f"{where}: no `{name}`; write it")
    hints = _hints(kind)
    return kind(**{name: _read(hints[name], raw[name], f"{where}.{name}") for name in raw})


def _seen(raw: object) -> str:
    return f"{str(raw)[:40]!r} stands there"


def _text(raw: object, where: str) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise Unreadable(f"{where}: {_seen(raw)}; expected a text")
    text = str(raw).strip()
    if len(text) > _LONGEST or not text.replace("\n", "").isprintable():
        raise Unreadable(f"{where}: {_seen(raw)}; expected up to {_LONGEST} readable characters")
    return text


def _whole(raw: object, where: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, str | int) or not _WHOLE.fullmatch(str(raw)):
        raise Unreadable(f"{where}: {_seen(raw)}; expected a whole number of minor units")
    return int(raw)


def _day(raw: object, where: str) -> date:
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            pass
    raise Unreadable(f"{where}: {_seen(raw)}; expected a day such as 2026-03-01")


def _moment(raw: object, where: str) -> datetime:
    if isinstance(raw, str) and _MOMENT.fullmatch(raw):
        try:
            return datetime.fromisoformat(raw)
        except ValueError:
            pass
    raise Unreadable(f"{where}: {_seen(raw)}; expected a moment such as 2026-03-01T09:00:00Z")


_READ = {str: _text, int: _whole, date: _day, datetime: _moment}
