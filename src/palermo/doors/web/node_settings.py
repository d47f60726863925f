"""The settings of the desks: the part `desks` of `node.yaml`, and the secrets beside it.

Guarantees that a wrong setting is refused with its place. Secrets are made on first use, in files
that their owner alone can read, and are never in the settings file.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from palermo.doors.web.outside import read_providers
from palermo.evidence.durable import write_whole
from palermo.investigation import read_settings
from palermo.model import Unreadable

_KNOWN = frozenset(
    {"database", "hosts", "https", "organisation", "lock_minutes", "oidc", "upload_megabytes"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """What may be set, and what holds otherwise.

    `database` is empty for SQLite in the node's folder, or postgresql://role@host/name. `hosts` are
    the names under which the desks are reached beside loopback; with `https`, cookies travel
    encrypted only. `lock_minutes` of doing nothing lock a session. More than `upload_megabytes` at
    once is not taken from a page, but from the inbox.
    """

    database: str = ""
    hosts: tuple[str, ...] = ()
    https: bool = False
    organisation: str = "this node"
    lock_minutes: int = 15
    upload_megabytes: int = 4096
    oidc: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)


def read_desk_settings(folder: Path) -> DeskSettings:
    """Read the part `desks` of the node's settings.

    Raises:
        Unreadable: a setting is unknown or has another form.
    """
    where = folder / "node.yaml"
    raw = dict(read_settings(folder).desks)
    if unknown := sorted(map(str, raw.keys() - _KNOWN)):
        raise Unreadable(
            f"{where}: desks: unknown settings {', '.join(unknown)}; "
            f"known are {', '.join(sorted(_KNOWN))}"
        )
    for name, kind, expected in (
        ("database", str, "postgresql://role@host/name"),
        ("https", bool, "true or false"),
        ("organisation", str, "a text"),
        ("lock_minutes", int, "a number of minutes"),
        ("upload_megabytes", int, "a number of megabytes"),
        ("hosts", list, "a list of names"),
        ("oidc", list, "a list of providers"),
    ):
        if name in raw and not isinstance(raw[name], kind):
            raise Unreadable(f"{where}: desks: {name}: expected {expected}")
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
    }
    if raw.get("oidc"):
        values["oidc"] = read_providers(raw["oidc"], str(where), folder / "keys")
    settings = DeskSettings(**values)
    if not 1 <= settings.lock_minutes <= 240:
        raise Unreadable(f"{where}: desks: lock_minutes: expected 1 to 240")
    if not 1 <= settings.upload_megabytes <= 1_000_000:
        raise Unreadable(f"{where}: desks: upload_megabytes: expected 1 to 1000000")
    database(settings.database, folder)
    return settings


def database(url: str, folder: Path) -> dict[str, Any]:
    """Return Django's settings of the database at `url`; empty means SQLite in `folder`.

    Raises:
        Unreadable: the address is of another kind.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / "palermo.sqlite3"),
            "OPTIONS": {
                # A writer waits for its turn at the beginning, instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
                    "PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824"
                ),
            },
        }
    parts = urlsplit(url)
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        raise Unreadable("desks: database: expected postgresql://role@host/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def secret(folder: Path, name: str) -> str:
    """Return the secret called `name`, made on first use."""
    path = folder / "keys" / f"{name}.secret"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, secrets.token_urlsafe(48).encode(), mode=0o600)
    if path.stat().st_mode & 0o077:
        raise Unreadable(f"{path}: others may read it; chmod 600 it")
    return path.read_text("ascii").strip()


def private_folder(path: Path) -> Path:
    """Return the folder `path`, made on first use, which its owner alone can look into."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def node_folder() -> Path:
    """Return the folder of the node: `PALERMO_HOME`, else `~/.local/share/palermo`."""
    given = os.environ.get("PALERMO_HOME")
    return Path(given) if given else Path.home() / ".local" / "share" / "palermo"
