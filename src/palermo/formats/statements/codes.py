"""Code lists of statements: which channel a bank's code means.

Guarantees that `codes.yaml` names a source and a date for each list and only channels of the model.
"""

from datetime import date
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from palermo.model import Unreadable
from palermo.model.transaction import CHANNELS


@cache
def _lists() -> dict[str, tuple[tuple[str, str], ...]]:
    raw: Any = yaml.safe_load(
        files("palermo.formats.statements").joinpath("codes.yaml").read_text()
    )
    return {name: checked_list(name, entry) for name, entry in raw.items()}


def checked_list(name: str, entry: Any) -> tuple[tuple[str, str], ...]:
    """Return the codes of one list as patterns and channels.

    Raises:
        Unreadable: it has no source or date, or a channel that is none.
    """
    where = f"codes.yaml, {name}"
    if not entry.get("source") or not isinstance(entry.get("date"), date):
        raise Unreadable(f"{where}: expected `source` and `date`")
    pairs = tuple((str(one["code"]), str(one["channel"])) for one in entry["codes"])
    for code, channel in pairs:
        if channel not in CHANNELS:
            raise Unreadable(f"{where}, {code}: no channel is called {channel!r}")
    return pairs


@lru_cache(maxsize=4096)
def channel_of(name: str, code: str) -> str | None:
    """Return the channel that `code` of list `name` means; None if the list does not say."""
    return next((channel for like, channel in _lists()[name] if fnmatchcase(code, like)), None)
