"""A case handed over as FollowTheMoney entities, and such a file taken in as tables.

Guarantees that data of possible victims leave only under an authority that covers disclosing them
and names `victims` in its scope; that what is not carried is written beside the entities for
machines; and that nothing half-made is left under a final name.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from palermo.engine import staged_directory
from palermo.evidence import CaseFolder
from palermo.formats.ftm import CaseTables, export_case, import_entities, write_ftm
from palermo.formats.money_tables import read_accounts, read_payments
from palermo.investigation.money.alerts import read_alerts, read_victims
from palermo.law import check, law_book, read_authority
from palermo.model import IDENTIFIERS, ITEMS, LINKS, Refused, Unreadable
from palermo.model.transaction import ACCOUNTS, STATEMENT_ROWS

#: What an authority must name in its scope before data of possible victims leave.
VICTIMS = "victims"
_KINDS = ("name", "phone", "email", "account", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What is exported: the tables of a case folder, and files that stand in for or beside them.

    `protect` is a file of further values to hold back, one a line as `kind,value`; `authority` is
    needed only where `with_victims` is asked for.
    """

    out: Path
    case: Path | None = None
    transactions: Path | None = None
    accounts: Path | None = None
    alerts: Path | None = None
    assets: Path | None = None
    protect: Path | None = None
    with_victims: bool = False
    authority: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDone:
    """How many entities by schema, what is not carried, what was held back, what was set aside."""

    entities: Mapping[str, int]
    losses: Sequence[Mapping[str, Any]]
    held_back: Mapping[str, int]
    set_aside: int


def export_file(request: ExportRequest, *, at: datetime) -> ExportDone:
    """Write the entities to `request.out` and what is not carried to `<out>.losses.json`.

    Raises:
        Refused: victims are asked for and no authority reaches them, or nothing says who they are.
        Unreadable: an input cannot be read, or there is nothing to export.
    """
    if request.with_victims:
        _authorised(request.authority, at)
    tables, victims, aside = _tables(request)
    done = export_case(
        tables,
        with_victims=request.with_victims,
        victims=victims,
        protect=_protected(request.protect),
    )
    counts: dict[str, int] = {}
    for one in done.entities:
        counts[one.schema] = counts.get(one.schema, 0) + 1
    losses = [asdict(one) for one in done.losses]
    beside = {
        "losses": losses,
        "held_back": done.held_back,
        "set_aside": aside,
        "with_victims": request.with_victims,
    }
    _put(request.out, write_ftm(done.entities))
    _put(
        request.out.with_name(f"{request.out.name}.losses.json"),
        (json.dumps(beside, indent=1, sort_keys=True) + "\n").encode(),
    )
    return ExportDone(entities=counts, losses=losses, held_back=done.held_back, set_aside=aside)


def _authorised(path: Path | None, at: datetime) -> None:
    if path is None:
        raise Refused(
            "data of possible victims leave only under an authority; name its file with --authority"
        )
    authority = read_authority(path)
    check(authority, law_book(), at=at, measure="disclose", material=VICTIMS)
    if VICTIMS not in authority.scope.material:
        raise Refused(
            f"{path}: the authority does not name `{VICTIMS}` in `scope.material`; "
            "without it possible victims stay out, leave --with-victims away"
        )


def _tables(request: ExportRequest) -> tuple[CaseTables, frozenset[str], int]:
    folder = CaseFolder(request.case).tables if request.case is not None else None
    if request.case is not None and not (folder and folder.is_dir()):
        raise Unreadable(f"{request.case}: no folder `tables` in it; is this a case?")
    aside = 0
    read: dict[str, Any] = {}
    for name, schema in (("items", ITEMS), ("identifiers", IDENTIFIERS), ("links", LINKS)):
        read[name] = _parquet(folder, name, schema)
    for name, reader, given, schema in (
        ("payments", read_payments, request.transactions, STATEMENT_ROWS),
        ("accounts", read_accounts, request.accounts, ACCOUNTS),
    ):
        path = given or _in(folder, "transactions" if name == "payments" else name)
        if path is None:
            read[name] = schema.empty_table()
            continue
        typed = reader(path)
        read[name], aside = typed.table, aside + len(typed.set_aside)
    alerts = request.alerts or _in(folder, "alerts", ".json")
    if not (alerts or request.protect or request.with_victims):
        raise Refused(
            "no alerts are given, so nobody can tell who may be a victim; name them with --alerts "
            "(`palermo money alerts` makes them), or people to hold back with --protect"
        )
    tables = CaseTables(
        **read,
        alerts=read_alerts(alerts) if alerts else (),
        assets=_assets(request.assets) if request.assets else (),
    )
    if not any(table.num_rows for table in read.values()) and not tables.assets:
        raise Unreadable("nothing to export; name a case folder or --transactions")
    return tables, read_victims(alerts) if alerts else frozenset(), aside


def _in(folder: Path | None, name: str, ending: str = ".parquet") -> Path | None:
    path = folder / f"{name}{ending}" if folder is not None else None
    return path if path is not None and path.is_file() else None


def _parquet(folder: Path | None, name: str, schema: pa.Schema) -> pa.Table:
    path = _in(folder, name)
    if path is None:
        return schema.empty_table()
    try:
        return pq.read_table(path).cast(schema)
    except (OSError, pa.ArrowInvalid, ValueError) as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise Unreadable(f"{path}: not the table `{name}` of a case ({first})") from None


def _assets(path: Path) -> tuple[Mapping[str, Any], ...]:
    try:
        raw = json.loads(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{path}: not JSON; expected a list of assets") from None
    listed = raw.get("assets") if isinstance(raw, dict) else raw
    if not isinstance(listed, list) or not all(
        isinstance(one, dict) and one.get("asset_id") for one in listed
    ):
        raise Unreadable(f"{path}: expected a list of assets, each with `asset_id`")
    return tuple(listed)


def _protected(path: Path | None) -> tuple[tuple[str, str], ...]:
    """Read values to hold back: `kind,value` lines. A line that is none stops the export."""
    if path is None:
        return ()
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise Unreadable(f"{path}: cannot be read as UTF-8 text; give its path") from None
    found = []
    for number, line in enumerate(lines, 1):
        kind, comma, value = line.partition(",")
        if not line.strip():
            continue
        if not comma or kind.strip() not in _KINDS or not value.strip():
            raise Unreadable(
                f"{path}, line {number}: expected a kind ({', '.join(_KINDS)}), a comma, a value; "
                "a line left out would let somebody's data go"
            )
        found.append((value.strip(), kind.strip()))
    return tuple(found)


def _put(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unreadable(f"{path}: cannot be written ({error.strerror})") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDone:
    """How many rows of each table, and what was kept beside them."""

    tables: Mapping[str, int]
    other: int
    set_aside: int
    secrets: int


def import_file(path: Path, out: Path) -> ImportDone:
    """Write a file of entities as tables into the folder `out`; what is in none, to other.jsonl.

    Raises:
        Unreadable: the file cannot be read.
    """
    read = import_entities(path)
    tables = {
        "accounts": read.accounts,
        "flows": read.flows,
        "advertisements": read.advertisements,
        "stated": read.stated,
        "links": read.links,
    }
    counts = {name: table.num_rows for name, table in tables.items()} | {
        "alerts": len(read.alerts),
        "assets": len(read.assets),
    }
    facts = {
        "tables": counts,
        "other": len(read.other),
        "secrets_not_taken_in": read.secrets,
        "set_aside": [asdict(one) for one in read.set_aside],
    }
    with staged_directory(out) as stage:
        for name, table in tables.items():
            pq.write_table(table, stage / f"{name}.parquet", compression="zstd")
        for name, value in (
            ("alerts", [asdict(one) for one in read.alerts]),
            ("assets", list(read.assets)),
            ("import", facts),
        ):
            text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
            (stage / f"{name}.json").write_text(text + "\n", "utf-8")
        (stage / "other.jsonl").write_bytes(write_ftm(read.other))
    return ImportDone(
        tables=counts, other=len(read.other), set_aside=len(read.set_aside), secrets=read.secrets
    )
