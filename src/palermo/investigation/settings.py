"""The settings of a node: `node.yaml` in its folder, and what holds when there is none.

Guarantees that a wrong setting is refused with its place, never passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from palermo.model import Unreadable

SETTINGS_FILE = "node.yaml"
_KNOWN = {"palermo_node", "time_authorities", "witnesses", "desks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`time_authorities` are URLs of RFC 3161 services, `witnesses` URLs or folders of witnesses.

    A witness is named by its public key line as well, so that nobody can pose as it. `desks` is
    read by the door that serves them.
    """

    time_authorities: tuple[str, ...] = ()
    witnesses: tuple[tuple[str, str], ...] = ()
    desks: Mapping[str, Any] = field(default_factory=dict)


def read_settings(folder: Path) -> Settings:
    """Read the settings of the node at `folder`.

    Raises:
        Unreadable: the file is no such file, or a setting has another form.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        return Settings()
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Unreadable(f"{path}: cannot be read as YAML ({error})") from None
    if not isinstance(raw, dict) or raw.get("palermo_node") != 1:
        raise Unreadable(f"{path}: expected `palermo_node: 1` at the top")
    if unknown := sorted(map(str, raw.keys() - _KNOWN)):
        raise Unreadable(f"{path}: unknown settings {', '.join(unknown)}; known are {_KNOWN}")
    return Settings(
        time_authorities=_texts(path, raw, "time_authorities"),
        witnesses=tuple(_pair(path, one) for one in raw.get("witnesses") or ()),
        desks=_mapping(path, raw, "desks"),
    )


def _texts(path: Path, raw: dict[str, object], name: str) -> tuple[str, ...]:
    value = raw.get(name) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise Unreadable(f"{path}: {name}: expected a list of texts")
    return tuple(value)


def _mapping(path: Path, raw: dict[str, object], name: str) -> Mapping[str, Any]:
    value = raw.get(name) or {}
    if not isinstance(value, dict):
        raise Unreadable(f"{path}: {name}: expected settings below it")
    return value


def _pair(path: Path, one: object) -> tuple[str, str]:
    if not isinstance(one, dict) or set(one) != {"at", "key"}:
        raise Unreadable(f"{path}: witnesses: each needs `at` (URL or folder) and `key` (its line)")
    return str(one["at"]), str(one["key"])
