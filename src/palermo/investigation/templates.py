"""Builds the templates of chosen campaigns, and writes them for machines.

Identifiers are looked for in the members' whole texts, never in the pieces of a template, so that a
number of which a part is constant, or which lies in several slots, is found all the same.

A template is built from at most `MEMBERS` members spread evenly over the campaign, so that its cost
does not grow with the campaign, and the same members are taken on every run.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from palermo.analysis.campaigns import align, build_template, chance, false_links
from palermo.analysis.identifiers import extract
from palermo.model import SegmentRole, Template

MEMBERS = 60
#: Identifiers told of a template, the commonest first.
IDENTIFIERS = 20


@dataclass(frozen=True, slots=True)
class Stated:
    """An identifier that members of a campaign state, and where in the template it stands.

    `slots` are those that hold a part of it in any member, ascending; `constant` tells whether a
    part of it stands outside of slots. `members` of the different texts state it.
    """

    kind: str
    value: str
    slots: tuple[int, ...]
    constant: bool
    members: int


def spread(n: int, k: int) -> list[int]:
    """Return `k` indices spread evenly over range(n), the first and last among them.

    >>> spread(10, 4), spread(2, 4)
    ([0, 3, 6, 9], [0, 1])
    """
    if n <= k:
        return list(range(n))
    return [int(i) for i in np.linspace(0, n - 1, k)]


def build_templates(
    texts: pa.ChunkedArray, campaigns: pa.ChunkedArray, names: Collection[str]
) -> dict[str, Template]:
    """Build the templates of the campaigns `names`; both columns are in the order of the items."""
    chosen = _members(texts, campaigns, names)
    return {name: build_template(name, own) for name, own in chosen.items()}


def _members(
    texts: pa.ChunkedArray, campaigns: pa.ChunkedArray, names: Collection[str]
) -> dict[str, list[str]]:
    """Return the texts of at most `MEMBERS` members of each campaign."""
    members: dict[str, list[int]] = {name: [] for name in sorted(names)}
    for position, name in enumerate(campaigns.to_pylist()):
        if name in members:
            members[name].append(position)
    chosen = {name: [at[i] for i in spread(len(at), MEMBERS)] for name, at in members.items()}
    read = texts_at(texts, sorted({at for own in chosen.values() for at in own}))
    return {name: [read[position] for position in own] for name, own in chosen.items()}


def texts_at(texts: pa.ChunkedArray, positions: Sequence[int]) -> dict[int, str]:
    """Return the texts at `positions`, ascending. Only the chunks that hold them are touched."""
    found: dict[int, str] = {}
    wanted = np.array(positions, dtype=np.int64)
    first = 0
    for chunk in texts.chunks:
        begin, end = np.searchsorted(wanted, [first, first + len(chunk)])
        if end > begin:
            own = chunk.take(pa.array(wanted[begin:end] - first)).to_pylist()
            found.update(zip(positions[begin:end], own, strict=True))
        first += len(chunk)
    return found


def largest_templates(
    texts: pa.ChunkedArray, campaigns: pa.ChunkedArray, n: int
) -> dict[str, dict[str, Any]]:
    """Describe the templates of the `n` largest campaigns, largest first; columns as above.

    Each is as `template_json` writes it, with the identifiers that its members state.
    """
    counted = campaigns.value_counts()
    sizes = {
        row["values"]: row["counts"] for row in counted.to_pylist() if row["values"] is not None
    }
    names = sorted(sizes, key=lambda name: (-sizes[name], name))[:n]
    members = _members(texts, campaigns, names)
    built = {name: build_template(name, own) for name, own in members.items()}
    stated = stated_identifiers(built, members)
    return {name: template_json(built[name], stated[name]) for name in names}


def stated_identifiers(
    templates: Mapping[str, Template], members: Mapping[str, Sequence[str]]
) -> dict[str, list[Stated]]:
    """Return the identifiers that members of each campaign state, the commonest first."""
    texts = [(name, text) for name in templates for text in dict.fromkeys(members[name])]
    found: dict[str, dict[tuple[str, str], list[set[int | None]]]] = {n: {} for n in templates}
    for at, mentions in _mentions([text for _, text in texts]):
        name, text = texts[at]
        spans = list(_spans(templates[name], text))
        here: dict[tuple[str, str], set[int | None]] = defaultdict(set)
        for kind, value, first, last in mentions:
            here[kind, value].update(
                slot for begin, end, slot in spans if begin < last and end > first
            )
        for key, touched in here.items():
            found[name].setdefault(key, []).append(touched)
    return {name: _ranked(own) for name, own in found.items()}


def _mentions(texts: Sequence[str]) -> Iterator[tuple[int, list[tuple[str, str, int, int]]]]:
    """Yield the place of each text that states identifiers: (kind, value, first, end) of each."""
    batch = pa.record_batch({"id": [str(at) for at in range(len(texts))], "text": list(texts)})
    by_text: dict[int, list[tuple[str, str, int, int]]] = defaultdict(list)
    for rows in extract(iter([batch])):
        for row in rows.to_pylist():
            by_text[int(row["id"])].append((row["kind"], row["value"], row["start"], row["end"]))
    yield from by_text.items()


def _spans(template: Template, text: str) -> Iterator[tuple[int, int, int | None]]:
    """Yield the first and last place of each segment of a member, and its slot."""
    at = 0
    for segment in align(template, text):
        slot = segment.slot if segment.role is SegmentRole.SLOT else None
        yield at, at + len(segment.text), slot
        at += len(segment.text)


def _ranked(found: Mapping[tuple[str, str], Sequence[set[int | None]]]) -> list[Stated]:
    stated = [
        Stated(
            kind=kind,
            value=value,
            slots=tuple(sorted({slot for own in touched for slot in own if slot is not None})),
            constant=any(None in own for own in touched),
            members=len(touched),
        )
        for (kind, value), touched in found.items()
    ]
    return sorted(stated, key=lambda one: (-one.members, one.kind, one.value))[:IDENTIFIERS]


def template_json(template: Template, stated: Sequence[Stated] = ()) -> dict[str, Any]:
    """Return a template as plain JSON data, with the identifiers `stated` by its members."""
    data: dict[str, Any] = {
        "support": template.support,
        "different": template.different,
        "length": template.length,
        "compression": template.compression,
        "chance": {
            "false_links_per_million": false_links(template.length),
            "words": chance(template.length),
        },
        "parts": [
            {"text": part.text}
            if part.slot is None
            else {"slot": part.slot, "kind": part.kind, "fillers": list(part.fillers)}
            for part in template.parts
        ],
        "variations": [
            {
                "part": one.part,
                "at": one.at,
                "left_out": one.left_out,
                "put_in": list(one.put_in),
                "members": one.members,
            }
            for one in template.variations
        ],
    }
    if stated:
        data["identifiers"] = [
            {
                "kind": one.kind,
                "value": one.value,
                "slots": list(one.slots),
                "constant": one.constant,
                "members": one.members,
            }
            for one in stated
        ]
    return data
