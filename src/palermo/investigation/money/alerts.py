"""Reading alerts as `palermo money alerts` writes them: who, in which role, on what evidence.

Guarantees that an alert is read whole or refused with its place, and that a role is one of ours.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from palermo.formats.typed_table import read_typed
from palermo.model import Unreadable
from palermo.model.report import POSSIBLE_VICTIM, ROLES, Alert, Atom

MAX_BYTES = 256 << 20
_ROLES = pa.schema([pa.field(name, pa.string(), nullable=False) for name in ("account", "role")])


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
    if isinstance(raw, dict):
        raw = next((raw[key] for key in ("alerts_listed", "alerts") if key in raw), None)
    listed: list[object] | None = raw if isinstance(raw, list) else None
    if listed is None:
        raise Unreadable(f"{path}: expected a list of alerts")
    return tuple(_alert(one, f"{path}, alert {number}") for number, one in enumerate(listed, 1))


def read_victims(alerts: Path) -> frozenset[str]:
    """Return the accounts that `roles.csv` beside `alerts` calls a possible victim's.

    Alerts beyond a budget are not listed in `alerts`; their roles are, and protect people too.

    Raises:
        Unreadable: there is such a table and it cannot be read whole.
    """
    path = alerts.with_name("roles.csv")
    if not path.is_file():
        return frozenset()
    read = read_typed(path, _ROLES)
    if read.set_aside:
        first = read.set_aside[0]
        raise Unreadable(
            f"{path}: row {first.row}: {first.field} {first.reason}; a row left out would leave "
            "somebody unprotected"
        )
    accounts, roles = (read.table[name].to_pylist() for name in ("account", "role"))
    # In a table for spreadsheets a quote stands before what could be run as a formula.
    return frozenset(
        form
        for account, role in zip(accounts, roles, strict=True)
        if account and _role(role) == POSSIBLE_VICTIM
        for form in (account, account.removeprefix("'"))
    )


def _role(text: object) -> str:
    """Return a role in our words: `possible-victim`, `Possible victim` and the like are one."""
    words = " ".join(str(text).replace("_", " ").replace("-", " ").lower().split())
    return POSSIBLE_VICTIM if words in {"victim", "possible victim"} else words


def _alert(raw: object, where: str) -> Alert:
    if not isinstance(raw, dict):
        raise Unreadable(f"{where}: expected an object with account, role and atoms")
    role = _role(raw.get("role", ""))
    if role not in ROLES:
        raise Unreadable(f"{where}: role {raw.get('role')!r}; expected one of {', '.join(ROLES)}")
    account = raw.get("account")
    if not isinstance(account, str) or not account:
        raise Unreadable(f"{where}: names no account; every alert is about one")
    atoms: Any = raw.get("atoms", raw.get("evidence", []))
    against: Any = raw.get("against", [])
    explained: Any = raw.get("may_be_explained_by", [])
    if not all(isinstance(one, list) for one in (atoms, against, explained)):
        raise Unreadable(f"{where}: `atoms` and `against` are lists")
    return Alert(
        account=account,
        role=role,
        score=_text(raw.get("score")),
        atoms=tuple(_atom(one, where) for one in atoms),
        against=tuple(_said(one) for one in (*against, *explained)),
    )


def _atom(raw: object, where: str) -> Atom:
    if not isinstance(raw, dict) or not isinstance(raw.get("rule"), str):
        raise Unreadable(f"{where}: an atom names no rule")
    tx_ids = raw.get("tx_ids", raw.get("rows", []))
    if not isinstance(tx_ids, list):
        raise Unreadable(f"{where}, rule {raw['rule']}: `tx_ids` is a list")
    total = raw.get("rows_in_all", 0)
    unit = _text(raw.get("unit"))
    return Atom(
        rule=raw["rule"],
        tx_ids=tuple(str(one) for one in tx_ids),
        payments=total if isinstance(total, int) and total > len(tx_ids) else 0,
        value=" ".join(one for one in (_text(raw.get("value")), unit) if one),
        **{name: _text(raw.get(name)) for name in ("version", "window", "source", "parameters")},
    )


def _said(raw: object) -> str:
    """Write out what speaks against an alert: words, or an atom of its own."""
    if isinstance(raw, dict) and isinstance(raw.get("name"), str):
        value = " ".join(one for one in (_text(raw.get("value")), _text(raw.get("unit"))) if one)
        return f"{raw['name']} ({value})" if value else raw["name"]
    return _text(raw)


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
