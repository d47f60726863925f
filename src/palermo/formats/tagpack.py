"""TagPacks: attribution tags of wallets, read and written.

Guarantees that every tag is read or set aside with its line and the reason; that what a tag takes
from the header is known as taken; and that what is read and written again is the same pack.

Source: the public description and schema of GraphSense TagPacks (header, property inheritance and
override, identity of a tag by address, label and source). Packs in use leave out `confidence` and
`network`, which the schema asks for, so they are not demanded here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from palermo.formats.typed_table import SetAside
from palermo.formats.yaml_lines import Entry, Value, plain, read_lines
from palermo.model import Unreadable
from palermo.model.screening import LISTED

_TEXTS = (
    "address",
    "tx_hash",
    "currency",
    "network",
    "label",
    "source",
    "confidence",
    "category",
    "abuse",
    "actor",
    "context",
    "lastmod",
    "created",
    "tag_type",
)
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}
#: One row a tag, with what it takes from the header. `other` is JSON of fields that are not known,
#: `line` where the tag begins.
TAGS = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in _TEXTS),
        pa.field("concepts", pa.list_(pa.string())),
        pa.field("is_cluster_definer", pa.bool_()),
        pa.field("other", pa.string()),
        pa.field("line", pa.int64(), nullable=False),
    ]
)
_NEEDED = ("label", "source", "currency")
_HEADER = frozenset({"title", "creator", "description", "owner", "is_public", "tags", "uri"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TagPack:
    """A pack. `header` holds all of the header but `tags`, as texts and lists."""

    header: Mapping[str, Any]
    tags: pa.Table
    set_aside: tuple[SetAside, ...] = ()

    @property
    def total(self) -> int:
        """How many tags stand in the file."""
        return int(self.tags.num_rows) + len(self.set_aside)


class _Unfit(Exception):
    """A tag that is none: the field, its value, the reason."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(field, value, reason)
        self.field, self.value, self.reason = field, value, reason


def read_tagpack(path: Path) -> TagPack:
    """Read the pack at `path`. A set-aside tag is named by its line.

    Raises:
        Unreadable: the file is no YAML, or has no title, creator or list of tags.
    """
    raw = read_lines(path)
    for name in ("title", "creator"):
        if not isinstance(raw.get(name), str) or not raw[name]:
            raise Unreadable(f"{path}: no `{name}`; every TagPack states it")
    tags = raw.get("tags")
    if not isinstance(tags, list):
        raise Unreadable(f"{path}: no list of `tags`; is this a TagPack?")
    header = {name: plain(value) for name, value in raw.items() if name != "tags"}
    inherited = {name: value for name, value in raw.items() if name not in _HEADER}
    rows, aside = [], []
    seen: dict[str, int] = {}
    for entry in tags:
        try:
            rows.append(_once(_tag(entry, inherited), seen))
        except _Unfit as unfit:
            aside.append(
                SetAside(
                    row=entry.line,
                    field=unfit.field,
                    value=unfit.value[:80],
                    reason=unfit.reason,
                )
            )
    return TagPack(
        header=header, tags=pa.Table.from_pylist(rows, schema=TAGS), set_aside=tuple(aside)
    )


def _once(row: dict[str, Any], seen: dict[str, int]) -> dict[str, Any]:
    """Return the tag, unless the very same one was there before."""
    same = json.dumps({**row, "line": 0}, sort_keys=True)
    if same in seen:
        reason = f"the same tag stands on line {seen[same]}"
        raise _Unfit("address", row["address"] or "", reason)
    seen[same] = row["line"]
    return row


def _tag(entry: Entry, inherited: Mapping[str, Value]) -> dict[str, Any]:
    if not isinstance(entry.value, dict):
        raise _Unfit("", str(plain(entry.value)), "expected lines of the form `key: value`")
    said = {**inherited, **entry.value}
    row: dict[str, Any] = dict.fromkeys(TAGS.names)
    row["line"] = entry.line
    other: dict[str, Any] = {}
    for name, value in said.items():
        if name in _TEXTS:
            if not isinstance(value, str):
                raise _Unfit(name, str(plain(value)), "expected a text")
            row[name] = value or None
        elif name == "concepts":
            row[name] = [str(one) for one in plain(value)] if isinstance(value, list) else [value]
        elif name == "is_cluster_definer":
            row[name] = _TRUTH.get(value.lower()) if isinstance(value, str) else None
            if row[name] is None:
                raise _Unfit(name, str(plain(value)), "expected true or false")
        else:
            other[name] = plain(value)
    row["other"] = json.dumps(other, ensure_ascii=False, sort_keys=True) if other else None
    if not row["address"] and not row["tx_hash"]:
        raise _Unfit("address", "", "has neither address nor tx_hash")
    for name in _NEEDED:
        if not row[name]:
            raise _Unfit(name, row["address"] or "", f"has no `{name}`, nor has the header")
    return row


def write_tagpack(pack: TagPack) -> bytes:
    """Write a pack; what a tag shares with the header stands in the header alone."""
    inherited = {name: value for name, value in pack.header.items() if name not in _HEADER}
    listed = [_said(row, inherited) for row in pack.tags.to_pylist()]
    document = {name: _typed(name, value) for name, value in pack.header.items()}
    document["tags"] = listed
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return text.encode("utf-8")


def _said(row: dict[str, Any], inherited: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: row[name] for name in (*_TEXTS, "concepts", "is_cluster_definer")}
    known |= json.loads(row["other"]) if row["other"] else {}
    said = {}
    for name, value in known.items():
        from_header = inherited.get(name)
        if name == "is_cluster_definer" and isinstance(from_header, str):
            from_header = _TRUTH.get(from_header.lower())
        if value is not None and value != from_header:
            said[name] = _typed(name, value)
    return said


class _Dumper(yaml.SafeDumper):
    """Writes plain values only, and never an alias."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the writer's own interface
        return True


def _typed(name: str, value: Any) -> Any:
    """Give days and truths the type that other readers expect."""
    if name in {"is_cluster_definer", "is_public"} and isinstance(value, str):
        return _TRUTH.get(value.lower(), value)
    if name in {"lastmod", "created"} and isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def listed(pack: TagPack, name: str) -> pa.Table:
    """Return the tags as entries of a list called `name` (LISTED); transactions are left out."""
    rows = []
    for tag in pack.tags.to_pylist():
        if not tag["address"]:
            continue
        topics = [tag["category"], tag["abuse"], *(tag["concepts"] or ())]
        rows.append(
            {
                "entity": f"{tag['currency']}:{tag['address']}",
                "list": name,
                "caption": tag["label"],
                "kind": "wallet",
                **{key: [] for key in ("names", "weak_names", "birth", "countries")},
                **{key: [] for key in ("phones", "emails", "accounts")},
                "wallets": [tag["address"]],
                "topics": list(dict.fromkeys(one for one in topics if one)),
                "source": tag["source"],
                "line": tag["line"],
            }
        )
    return pa.Table.from_pylist(rows, schema=LISTED)
