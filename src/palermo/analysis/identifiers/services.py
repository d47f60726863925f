"""The services people name, and what a handle there looks like."""

import re
from dataclasses import dataclass
from functools import cache

from palermo.analysis.identifiers.tables import load, words
from palermo.model import IdentifierKind, Unreadable


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """One service: its kind, the shape of its handles (None: none are told by name), its hosts."""

    kind: IdentifierKind
    handle: re.Pattern[str] | None
    hosts: tuple[str, ...]
    under: tuple[str, ...]
    not_paths: frozenset[str]
    at_only: bool


@cache
def services() -> dict[str, Service]:
    """Return all services by name.

    Raises:
        Unreadable: an entry names no known kind, or its handle is not a regular expression.
    """
    known: dict[str, Service] = {}
    for name, entry in load("services")["services"].items():
        try:
            kind = IdentifierKind(name)
            handle = re.compile(entry["handle"]) if "handle" in entry else None
        except (ValueError, re.error) as error:
            raise Unreadable(
                f"services.yaml, {name}: {error}; expected a kind and a pattern"
            ) from error
        known[name] = Service(
            kind=kind,
            handle=handle,
            hosts=tuple(words("services", f"{name}.hosts", entry.get("hosts", []))),
            under=tuple(words("services", f"{name}.under", entry.get("under", []))),
            not_paths=frozenset(words("services", f"{name}.not_paths", entry.get("not_paths", []))),
            at_only=bool(entry.get("at_only", False)),
        )
    return known


@cache
def _by_host() -> dict[str, Service]:
    return {host: service for service in services().values() for host in service.hosts}


def linked_handle(host: str, path: str) -> tuple[IdentifierKind, str, int, int] | None:
    """Return kind, handle and its place in `path` if a link to `host` names one."""
    service = _by_host().get(host)
    if service is None or service.handle is None:
        return None
    at = 1
    if service.under:
        at = next((len(start) for start in service.under if path.startswith(start)), 0)
    if at == 0:
        return None
    if path[at : at + 1] in {"@", "~"}:
        at += 1
    elif service.at_only:
        return None
    end = at + len(re.split(r"[/?#&]", path[at:], maxsplit=1)[0])
    handle = path[at:end].lower()
    if handle in service.not_paths or not service.handle.fullmatch(handle):
        return None
    return service.kind, handle, at, end
