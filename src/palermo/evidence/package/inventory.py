"""exhibits.json: what a package holds, what it holds back, and what opens each commitment.

Guarantees one written form, read back strictly: an unknown or missing key is an error. Nothing in
it is believed for being written there; `judging` compares it with the log.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from palermo.evidence.commitment import SALT_BYTES, Opening
from palermo.evidence.event import ExhibitRef
from palermo.evidence.package.layout import INVENTORY_FILE
from palermo.model.errors import Unreadable

VERSION = 1
_ID = re.compile(r"[0-9a-f]{64}")
_DISCLOSED = {
    "id": str,
    "name": str,
    "media_type": str,
    "size": int,
    "sha256": str,
    "salt": str,
    "path": str,
    "parent": (str, type(None)),
    "method": (dict, type(None)),
    "sealed_at": str,
    "events": list,
}
_METHOD = {"event": int, "type": str, "tool": str, "version": str}
_NAMED = {"id": str, "media_type": str, "size": int}
_WHOLE = {
    "palermo_package": int,
    "log": str,
    "commitment": str,
    "exhibits": list,
    "held_back": list,
    "erased": list,
}
#: How the id of an exhibit is made, for whoever checks it with other means.
RULE = "id = SHA-256('palermo.exhibit.v1' || 0x00 || salt || sha256), over raw bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How an exhibit was made: by which event of the log, with which tool."""

    event: int
    type: str
    tool: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """An exhibit in the package. `path` is where it lies, `events` the entries that name it."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    salt: bytes
    path: str
    parent: str | None
    method: Method | None
    sealed_at: str
    events: tuple[int, ...]

    @property
    def opening(self) -> Opening:
        """What opens the exhibit's id."""
        return Opening(self.salt, self.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An exhibit that the log names and the package does not hold."""

    id: str
    media_type: str
    size: int

    @classmethod
    def of(cls, ref: ExhibitRef) -> Self:
        """Name the exhibit as the log does."""
        return cls(id=ref.id, media_type=ref.media_type, size=ref.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """All exhibits that the shown part of the log `log` names, each in one of three lists."""

    log: str
    exhibits: tuple[Disclosed, ...]
    held_back: tuple[Named, ...] = ()
    erased: tuple[Named, ...] = ()

    def text(self) -> str:
        """Write exhibits.json."""
        whole = {
            "palermo_package": VERSION,
            "log": self.log,
            "commitment": RULE,
            "exhibits": [_written(one) for one in self.exhibits],
            "held_back": [_plain(one, _NAMED) for one in self.held_back],
            "erased": [_plain(one, _NAMED) for one in self.erased],
        }
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def read(cls, raw: object) -> Self:
        """Read the JSON of exhibits.json.

        Raises:
            Unreadable: when it has another form.
        """
        whole = _checked(raw, _WHOLE, "the whole")
        if whole["palermo_package"] != VERSION:
            raise _wrong(f"version {VERSION}; use the Palermo that wrote it, or a later one")
        try:
            exhibits = tuple(_disclosed(one) for one in whole["exhibits"])
        except ValueError:
            raise _wrong("salts and hashes in hexadecimal") from None
        return cls(
            log=whole["log"],
            exhibits=exhibits,
            held_back=tuple(_named(one) for one in whole["held_back"]),
            erased=tuple(_named(one) for one in whole["erased"]),
        )


def _written(one: Disclosed) -> dict[str, Any]:
    written = _plain(one, _DISCLOSED)
    written["salt"] = one.salt.hex()
    written["method"] = None if one.method is None else _plain(one.method, _METHOD)
    written["events"] = list(one.events)
    return written


def _plain(one: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names}


def _disclosed(raw: object) -> Disclosed:
    one = _checked(raw, _DISCLOSED, "an exhibit")
    _same_id(one["id"])
    _same_id(one["parent"] or one["id"])
    one["salt"] = bytes.fromhex(one["salt"])
    if len(one["salt"]) != SALT_BYTES or not _ID.fullmatch(one["sha256"]):
        raise ValueError("no opening")
    if any(type(number) is not int for number in one["events"]):
        raise _wrong("numbers of events")
    method = one["method"]
    one["method"] = None if method is None else Method(**_checked(method, _METHOD, "a method"))
    one["events"] = tuple(one["events"])
    return Disclosed(**one)


def _named(raw: object) -> Named:
    one = _checked(raw, _NAMED, "an exhibit that is not in the package")
    _same_id(one["id"])
    return Named(**one)


def _same_id(text: str) -> None:
    if not _ID.fullmatch(text):
        raise _wrong("ids of 64 hexadecimal digits")


def _checked(raw: object, form: Mapping[str, Any], what: str) -> dict[str, Any]:
    if not isinstance(raw, dict) or raw.keys() != form.keys():
        raise _wrong(f"for {what} exactly {', '.join(form)}")
    for name, kind in form.items():
        if not isinstance(raw[name], kind) or isinstance(raw[name], bool):
            raise _wrong(f"another kind of value for {name} of {what}")
    return dict(raw)


def _wrong(expected: str) -> Unreadable:
    return Unreadable(f"{INVENTORY_FILE}: expected {expected}")
