"""Entity files of OpenSanctions and FollowTheMoney as lists to screen against.

Guarantees that each line is an entry, belongs to none (links between entities), or is set aside
with its number and the reason; that properties nobody here compares are counted, not lost in
silence; and that memory holds one line at a time besides the result.

Source: the public FollowTheMoney model (entities as JSON: id, schema, properties of lists) and the
files of OpenSanctions, whose `targets.nested.json` puts entities into properties.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from palermo.formats.typed_table import SetAside
from palermo.model import Unreadable
from palermo.model.screening import LISTED

MAX_LINE = 16 << 20

#: What kind of entry a schema is; the others are links, documents and the like.
KINDS = {
    "Person": "person",
    "LegalEntity": "other",
    "Organization": "organisation",
    "Company": "organisation",
    "PublicBody": "organisation",
    "CryptoWallet": "wallet",
    "BankAccount": "other",
    "UserAccount": "other",
    "Vessel": "other",
    "Airplane": "other",
    "Security": "other",
}
#: Our column for each property.
_PROPERTIES = {
    "name": "names",
    "alias": "names",
    "previousName": "names",
    "weakAlias": "weak_names",
    "abbreviation": "weak_names",
    "birthDate": "birth",
    "incorporationDate": "birth",
    "country": "countries",
    "nationality": "countries",
    "citizenship": "countries",
    "jurisdiction": "countries",
    "mainCountry": "countries",
    "birthCountry": "countries",
    "phone": "phones",
    "email": "emails",
    "iban": "accounts",
    "accountNumber": "accounts",
    "publicKey": "wallets",
    "cryptoAddress": "wallets",
    "topics": "topics",
}
_COLUMNS = tuple(dict.fromkeys(_PROPERTIES.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityList:
    """The entries of a file.

    `not_compared` counts lines by the schema that makes no entry, `unused` properties by name.
    """

    table: pa.Table
    set_aside: tuple[SetAside, ...]
    not_compared: Mapping[str, int]
    unused: Mapping[str, int]


def read_entities(path: Path) -> EntityList:
    """Read entities, one JSON object a line.

    Raises:
        Unreadable: the file cannot be read.
    """
    rows: list[dict[str, Any]] = []
    aside: list[SetAside] = []
    links: Counter[str] = Counter()
    unused: Counter[str] = Counter()
    for number, line in json_lines(path):
        entity, problem = _entity(line)
        if entity is None:
            aside.append(
                SetAside(
                    row=number,
                    field="",
                    value=line[:80].decode("utf-8", "replace"),
                    reason=problem,
                )
            )
        elif entity["schema"] not in KINDS:
            links[entity["schema"]] += 1
        else:
            rows.append(_row(entity, path.name, number, unused))
    return EntityList(
        table=pa.Table.from_pylist(rows, schema=LISTED),
        set_aside=tuple(aside),
        not_compared=dict(sorted(links.items())),
        unused=dict(sorted(unused.items())),
    )


def json_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each line that is not blank with its number from 1, bounded in length.

    A line that is too long is cut to one byte more than is allowed, so that it fails to be read.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                whole = len(line) <= MAX_LINE or line.endswith(b"\n")
                while not whole:
                    rest = file.readline(MAX_LINE)
                    whole = not rest or rest.endswith(b"\n")
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                if line.strip():
                    yield number, line
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror}); give its path") from None


def parse_line(line: bytes) -> dict[str, Any] | str:
    """Read one JSON object; else say what was expected."""
    if len(line) > MAX_LINE:
        return "expected an object, no longer than 16 MiB"
    try:
        raw = json.loads(line.decode("utf-8"))
        # Half a character, which JSON can escape, can be written nowhere.
        json.dumps(raw, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return "not JSON in UTF-8; expected one object a line"
    return raw if isinstance(raw, dict) else "expected an object, no longer than 16 MiB"


def _entity(line: bytes) -> tuple[dict[str, Any] | None, str]:
    raw = parse_line(line)
    if isinstance(raw, str):
        return None, raw
    for name, kind, words in (
        ("id", str, "a text"),
        ("schema", str, "a text"),
        ("properties", dict, "an object of lists"),
    ):
        if not isinstance(raw.get(name), kind) or (kind is str and not raw[name]):
            return None, f"no `{name}`; expected {words}"
    return raw, ""


def _row(entity: dict[str, Any], name: str, number: int, unused: Counter[str]) -> dict[str, Any]:
    found: dict[str, list[str]] = {column: [] for column in _COLUMNS}
    for key, values in entity["properties"].items():
        column = _PROPERTIES.get(key)
        if column is None:
            unused[key] += 1
            continue
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and value.strip():
                found[column].append(value.strip())
            else:  # an entity in place of a value, or no text
                unused[key] += 1
    found["countries"] = [one.upper() for one in found["countries"] if len(one) == 2]
    caption = entity.get("caption")
    return {
        "entity": entity["id"],
        "list": name,
        "caption": caption
        if isinstance(caption, str) and caption
        else next(iter(found["names"] or found["wallets"]), entity["id"]),
        "kind": KINDS[entity["schema"]],
        **{column: list(dict.fromkeys(values)) for column, values in found.items()},
        "source": next((one for one in entity.get("datasets") or () if isinstance(one, str)), None),
        "line": number,
    }
