"""Reading alerts as `palermo money alerts` writes them: who, in which role, on what evidence.

Guarantees that an alert is read whole or refused with its place, and that a role is one of ours.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from palermo.model import Unreadable
from palermo.model.report import ROLES, Alert, Atom

MAX_BYTES = 256 << 20


def read_alerts(path: Path) -> tuple[Alert, ...]:
    """Read the alerts of `path`: a JSON list, or an object with the list under `alerts`.

    Raises:
        Unreadable: it is none, or an alert lacks its account or role.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(f"{path}: more than {MAX_BYTES >> 20} MiB; give a smaller selection")
        raw = json.loads(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror}); give its path") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{path}: not JSON; expected a list of alerts") from None
    listed = raw.get("alerts") if isinstance(raw, dict) else raw
    if not isinstance(listed, list):
        raise Unreadable(f"{path}: expected a list of alerts")
    return tuple(_alert(one, f"{path}, alert {number}") for number, one in enumerate(listed, 1))


def _alert(raw: object, where: str) -> Alert:
    if not isinstance(raw, dict):
        raise Unreadable(f"{where}: expected an object with account, role and atoms")
    role = str(raw.get("role", "")).replace("_", " ").replace("-", " ").strip().lower()
    role = "possible victim" if role == "victim" else role
    if role not in ROLES:
        raise Unreadable(f"{where}: role {raw.get('role')!r}; expected one of {', '.join(ROLES)}")
    account = raw.get("account")
    if not isinstance(account, str) or not account:
        raise Unreadable(f"{where}: names no account; every alert is about one")
    atoms, against = raw.get("atoms", []), raw.get("against", [])
    if not isinstance(atoms, list) or not isinstance(against, list):
        raise Unreadable(f"{where}: `atoms` and `against` are lists")
    return Alert(
        account=account,
        role=role,
        score=_text(raw.get("score")),
        atoms=tuple(_atom(one, where) for one in atoms),
        against=tuple(_text(one) for one in against),
    )


def _atom(raw: object, where: str) -> Atom:
    if not isinstance(raw, dict) or not isinstance(raw.get("rule"), str):
        raise Unreadable(f"{where}: an atom names no rule")
    tx_ids = raw.get("tx_ids", [])
    if not isinstance(tx_ids, list):
        raise Unreadable(f"{where}, rule {raw['rule']}: `tx_ids` is a list")
    return Atom(
        rule=raw["rule"],
        tx_ids=tuple(str(one) for one in tx_ids),
        **{name: _text(raw.get(name)) for name in ("version", "value", "window", "source")},
        parameters=_text(raw.get("parameters")),
    )


def _text(value: Any) -> str:
    """Write a value out: texts as they are, all else in one plain form."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_text(one)}" for key, one in sorted(value.items()))
    if isinstance(value, list):
        return (
            " to ".join(_text(one) for one in value)
            if len(value) == 2
            else ", ".join(_text(one) for one in value)
        )
    return json.dumps(value)
