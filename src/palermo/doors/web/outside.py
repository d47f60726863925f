"""Logins elsewhere (OpenID Connect), as the part `desks: oidc:` of `node.yaml` names them.

Guarantees that a provider without what is needed is refused with its place, that its secret may lie
in a file of the node's keys instead of in the settings, and that it is reached by HTTPS unless it
runs on this very machine.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from palermo.model import Unreadable

_NEEDED = {"id": "a short word", "name": "a text", "server": "an address", "client": "a text"}
_KNOWN = frozenset({*_NEEDED, "secret_file", "uid"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def read_providers(raw: Iterable[object], where: str, keys: Path) -> tuple[dict[str, Any], ...]:
    """Read the list of providers into the form that allauth takes.

    Raises:
        Unreadable: naming the provider, what was expected and what to do.
    """
    return tuple(
        _read(one, f"{where}: desks: oidc: provider {n}", keys) for n, one in enumerate(raw, 1)
    )


def _read(raw: object, where: str, keys: Path) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise Unreadable(f"{where}: expected {', '.join(_NEEDED)}")
    if unknown := sorted(map(str, raw.keys() - _KNOWN)):
        known = ", ".join(sorted(_KNOWN))
        raise Unreadable(f"{where}: unknown settings {', '.join(unknown)}; known are {known}")
    for name, expected in _NEEDED.items():
        if not isinstance(raw.get(name), str) or not raw[name]:
            raise Unreadable(f"{where}: {name}: expected {expected}")
    if not raw["id"].replace("-", "").isalnum():
        raise Unreadable(f"{where}: id: expected letters, digits and hyphens")
    server = urlsplit(raw["server"])
    if server.scheme != "https" and server.hostname not in _LOOPBACK:
        raise Unreadable(f"{where}: server: expected an address with https://")
    return {
        "provider_id": raw["id"],
        "name": raw["name"],
        "client_id": raw["client"],
        "secret": _secret(raw, where, keys),
        "settings": {
            "server_url": raw["server"],
            "oauth_pkce_enabled": True,
            "uid_field": raw.get("uid", "sub"),
        },
    }


def _secret(raw: Mapping[str, Any], where: str, keys: Path) -> str:
    name = raw.get("secret_file")
    if name is None:
        return ""
    path = keys / str(name)
    if path.parent != keys or not path.is_file():
        raise Unreadable(f"{where}: secret_file: expected the name of a file in {keys}")
    if path.stat().st_mode & 0o077:
        raise Unreadable(f"{path}: others may read it; chmod 600 it")
    return path.read_text("utf-8").strip()


def outside_origins(providers: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the origins of the providers, for the policy of forms."""
    servers = (urlsplit(one["settings"]["server_url"]) for one in providers)
    return tuple(sorted({f"{one.scheme}://{one.netloc}" for one in servers}))
